package kernels

// The elements of a clock, which holds the progress of a run.
const (
	ClockUpdate   = 0 // updates, or annealing steps, since the start
	ClockPosition = 1 // updates since the host set the clock: selects the batch of the order and the row of the rates
	ClockEpoch    = 2 // passes over the data set
	ClockSize     = 3
)

// Tick writes the clock after one update to out: update and position rise by one. out may be clock.
// Tick panics if a slice is shorter than a clock.
func Tick(out, clock []int32) {
	if len(out) < ClockSize || len(clock) < ClockSize {
		panic("kernels: tick: a slice is shorter than a clock")
	}
	out[ClockUpdate] = clock[ClockUpdate] + 1
	out[ClockPosition] = clock[ClockPosition] + 1
	out[ClockEpoch] = clock[ClockEpoch]
}

// Clamp fixes units at given values. It is
//
//	for i := range out {
//		out[i] = x[i] if pattern[i] is NaN, else pattern[i]
//	}
//
// with all slices as long as out, or longer. out may be x. Clamp panics if a slice is shorter
// than out.
func Clamp(out, x, pattern []float32) {
	if len(x) < len(out) || len(pattern) < len(out) {
		panic("kernels: clamp: a slice is shorter than the result")
	}
	for i := range out {
		if fixed := pattern[i]; fixed == fixed {
			out[i] = fixed
		} else {
			out[i] = x[i]
		}
	}
}

// Difference writes the plain gradient of a bias, the difference of two means. It is
//
//	for j := range out {
//		out[j] = data[j] - chains[j]
//	}
//
// with all slices as long as out, or longer. out may be data or chains. Difference panics if a
// slice is shorter than out.
func Difference(out, data, chains []float32) {
	if len(data) < len(out) || len(chains) < len(out) {
		panic("kernels: difference: a slice is shorter than the result")
	}
	for j := range out {
		out[j] = data[j] - chains[j]
	}
}

// Blend moves offsets towards the means of the data and of the chains. It is
//
//	for j := range out {
//		out[j] = offset[j] + rate*(½*(data[j]+chains[j]) - offset[j])
//	}
//
// with all slices as long as out, or longer. out may be offset. Every implementation returns the
// same bits. Blend panics if a slice is shorter than out.
func Blend(out, offset, data, chains []float32, rate float32) {
	if len(offset) < len(out) || len(data) < len(out) || len(chains) < len(out) {
		panic("kernels: blend: a slice is shorter than the result")
	}
	for j := range out {
		c := offset[j]
		mean := 0.5 * (data[j] + chains[j])
		out[j] = c + float32(rate*(mean-c))
	}
}

// BiasGradient corrects the plain gradient of a bias for the centering of the weights. It is
//
//	for i := range out {
//		out[i] = difference[i] - ((data[size+i] - chains[size+i]) - offset[i]*(δ·κ))
//	}
//
// in float64, with out, difference and offset (size). data and chains (2, size) hold the plain
// means and, in the second row, the means weighted by the [CenteredDot] of the other layer. δ is
// otherDifference and κ is otherOffset, both of the other layer, and δ·κ is their [Dot]. out may be
// difference or offset. Every implementation returns the same bits. BiasGradient panics if a slice is
// shorter than its shape.
func BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset []float32) {
	size := len(out)
	if len(difference) < size || len(data) < 2*size || len(chains) < 2*size || len(offset) < size {
		panic("kernels: bias gradient: a slice is shorter than its shape")
	}
	product := Dot(otherDifference, otherOffset)
	for i := range out {
		correction := float64(data[size+i]) - float64(chains[size+i]) - float64(float64(offset[i])*product)
		out[i] = float32(float64(difference[i]) - correction)
	}
}
