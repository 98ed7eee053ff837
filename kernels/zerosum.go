package kernels

// Side names a layer of a matrix (V, H) of weights: the visible one, whose columns are the rows of the
// matrix, or the hidden one.
type Side int

// The sides of a matrix of weights.
const (
	VisibleSide Side = iota
	HiddenSide
)

// ZeroSum makes the weights of each unit of several columns sum to zero, for each line lo ≤ j < hi of
// the other side. For visible units, which are rows of w (rows, columns), it is
//
//	for each unit of several columns, which are the rows from ≤ i < to {
//		m := Σ_i w[i,j] / (to - from)    // i rising
//		for i := from; i < to; i++ {
//			next[i,j] = w[i,j] - m
//		}
//	}
//
// with the mean and the difference in float64, and the mirror image for hidden units. Weights of units
// of one column stay as they are. next may be w. Every implementation returns the same bits. ZeroSum
// panics if a slice is shorter than its shape.
func ZeroSum(next, w []float32, units Units, side Side, lo, hi, rows, columns int) {
	checkZeroSum(w, units, side, hi, rows, columns)
	if len(next) < rows*columns {
		panic("kernels: zero sum: a slice is shorter than its shape")
	}
	along, across := strides(side, columns)
	for _, g := range units.groups(side.Of(rows, columns)) {
		width := g.Kind.Width()
		for from := g.From; from < g.To; from += width {
			for j := lo; j < hi; j++ {
				at := from*along + j*across
				if !g.Kind.Several() {
					next[at] = w[at]
					continue
				}
				mean := meanOf(w[at:], along, width)
				for a := range width {
					next[at+a*along] = float32(float64(w[at+a*along]) - mean)
				}
			}
		}
	}
}

// ZeroSumShift adds to the biases of one layer the means that ZeroSum subtracts from the weights of
// the units of the other one. It is, for lo ≤ j < hi,
//
//	next[j] = bias[j] + Σ_n m[n,j]
//
// where m[n,j] is the mean of unit n, and 0 for a unit of one column. n numbers the units that do not have
// real states. The sum is in float64: unit n joins part n%16 of sixteen parts, in rising
// order, and the parts are added up in halves. next may be bias. Every implementation returns the same
// bits. ZeroSumShift panics if a slice is shorter than its shape.
func ZeroSumShift(next, bias, w []float32, units Units, side Side, lo, hi, rows, columns int) {
	checkZeroSum(w, units, side, hi, rows, columns)
	if others := rows + columns - side.Of(rows, columns); len(next) < others || len(bias) < others {
		panic("kernels: zero sum: a slice is shorter than its shape")
	}
	along, across := strides(side, columns)
	const tile = 16 // lines at a time: for visible units, a cache line of weights
	for first := lo; first < hi; first += tile {
		var part [tile][16]float64
		count := min(tile, hi-first)
		n := 0
		for _, g := range units {
			width := g.Kind.Width()
			for from := g.From; from < g.To && !g.Kind.Real(); from += width {
				for k := 0; k < count && g.Kind.Several(); k++ {
					part[k][n%16] += meanOf(w[from*along+(first+k)*across:], along, width)
				}
				n++
			}
		}
		for k := range count {
			next[first+k] = float32(float64(bias[first+k]) + fold(&part[k]))
		}
	}
}

// meanOf returns the mean of `count` numbers of w that are stride apart.
func meanOf(w []float32, stride, count int) float64 {
	var sum float64
	for a := range count {
		sum += float64(w[a*stride])
	}
	return sum / float64(count)
}

// strides returns how far apart in a matrix are neighbouring columns of a side, and neighbouring lines of
// the other side.
func strides(side Side, columns int) (along, across int) {
	if side == VisibleSide {
		return columns, 1
	}
	return 1, columns
}

// Of returns the number of columns of the layer on a side of a matrix.
func (side Side) Of(rows, columns int) int {
	if side == VisibleSide {
		return rows
	}
	return columns
}

func checkZeroSum(w []float32, units Units, side Side, hi, rows, columns int) {
	if len(w) < rows*columns {
		panic("kernels: zero sum: a slice is shorter than its shape")
	}
	layer := side.Of(rows, columns)
	if hi > rows+columns-layer {
		panic("kernels: zero sum: the range ends beyond the matrix")
	}
	units.check(layer)
}
