package engine

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestPartsDrawWhatTheBatchDraws: the rows of a batch have the same values, random numbers included,
// on every device, whether the batch is one or is cut into parts.
func TestPartsDrawWhatTheBatchDraws(t *testing.T) {
	const rows, cut = 7, 3 // two parts of different sizes
	for name, build := range map[string]func(f *fixture, first, size int) *gorgonia.Node{
		"rows": func(f *fixture, first, size int) *gorgonia.Node {
			data := make([]uint8, 4*rows*f.V)
			for i := range data {
				data[i] = uint8(f.random.IntN(256))
			}
			order := make([]int32, 4*rows)
			Shuffle(order, 3, 1, 0)
			return NewRows(f.variable("data", data, 4*rows, f.V), f.variable("order", order, 4*rows), f.clock(5, 2, 1),
				Rows{First: first, Size: size, Batch: rows, Binarize: Dynamic, Units: f.visible, Seed: 11, Stream: 4})
		},
		"sample": func(f *fixture, first, size int) *gorgonia.Node {
			z := NewPart(f.reals("z", 1, rows, f.V), Part{From: first, Size: size, Blocks: 1})
			return NewSample(z, f.clock(9, 0, 0), f.visible, Path{}, Draw{Seed: 7, Stream: 3, Row: uint32(first)})
		},
		"sweep": func(f *fixture, first, size int) *gorgonia.Node {
			part := func(x *gorgonia.Node) *gorgonia.Node {
				return NewPart(x, Part{From: first, Size: size, Blocks: 1})
			}
			clock := f.clock(9, 0, 0)
			v := part(NewSample(f.reals("z", 1, rows, f.V), clock, f.visible, Path{}, Draw{Seed: 8}))
			return NewSweep(v, part(f.reals("y", 1, rows, f.V)), f.reals("c", 0.1, f.V, f.V), clock, nil, Path{},
				Sweep{Units: f.visible, Draw: Draw{Seed: 7, Stream: 3, Row: uint32(first)}})
		},
		"toss": func(f *fixture, first, size int) *gorgonia.Node {
			p := NewPart(f.means("p", rows, f.V), Part{From: first, Size: size, Blocks: 1})
			return NewToss(p, f.clock(9, 0, 0), Draw{Seed: 7, Stream: 3, Row: uint32(first)})
		},
	} {
		for on, device := range devices(t) {
			for _, mixed := range []bool{false, true} {
				draw := func(first, size int) []float32 {
					f := newFixture(t, rows, 70, 5)
					if mixed {
						f.visible = mixedUnits(f.random, f.V)
					}
					n := build(f, first, size)
					plan, err := Compile(f.graph, f.state(device), n)
					if err == nil {
						err = plan.Run()
					}
					if err != nil {
						t.Fatal(err)
					}
					return read(t, plan, n).([]float32)
				}
				what := fmt.Sprintf("%s: %s, units of all kinds %v", on, name, mixed)
				all := draw(0, rows)
				if first, second := draw(0, cut), draw(cut, rows-cut); !slices.Equal(slices.Concat(first, second), all) {
					t.Errorf("%s: rows 0 to %d and %d to %d differ from the whole batch", what, cut-1, cut, rows-1)
				}
				if start := all[:len(all)*(rows-cut)/rows]; slices.Equal(start, all[len(all)-len(start):]) {
					t.Errorf("%s: the first and the last rows are equal, so that equal parts show nothing", what)
				}
			}
		}
	}
}
