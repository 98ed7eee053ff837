package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAscend: an ascent has the bits of the formula with and without penalties and centering, also in place in parts.
func TestAscend(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns := shape[1], shape[2]
			size := rows * columns
			center := Center{
				VisibleOffset: means(t, r, rows), HiddenOffset: means(t, r, columns),
				VisibleDifference: normals(t, r, rows), HiddenDifference: normals(t, r, columns),
			}
			keep, g := normals(t, r, size), normals(t, r, size)
			w := input(t, size, func(i int) float32 { return float32(i%3) * float32(r.NormFloat64()) }) // a third is 0
			for _, a := range []Ascent{
				{Keep: w, Scale: 1, Weights: w, Gradient: g, Rate: 0.05},
				{Keep: keep, Scale: 0.9, Weights: w, Gradient: g, Rate: 0.05, L1: 1e-3, L2: 2e-4, Center: center},
				{Keep: w, Scale: 1, Weights: w, Gradient: g, Rate: 1, L2: 0.1, Center: center},
			} {
				want := make([]float32, size)
				for at := range want {
					i, j := at/columns, at%columns
					c := a.Gradient[at]
					if a.Center.VisibleOffset != nil {
						c -= float32(center.VisibleOffset[i]*center.HiddenDifference[j]) +
							float32(center.VisibleDifference[i]*center.HiddenOffset[j])
					}
					c = (c - float32(a.L2*a.Weights[at])) - float32(a.L1*sign(a.Weights[at]))
					want[at] = float32(a.Scale*a.Keep[at]) + float32(a.Rate*c)
				}
				what := fmt.Sprintf("%s scale %v rate %v", shapeName(shape), a.Scale, a.Rate)
				a.Next = buffer[float32](t, size)
				if bad := s.Ascend(a, 0, rows, columns); bad != -1 {
					t.Errorf("%s: got bad index %d, want -1", what, bad)
				}
				wantBits(t, what, a.Next, want)

				a.Next = buffer[float32](t, size)
				copy(a.Next, a.Keep)
				a.Keep = a.Next
				for lo := 0; lo < rows; lo += 11 {
					s.Ascend(a, lo, min(lo+11, rows), columns)
				}
				wantBits(t, "in place, in parts "+what, a.Next, want)
			}
		}
	})
}

// TestUpdate: an update, in place and in parts of 270 rows, has the bits of the gradient followed by the ascent along it.
func TestUpdate(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, visible, hidden := shape[0]+1, shape[1], shape[2]
			data, chains := randomPhase(t, r, rows, visible, hidden, 0.1), randomPhase(t, r, rows, visible, hidden, 0.6)
			center := Center{
				VisibleOffset: means(t, r, visible), HiddenOffset: means(t, r, hidden),
				VisibleDifference: normals(t, r, visible), HiddenDifference: normals(t, r, hidden),
			}
			for _, a := range []Ascent{
				{Scale: 1, Rate: 0.05},
				{Scale: 0.9, Rate: 0.05, L1: 1e-3, L2: 2e-4, Center: center},
			} {
				size := visible * hidden
				a.Keep, a.Weights = normals(t, r, size), normals(t, r, size)
				a.Gradient, a.Next = make([]float32, size), make([]float32, size)
				Gradient(a.Gradient, data, chains, 0, visible, visible, hidden)
				Ascend(a, 0, visible, hidden)
				want := a.Next

				a.Gradient, a.Next = nil, buffer[float32](t, size)
				copy(a.Next, a.Keep)
				a.Keep = a.Next
				for lo := 0; lo < visible; lo += 270 {
					if bad := s.Update(a, data, chains, lo, min(lo+270, visible), visible, hidden); bad != -1 {
						t.Errorf("%s: got bad index %d, want -1", shapeName(shape), bad)
					}
				}
				wantBits(t, "in place, in parts "+shapeName(shape), a.Next, want)
			}
		}
	})
}

// TestUpdatePanels: an update in panels, in parts of 30001 elements, has the bits of the update in place of a matrix and
// of its transpose, along a gradient that is computed on the way or given.
func TestUpdatePanels(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, visible, hidden := shape[0]+1, shape[1], shape[2]
			data, chains := randomPhase(t, r, rows, visible, hidden, 0.1), randomPhase(t, r, rows, visible, hidden, 0.6)
			a := Ascent{Scale: 0.9, Rate: 0.05, L1: 1e-3, L2: 2e-4, Center: Center{
				VisibleOffset: means(t, r, visible), HiddenOffset: means(t, r, hidden),
				VisibleDifference: normals(t, r, visible), HiddenDifference: normals(t, r, hidden),
			}}
			before := normals(t, r, visible*hidden)
			want := slices.Clone(before)
			a.Next, a.Keep, a.Weights = want, want, want
			Update(a, data, chains, 0, visible, visible, hidden)

			a.Next, a.Keep, a.Weights = nil, nil, nil
			for _, both := range []bool{false, true} {
				w, turned := packedIn(t, before, visible, hidden), Panels{}
				if both {
					turned = packedIn(t, make([]float32, hidden*visible), hidden, visible)
				}
				for lo, size := 0, visible*hidden; lo < size; lo += 30001 {
					if bad := s.UpdatePanels(w, turned, a, data, chains, lo, min(lo+30001, size)); bad != -1 {
						t.Errorf("%s: got bad index %d, want -1", shapeName(shape), bad)
					}
				}
				wantPanels(t, "panels "+shapeName(shape), w, want)
				if both {
					wantPanels(t, "turned panels "+shapeName(shape), turned, transposeOf(want, visible, hidden))
				}

				given := a
				given.Gradient = buffer[float32](t, visible*hidden)
				Gradient(given.Gradient, data, chains, 0, visible, visible, hidden)
				w = packedIn(t, before, visible, hidden)
				clear(turned.Data)
				for lo, size := 0, visible*hidden; lo < size; lo += 30001 {
					if bad := s.UpdatePanels(w, turned, given, Phase{}, Phase{}, lo, min(lo+30001, size)); bad != -1 {
						t.Errorf("%s, along a given gradient: got bad index %d, want -1", shapeName(shape), bad)
					}
				}
				wantPanels(t, "panels along a given gradient "+shapeName(shape), w, want)
				if both {
					wantPanels(t, "turned panels along a given gradient "+shapeName(shape), turned, transposeOf(want, visible, hidden))
				}
			}
		}
	})
}

// randomPhase returns a phase of states with the given density of ones.
func randomPhase(t *testing.T, r *rand.Rand, rows, visible, hidden int, density float64) Phase {
	v := states(t, r, rows*visible, density)
	return phaseOf(t, v, panelsOf(t, means(t, r, rows*hidden), rows, hidden), rows, visible)
}

// packedIn returns a matrix in panels, which may be written.
func packedIn(t *testing.T, matrix []float32, rows, columns int) Panels {
	p := Panels{Rows: rows, Columns: columns}
	p.Data = buffer[float32](t, p.size())
	clear(p.Data)
	Pack(p, matrix, 0, rows)
	return p
}

// TestUpdateFindsTheFirstBadIndex: of a NaN and an Inf in the next weights, the lower index is returned.
func TestUpdateFindsTheFirstBadIndex(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		const visible, hidden = 5, 130
		phase := Phase{Rows: 1, Visible: make([]float32, visible), Hidden: NewPanels(1, hidden)}
		for _, at := range []int{0, 129, 2*hidden + 70, 4 * hidden} {
			keep := make([]float32, visible*hidden)
			keep[at], keep[visible*hidden-130] = float32(math.NaN()), float32(math.Inf(1))
			a := Ascent{Next: make([]float32, len(keep)), Keep: keep, Scale: 1, Weights: make([]float32, len(keep)), Rate: 1}
			if got := s.Update(a, phase, phase, 0, visible, visible, hidden); got != at {
				t.Errorf("NaN at %d: got %d", at, got)
			}
			if got := s.UpdatePanels(packedIn(t, keep, visible, hidden), Panels{}, a, phase, phase, 0, len(keep)); got != at {
				t.Errorf("NaN in panels at %d: got %d", at, got)
			}
		}
	})
}

// TestSign: the L1 penalty takes the sign of a weight, 0 for both zeros and ±1 also for subnormal numbers.
func TestSign(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	forEach(t, func(t *testing.T, s *Set) {
		w := []float32{2, -3, 0, negativeZero, 1e-40, -1e-40}
		next, zero := make([]float32, len(w)), make([]float32, len(w))
		s.Ascend(Ascent{Next: next, Keep: zero, Weights: w, Gradient: zero, Rate: -1, L1: 1}, 0, 1, len(w))
		wantBits(t, "Ascend", next, []float32{1, -1, 0, 0, 1, -1})
	})
}

// TestAscendFindsTheFirstBadIndex: of a bad gradient and a later Inf in Keep, the lower index is returned.
func TestAscendFindsTheFirstBadIndex(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	forEach(t, func(t *testing.T, s *Set) {
		for _, columns := range []int{1, 15, 16, 17, 100} {
			const rows = 9
			size := rows * columns
			for _, bad := range []float32{inf, -inf, nan} {
				for _, at := range []int{0, 1, size / 2, size - 1} {
					keep, g := make([]float32, size), make([]float32, size)
					g[at], keep[size-1] = bad, inf
					a := Ascent{Next: make([]float32, size), Keep: keep, Scale: 1, Weights: make([]float32, size), Gradient: g, Rate: 1}
					if got := s.Ascend(a, 0, rows, columns); got != at {
						t.Errorf("%d columns: %v at %d: got %d", columns, bad, at, got)
					}
				}
			}
		}
	})
}

// TestAdd: a sum in place, in two calls, has the bits of x + y.
func TestAdd(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, size := range []int{0, 1, 15, 16, 17, 1000} {
			x, y := normals(t, r, size), normals(t, r, size)
			z, want := buffer[float32](t, size), make([]float32, size)
			for i := range want {
				want[i] = x[i] + y[i]
			}
			copy(z, x)
			for _, part := range [][2]int{{0, size / 3}, {size / 3, size}} {
				if bad := s.Add(z, z, y, part[0], part[1]); bad != -1 {
					t.Errorf("%d numbers, %v: got bad index %d, want -1", size, part, bad)
				}
			}
			wantBits(t, "in place, in parts", z, want)
		}
	})
}

// TestAddFindsTheFirstBadIndex: of an overflow and a later NaN, the lower index from the start of the range is returned.
func TestAddFindsTheFirstBadIndex(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		const size = 100
		for _, at := range []int{7, 8, 40, 98, 99} {
			x, z := make([]float32, size), make([]float32, size)
			x[at], x[size-1] = math.MaxFloat32, float32(math.NaN())
			x[3] = float32(math.Inf(1)) // before the first that is added
			if got := s.Add(z, x, x, 7, size); got != at {
				t.Errorf("bad number at %d: got %d", at, got)
			}
		}
	})
}
