//go:build gpu

package engine

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestHalvesOfReplays: a recorded plan takes the half that an earlier run has left of a variable, and a
// new one after anything else has written the variable.
func TestHalvesOfReplays(t *testing.T) {
	d := openCUDAFor(t, "bf16").(*cuda)
	const rows, visible, hidden = 5, 7, 3
	s := NewState(d)
	done := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	x, w := make([]float32, rows*visible), make([]float32, visible*hidden)
	states := func(every int) []float32 {
		for i := range x {
			x[i] = float32(1 - min(1, i%every))
		}
		return x
	}
	for i := range w {
		w[i] = float32(i%9) / 8
	}
	done(s.Define("x", states(2), rows, visible))
	done(s.Define("w", w, visible, hidden))
	done(s.Define("b", make([]float32, hidden), hidden))
	g := gorgonia.NewGraph()
	input := func(name string, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	z := NewReducedField(input("x", rows, visible), input("w", visible, hidden), input("b", hidden), nil, false)
	p, err := Compile(g, s, z)
	done(err)
	for run, every := range []int{2, 2, 2, 3, 3, 4} {
		if run > 0 {
			done(s.Set("x", states(every)))
		}
		if run == 4 {
			for i := range w {
				w[i]++
			}
			done(s.Set("w", w))
		}
		done(p.Run())
		got, want := make([]float32, rows*hidden), make([]float32, rows*hidden)
		done(p.Read(z, got))
		for n := range rows {
			for j := range hidden {
				for i := range visible {
					want[n*hidden+j] += x[n*visible+i] * w[i*hidden+j] // multiples of 1/8, exact in any order
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("run %d: got %v, want %v", run, got, want)
		}
	}
	if p.parts == nil {
		t.Fatal("the plan was not recorded")
	}
	before := d.Counts().Calls
	done(p.Run())
	if calls := d.Counts().Calls - before; calls != 1 {
		t.Errorf("a run with halves that are there: got %d calls, want 1", calls)
	}
}
