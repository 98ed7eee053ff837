package engine

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestChainsOfChangedFieldsAgree runs Markov chains whose fields are computed from earlier
// fields, on the tape and on the host. Each bit of readers lets another op read the visible
// fields, means or states of every step. Each chain makes three runs.
func TestChainsOfChangedFieldsAgree(t *testing.T) {
	const steps = 3
	for _, d := range [][3]int{ // B, V, H
		{5, 40, 40},    // few rows: the threads split each launch by elements (see byElements)
		{1100, 20, 20}, // the kernels list the active units of 512 rows at a time
		{1100, 9, 30},  // layers of different size, which cannot take turns in a buffer
	} {
		for readers := range 8 {
			t.Run(fmt.Sprintf("%v, readers %03b", d, readers), func(t *testing.T) {
				f := newFixture(t, d[0], d[1], d[2])
				w, a, b, clock := f.reals("w", 0.5, f.V, f.H), f.reals("a", 0.5, f.V), f.reals("b", 0.5, f.H), f.clock(0, 0, 0)
				h := f.states("h", f.B, f.H)
				chains := h
				var zv, zh *gorgonia.Node
				var keep []*gorgonia.Node
				for step := range uint32(steps) {
					if step == 0 {
						zv = NewVisibleField(h, w, a, nil)
					} else {
						zv = NewChangedField(h, zv)
					}
					pv := NewMean(zv, nil, Path{})
					v := NewSample(zv, clock, nil, Path{}, Draw{Stream: 1, Step: step})
					if step == 0 {
						zh = NewHiddenField(v, w, b, nil)
					} else {
						zh = NewChangedField(v, zh)
					}
					h = NewSample(zh, clock, nil, Path{}, Draw{Stream: 2, Step: step})
					for bit, n := range []*gorgonia.Node{zv, pv, v} {
						if readers>>bit&1 == 1 {
							keep = append(keep, NewMeans(n))
						}
					}
				}
				Assign(chains, h)
				Assign(clock, NewTick(clock))
				for threads := 1; threads <= 3; threads++ {
					f.agree(threads, 3, nil, keep...)
				}
			})
		}
	}
}

// TestChangedFieldsRunInPlace: a chain of any length, here 10 steps, needs buffers for the fields of one step and the
// states of two steps of each layer, and one launch for each layer and step.
func TestChangedFieldsRunInPlace(t *testing.T) {
	const steps = 10
	f := newFixture(t, 3, 5, 4)
	w, a, b, clock := f.reals("w", 1, f.V, f.H), f.reals("a", 1, f.V), f.reals("b", 1, f.H), f.clock(0, 0, 0)
	h := f.states("h", f.B, f.H)
	zv := NewVisibleField(h, w, a, nil)
	var zh *gorgonia.Node
	for step := range uint32(steps) {
		v := NewSample(zv, clock, nil, Path{}, Draw{Stream: 1, Step: step})
		if step == 0 {
			zh = NewHiddenField(v, w, b, nil)
		} else {
			zh = NewChangedField(v, zh)
		}
		h = NewSample(zh, clock, nil, Path{}, Draw{Stream: 2, Step: step})
		if step < steps-1 {
			zv = NewChangedField(h, zv)
		}
	}
	plan, err := Compile(f.graph, f.state(openHostFor(t, 1)), h)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(plan.launches), 2*steps; got != want {
		t.Errorf("got %d launches, want %d", got, want)
	}
	used := map[Buffer]bool{}
	for _, l := range plan.launches {
		a := l.op.(*activation)
		used[a.z], used[a.mean], used[a.state] = true, true, true
	}
	// Per layer: the fields, and the present and preceding states.
	delete(used, nil) // no mean is computed
	if got, want := len(used), 6; got != want {
		t.Errorf("%d buffers, want %d", got, want)
	}
}
