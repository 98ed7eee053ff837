package kernels

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// sweepShapes are (rows, columns): nothing, one, a width of vectors and one more, and more than a panel.
var sweepShapes = [][2]int{{0, 3}, {2, 0}, {1, 1}, {3, 16}, {2, 17}, {2, 65}, {3, 70}}

// couplings returns symmetric eighths (n, n), 0 within a unit.
func couplings(t *testing.T, r *rand.Rand, u Units, n int) []float32 {
	x := slices.Clone(eighths(t, r, n*n))
	for i := range n {
		k, first := u.At(i)
		for j := range n {
			if x[j*n+i] = x[i*n+j]; j >= first && j < first+k.Width() {
				x[i*n+j], x[j*n+i] = 0, 0
			}
		}
	}
	return x
}

// randomStates returns states of units, each of a unit's states with the same probability.
func randomStates(t *testing.T, r *rand.Rand, u Units, rows, columns int) States {
	s := newStates(t, rows, columns)
	s.Units = u
	Sample(s, make([]float32, rows*columns), u, Model, Draw{Seed: r.Uint64()}, rows, columns)
	return s
}

// randomSweep returns a sweep of a shape. The fields and couplings are eighths. Variant 0 is in the model,
// variant 1 on a path, and variant 2 goes backward at a higher temperature and leaves some units as they are.
func randomSweep(t *testing.T, r *rand.Rand, u Units, rows, columns, variant int) Sweep {
	s := Sweep{
		Rows: rows, Columns: columns, Units: u, States: randomStates(t, r, u, rows, columns),
		Field: eighths(t, r, rows*columns), Lateral: couplings(t, r, u, columns), Path: Model,
		Draw: Draw{Seed: 7, Stream: 3, Update: 5, Step: 2, Row: 11}, Room: buffer[float32](t, RoomForSweep(columns)),
	}
	switch variant {
	case 1:
		s.Path = Path{Betas: means(t, r, rows), Base: normals(t, r, columns)}
	case 2:
		s.Free, s.Backward = states(t, r, rows*columns, 0.6), true
		s.Path = Path{Beta: 0.5}
	}
	return s
}

// TestSweepRows: a sweep draws each unit as Sample does from fields that are computed anew after each unit. The
// fields are exact, so the states are the same.
func TestSweepRows(t *testing.T) {
	r := newRand()
	for _, shape := range sweepShapes {
		rows, columns := shape[0], shape[1]
		for _, u := range groupings(r, columns) {
			for variant := range 3 {
				s := randomSweep(t, r, u, rows, columns, variant)
				got := s
				got.States = States{Columns: columns, Units: u, Stride: rows, Bits: slices.Clone(s.States.Bits)}
				ones := SweepRows(got, 0, rows)
				want := sweptByHand(s)
				what := fmt.Sprintf("%v of %v, variant %d", shape, u, variant)
				if !slices.Equal(got.States.Bits, want.Bits) || ones != want.Count(rows) {
					t.Fatalf("%s: got %x with %d ones, want %x with %d", what, got.States.Bits, ones, want.Bits, want.Count(rows))
				}
			}
		}
	}
}

// sweptByHand returns the states after a sweep, by a draw of the whole layer for each unit.
func sweptByHand(s Sweep) States {
	x := make([]float32, s.Rows*s.Columns)
	s.States.Unpack(x, s.Rows)
	before := slices.Clone(x)
	for place := range s.Units.Count(s.Columns) {
		if s.Backward {
			place = s.Units.Count(s.Columns) - 1 - place
		}
		k, i := s.Units.unit(place)
		z := slices.Clone(s.Field)
		for n := range s.Rows {
			for j := range s.Columns {
				for c := range s.Columns {
					z[n*s.Columns+j] += (x[n*s.Columns+c] - before[n*s.Columns+c]) * s.Lateral[c*s.Columns+j]
				}
			}
		}
		drawn := NewStates(s.Rows, s.Columns)
		drawn.Units = s.Units
		Sample(drawn, z, s.Units, s.Path, s.Draw, s.Rows, s.Columns)
		y := make([]float32, len(x))
		drawn.Unpack(y, s.Rows)
		for n := range s.Rows {
			if at := n*s.Columns + i; s.Free == nil || s.Free[at] != 0 {
				copy(x[at:at+k.Width()], y[at:])
			}
		}
	}
	after := NewStates(s.Rows, s.Columns)
	after.Units = s.Units
	after.Pack(x, s.Rows)
	return after
}

// TestSweepImplementations: every implementation, in parts of two rows, returns the bits of the definition as a
// whole, also where sums of couplings are rounded.
func TestSweepImplementations(t *testing.T) {
	forEach(t, func(t *testing.T, set *Set) {
		r := newRand()
		for _, shape := range sweepShapes {
			rows, columns := shape[0], shape[1]
			for _, u := range groupings(r, columns) {
				for variant := range 3 {
					s := randomSweep(t, r, u, rows, columns, variant)
					for i := range s.Lateral {
						s.Lateral[i] *= 1.1 // no longer an eighth
					}
					want := s
					want.States = States{Columns: columns, Units: u, Stride: rows, Bits: slices.Clone(s.States.Bits)}
					count := SweepRows(want, 0, rows)
					ones := 0
					for n := 0; n < rows; n += 2 {
						ones += set.SweepRows(s, n, min(n+2, rows))
					}
					if !slices.Equal(s.States.Bits, want.States.Bits) || ones != count {
						t.Fatalf("%v of %v, variant %d: got %x with %d ones, want %x with %d",
							shape, u, variant, s.States.Bits, ones, want.States.Bits, count)
					}
				}
			}
		}
	})
}

// TestSweepChecks: a slice that is too short, and a range that is too long, panic with a message of this package.
func TestSweepChecks(t *testing.T) {
	const rows, columns = 3, 5
	forEach(t, func(t *testing.T, set *Set) {
		for what, spoil := range map[string]func(s *Sweep){
			"":        func(*Sweep) {}, // whole
			"fields":  func(s *Sweep) { s.Field = s.Field[1:] },
			"lateral": func(s *Sweep) { s.Lateral = s.Lateral[1:] },
			"free":    func(s *Sweep) { s.Free = s.Free[1:] },
			"room":    func(s *Sweep) { s.Room = s.Room[1:] },
			"base":    func(s *Sweep) { s.Path.Base = s.Path.Base[1:] },
			"betas":   func(s *Sweep) { s.Path.Betas = s.Path.Betas[1:] },
			"states":  func(s *Sweep) { s.States.Bits = s.States.Bits[1:] },
			"units":   func(s *Sweep) { s.Units = Units{{Spin, 0, 4}} },
			"rows":    func(s *Sweep) { s.Rows-- },
		} {
			s := Sweep{
				Rows: rows, Columns: columns, States: NewStates(rows, columns), Field: make([]float32, rows*columns),
				Lateral: make([]float32, columns*columns), Free: make([]float32, rows*columns),
				Path: Path{Betas: make([]float32, rows), Base: make([]float32, columns)}, Room: make([]float32, RoomForSweep(columns)),
			}
			spoil(&s)
			if got := panics(func() { set.SweepRows(s, 0, rows) }); got != (what != "") {
				t.Errorf("a spoiled %q: got a panic %v, want %v", what, got, what != "")
			}
		}
	})
}
