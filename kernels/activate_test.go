package kernels

import (
	"fmt"
	"testing"
)

// TestActivate: a layer in one go, by elements, by rows and in panels is what field, mean and
// draw are one after the other, whatever is kept on the way.
func TestActivate(t *testing.T) {
	d := Draw{Seed: 3, Stream: 9, Update: 4, Step: 1, Row: 7}
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b, base, betas := normals(t, r, in*out), normals(t, r, out), normals(t, r, out), means(t, r, rows)
			weights, x := panelsOf(t, w, in, out), states(t, r, rows*in, 0.3)
			z, p := sumOfRows(x, w, b, rows, in, out), make([]float32, rows*out)
			temper := Temper{Betas: betas, Base: base}
			Mean(p, z, temper, rows, out)
			drawn := drawnWith(p, d, rows, out)

			whole := Layer{
				Rows: rows, Columns: out, Temper: temper, Draw: d,
				Input: Input{Weights: weights, Bias: b, States: statesOf(t, x, rows, in), Room: roomFor(t, rows, in)},
			}
			for _, kept := range []string{"nothing", "means", "fields", "both"} {
				for _, split := range []int{0, 1, 64, 1003, -3} {
					what := fmt.Sprintf("%s keeping %s, pieces of %d", shapeName(shape), kept, split)
					l := whole
					l.States = newStates(t, rows, out)
					fields, probabilities := packedIn(t, make([]float32, rows*out), rows, out), buffer[float32](t, rows*out)
					if kept == "fields" || kept == "both" {
						l.Field = fields.Grid()
					}
					if kept == "means" || kept == "both" {
						l.Mean = ByRows(probabilities, out)
					}
					ones := 0
					switch {
					case split == 0:
						ones = s.Activate(l, 0, rows*out)
					case split > 0:
						ones = inParts(s, l, split*(1+rows*out/5000))
					default:
						for n := 0; n < rows; n -= split {
							part := l.Part(n, min(n-split, rows))
							ones += s.Activate(part, 0, part.Rows*out)
						}
					}
					wantCount(t, what, ones, drawn)
					wantStates(t, what, l.States, drawn, rows, out)
					if l.Field.Data != nil {
						wantPanels(t, "fields "+what, fields, z)
					}
					if l.Mean.Data != nil {
						wantBits(t, "means "+what, probabilities, p)
					}
				}
			}
		}
	})
}
