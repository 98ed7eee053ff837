package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestGradientOfStates: where the visible states are 0 and 1, the gradient has the bits of sums in the order of the
// rows, whether a phase stores the states as floats or as bits, in one call and in calls of 37 visible units.
func TestGradientOfStates(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, visible, hidden := shape[0]+1, shape[1], shape[2]
			chains := rows/2 + 1
			vd, pd := states(t, r, rows*visible, 0.2), means(t, r, rows*hidden)
			vm, pm := states(t, r, chains*visible, 0.6), means(t, r, chains*hidden)
			of := chains * (1 + hidden%3) // the chains may be a part of all
			want := make([]float32, visible*hidden)
			for i := range visible {
				for j := range hidden {
					var d, m float32
					for n := range rows {
						if vd[n*visible+i] == 1 {
							d += pd[n*hidden+j]
						}
					}
					for n := range chains {
						if vm[n*visible+i] == 1 {
							m += pm[n*hidden+j]
						}
					}
					want[i*hidden+j] = float32(d*(1/float32(rows))) - float32(m*(1/float32(of)))
				}
			}
			data, model := panelsOf(t, pd, rows, hidden), panelsOf(t, pm, chains, hidden)
			dense := [2]Phase{{Rows: rows, Visible: vd, Hidden: data}, {Rows: chains, Of: of, Visible: vm, Hidden: model}}
			drawn := [2]Phase{
				phaseOf(t, vd, data, rows, visible),
				phaseOf(t, vm, model, chains, visible),
			}
			drawn[1].Of = of
			for i, pair := range [][2]Phase{dense, drawn, {dense[0], drawn[1]}, {drawn[0], dense[1]}} {
				what := fmt.Sprintf("%s pair %d", shapeName(shape), i)
				g := buffer[float32](t, visible*hidden)
				s.Gradient(g, pair[0], pair[1], 0, visible, visible, hidden)
				wantBits(t, what, g, want)

				g = buffer[float32](t, visible*hidden)
				for lo := 0; lo < visible; lo += 37 {
					s.Gradient(g, pair[0], pair[1], lo, min(lo+37, visible), visible, hidden)
				}
				wantBits(t, "in parts "+what, g, want)
			}
		}
	})
}

// TestGradientOfReals: for real visible states the gradient is within the rounding errors of a sum in float64, and it
// has the same bits in one call and in calls of 29 visible units. The bound of [Gradient] is for float32. In float64
// the product of two numbers is exact; a term has one rounding in the division, and one in each addition of a term,
// up to rows+chains.
func TestGradientOfReals(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, visible, hidden := shape[0]+1, shape[1], shape[2]
			chains := rows/2 + 1
			p := [2][]float32{means(t, r, rows*hidden), means(t, r, chains*hidden)}
			phases := [2]Phase{
				{Rows: rows, Visible: normals(t, r, rows*visible), Hidden: panelsOf(t, p[0], rows, hidden)},
				{Rows: chains, Visible: normals(t, r, chains*visible), Hidden: panelsOf(t, p[1], chains, hidden)},
			}
			want, bound := make([]float64, visible*hidden), make([]float64, visible*hidden)
			for k, phase := range phases {
				sign, u := float64(1-2*k), gamma(phase.Rows+3, 0x1p-24)+gamma(rows+chains, 0x1p-53)
				for n := range phase.Rows {
					for i := range visible {
						for j := range hidden {
							product := float64(phase.Visible[n*visible+i]) * float64(p[k][n*hidden+j]) / float64(phase.Rows)
							want[i*hidden+j] += sign * product
							bound[i*hidden+j] += u * math.Abs(product)
						}
					}
				}
			}
			g, parts := buffer[float32](t, visible*hidden), buffer[float32](t, visible*hidden)
			s.Gradient(g, phases[0], phases[1], 0, visible, visible, hidden)
			for i := range want {
				if !(math.Abs(float64(g[i])-want[i]) <= bound[i]) {
					t.Fatalf("%s: element %d: got %v, want %v within %g", shapeName(shape), i, g[i], want[i], bound[i])
				}
			}
			for lo := 0; lo < visible; lo += 29 {
				s.Gradient(parts, phases[0], phases[1], lo, min(lo+29, visible), visible, hidden)
			}
			wantBits(t, "in parts "+shapeName(shape), parts, g)
		}
	})
}
