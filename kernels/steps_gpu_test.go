//go:build gpu

package kernels

import (
	"fmt"
	"slices"
	"testing"
)

// TestStepsParity: the steps of one launch leave the bits of their definitions one after the
// other, though some work in place, and read or write what an earlier one writes or reads. The rates are 9 at position 0,
// which no step may read, and at position 1 the rate, and the momentum or, for Adam, epsilon.
func TestStepsParity(t *testing.T) {
	gpu := openGPU(t)
	for _, sizes := range [][2]int{{1, 1}, {33, 7}, {1025, 2100}} {
		p := parity{T: t, gpu: gpu, random: newRand()}
		size, others := sizes[0], sizes[1]
		vector := func() []float32 { return slices.Clone(normals(t, p.random, size)) } // to be changed
		w, m, g, data, chains := vector(), vector(), vector(), normals(t, p.random, 2*size), normals(t, p.random, 2*size)
		squares, offset, difference := make([]float32, size), vector(), vector()
		otherDifference, otherOffset := normals(t, p.random, others), normals(t, p.random, others)
		onW, onM, onG, onS, onOffset := p.put(w), p.put(m), p.put(g), p.put(squares), p.put(offset)
		onData, onChains, onDifference := p.put(data), p.put(chains), p.put(difference)
		rates, clock, faults := p.put([]float32{9, 9, 0.125, 0.9}), p.clock(41, 1, 6), p.none()

		BiasGradient(difference, difference, data, chains, offset, otherDifference, otherOffset)
		ascent := Ascent{Next: m, Keep: m, Weights: w, Gradient: difference, Scale: 0.9, Rate: 0.125, L1: 0.01, L2: 0.1}
		Ascend(ascent, 0, 1, size)
		Add(w, w, m, 0, size)
		Moment(squares, squares, m, 0.75, true, 0, size)
		Adam(w, w, m, squares, 0.125, 0.9, 0, size)
		Nesterov(g, w, m, g, 0.9, 0, size)
		Blend(offset, offset, data, chains, 0.3)

		steps := []Step{
			{Op: StepBiasGradient, Out: onDifference, Size: size, Others: others,
				In: []Address{onDifference, onData, onChains, onOffset, p.put(otherDifference), p.put(otherOffset)}},
			{Op: StepAscend, Out: onM, In: []Address{onM, onW, onDifference, rates, clock}, Flagged: true, A: 0.01, B: 0.1, Site: 2},
			{Op: StepAdd, Out: onW, In: []Address{onW, onM}, Site: 3},
			{Op: StepMoment, Out: onS, In: []Address{onS, onM}, A: 0.75, Flagged: true},
			{Op: StepAdam, Out: onW, In: []Address{onW, onM, onS, rates, clock}, Site: 3},
			{Op: StepNesterov, Out: onG, In: []Address{onW, onM, onG, rates, clock}, Site: 4},
			{Op: StepBlend, Out: onOffset, In: []Address{onOffset, onData, onChains}, A: 0.3},
			{Op: StepTick, Out: clock, In: []Address{clock}, Size: ClockSize},
		}
		for i := range steps {
			steps[i].Wait = i > 0
			if s := &steps[i]; s.Op != StepBiasGradient && s.Op != StepTick {
				s.Size = size
			}
		}
		table := bytesOnGPU(t, gpu, make([]byte, StepsRoom(len(steps))))
		p.done(gpu.Upload(table, StepsTable(table, steps)))
		p.done(gpu.Steps(table, len(steps), faults))
		what := fmt.Sprint(sizes, ": ")
		p.wantBits(what+"bias gradient", onDifference, difference)
		p.wantBits(what+"velocity", onM, m)
		p.wantBits(what+"average", onS, squares)
		p.wantBits(what+"parameter", onW, w)
		p.wantBits(what+"accelerated parameter", onG, g)
		p.wantBits(what+"offset", onOffset, offset)
		got := make([]int32, ClockSize)
		p.done(gpu.Download(Bytes(got), clock))
		if want := []int32{42, 2, 6}; !slices.Equal(got, want) {
			t.Errorf("%sclock: got %v, want %v", what, got, want)
		}
		if f, ok := p.fault(faults); ok {
			t.Errorf("%sgot a fault %+v, want none", what, f)
		}
	}
}

// TestStepsFault: a bad element is recorded with its site and update, and stops the parameters of
// later updates.
func TestStepsFault(t *testing.T) {
	p := parity{T: t, gpu: openGPU(t), random: newRand()}
	zero, large := []float32{0, 0, 0}, float32(1e38) // large times the rate 100 is infinite
	w, g, rates := p.put(zero), p.put([]float32{1, large, large}), p.put([]float32{100, 0})
	clock, faults := p.clock(7, 0, 0), p.none()
	steps := []Step{{Op: StepAscend, Out: w, In: []Address{w, w, g, rates, clock}, Size: 3, Site: 5}}
	table := bytesOnGPU(t, p.gpu, make([]byte, StepsRoom(1)))
	p.done(p.gpu.Upload(table, StepsTable(table, steps)))
	p.done(p.gpu.Steps(table, 1, faults))
	if f, ok := p.fault(faults); !ok || f != (Fault{Update: 7, Site: 5, Index: 1}) {
		t.Errorf("got fault %+v, %v, want update 7, site 5, index 1", f, ok)
	}
	after := fromGPU(t, p.gpu, make([]float32, 3), w)
	p.done(p.gpu.Upload(clock, Bytes([]int32{8, 0, 0})))
	p.done(p.gpu.Steps(table, 1, faults))
	p.wantBits("the parameter after its fault", w, after)
	if !panics(func() { StepsTable(table, make([]Step, StepsAtMost+1)) }) {
		t.Error("too many steps: got no panic")
	}
}
