package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestFieldOfStates: the field of values 0 and 1, and of states, has the bits of sumOfRows, as a whole, in parts that begin
// within rows, and in panels. The densities are on both sides of 1/16, up to which lists are not cut into tiles
// (field.h).
func TestFieldOfStates(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b := normals(t, r, in*out), normals(t, r, out)
			panels := panelsOf(t, w, in, out)
			for _, density := range []float64{0, 0.03, 0.13, 0.5, 1} {
				what := fmt.Sprintf("%s density %v", shapeName(shape), density)
				x := states(t, r, rows*in, density)
				want := sumOfRows(x, w, b, rows, in, out)

				for kind, from := range map[string]Input{"values": {Values: x}, "states": {States: statesOf(t, x, rows, in)}} {
					from.Weights, from.Bias, from.Room = panels, b, roomFor(t, rows, in)
					z := buffer[float32](t, rows*out)
					a := Activation{Rows: rows, Columns: out, Input: from, Field: ByRows(z, out)}
					s.Activate(a, 0, rows*out)
					wantBits(t, kind+" "+what, z, want)

					z = buffer[float32](t, rows*out)
					a.Field = ByRows(z, out)
					inParts(s, a, 3*out+7)
					wantBits(t, kind+" in parts "+what, z, want)

					packed := packedIn(t, make([]float32, rows*out), rows, out)
					a.Field = packed.Grid()
					inParts(s, a, 1001)
					wantPanels(t, kind+" in panels "+what, packed, want)
				}
			}
		}
	})
}

// TestFieldOfFarWeights: weights that no second-level cache holds (FAR in activate.h) are fetched ahead where their rows are
// used OFTEN, 8 times or more: at the density of 0.6 alone. At 0.2 they are read in tiles, and at 0.04 in one. The
// second shape has longer tiles, since it has more than 32 of 128 rows.
func TestFieldOfFarWeights(t *testing.T) {
	for _, shape := range [][3]int{{19, 2500, 1700}, {21, 4200, 1000}} {
		r := newRand()
		rows, in, out := shape[0], shape[1], shape[2]
		w, b := normals(t, r, in*out), normals(t, r, out)
		panels := panelsOf(t, w, in, out)
		for _, density := range []float64{0.04, 0.2, 0.6} {
			x := states(t, r, rows*in, density)
			want := sumOfRows(x, w, b, rows, in, out)
			t.Run(fmt.Sprintf("%s/density=%v", shapeName(shape), density), func(t *testing.T) {
				forEach(t, func(t *testing.T, s *Set) {
					z := buffer[float32](t, rows*out)
					from := Input{Weights: panels, Bias: b, Room: roomFor(t, rows, in), States: statesOf(t, x, rows, in)}
					a := Activation{Rows: rows, Columns: out, Input: from, Field: ByRows(z, out)}
					inParts(s, a, rows*out/3)
					wantBits(t, "field", z, want)
				})
			})
		}
	}
}

// sumOfRows computes the field of states by its definition: b + 0, then the rows of w in order.
func sumOfRows(x, w, b []float32, rows, in, out int) []float32 {
	z := make([]float32, rows*out)
	for n := range rows {
		for j := range out {
			sum := b[j] + 0
			for i := range in {
				if x[n*in+i] == 1 {
					sum += w[i*out+j]
				}
			}
			z[n*out+j] = sum
		}
	}
	return z
}

// TestFieldOfReals: the field of real values is within the bound of [Field], and has the same bits in parts.
func TestFieldOfReals(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b, x := normals(t, r, in*out), normals(t, r, out), normals(t, r, rows*in)
			panels := panelsOf(t, w, in, out)
			want, size := make([]float64, rows*out), make([]float64, rows*out)
			for n := range rows {
				for j := range out {
					sum, abs := float64(b[j]), math.Abs(float64(b[j]))
					for i := range in {
						p := float64(x[n*in+i]) * float64(w[i*out+j])
						sum, abs = sum+p, abs+math.Abs(p)
					}
					want[n*out+j], size[n*out+j] = sum, abs
				}
			}
			z, parts := buffer[float32](t, rows*out), buffer[float32](t, rows*out)
			a := Activation{Rows: rows, Columns: out, Input: Input{Weights: panels, Bias: b, Values: x}, Field: ByRows(z, out)}
			s.Activate(a, 0, rows*out)
			wantWithin(t, shapeName(shape), z, want, size, in+1)
			a.Field = ByRows(parts, out)
			inParts(s, a, 5*out+1)
			wantBits(t, "in parts "+shapeName(shape), parts, z)
		}
	})
}

// TestFieldHasNoNegativeZero: where the bias and all weights are -0, the field is +0, with all units off (row 0) and
// on (row 1).
func TestFieldHasNoNegativeZero(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	forEach(t, func(t *testing.T, s *Set) {
		const rows, in, out = 2, 3, 40
		negative := func(int) float32 { return negativeZero }
		w, b := input(t, in*out, negative), input(t, out, negative)
		x := input(t, rows*in, func(i int) float32 { return float32(i / in) })
		panels := panelsOf(t, w, in, out)
		for kind, from := range map[string]Input{"values": {Values: x}, "states": {States: statesOf(t, x, rows, in)}} {
			z := buffer[float32](t, rows*out)
			from.Weights, from.Bias, from.Room = panels, b, roomFor(t, rows, in)
			s.Activate(Activation{Rows: rows, Columns: out, Input: from, Field: ByRows(z, out)}, 0, rows*out)
			wantBits(t, kind, z, make([]float32, rows*out))
		}
	})
}

// flipped returns an input: the states x with changes. In row n each unit changes with
// probability p. If n is divisible by 4 none changes; if it is divisible by 5 alone all change.
func flipped(t *testing.T, r *rand.Rand, x []float32, columns int, p float64) []float32 {
	return input(t, len(x), func(i int) float32 {
		if n := i / columns; n%4 == 0 || n%5 != 0 && r.Float64() >= p {
			return x[i]
		}
		return 1 - x[i]
	})
}

// followingSums computes the field from the earlier one by its definition.
func followingSums(before, was, x, w, b []float32, rows, in, out int) []float32 {
	z := sumOfRows(x, w, b, rows, in, out)
	for n := range rows {
		ones, changes := 0, 0
		for i := range in {
			ones += int(x[n*in+i])
			changes += int(math.Abs(float64(x[n*in+i] - was[n*in+i])))
		}
		if 4*changes >= 3*ones {
			continue
		}
		for j := range out {
			sum := before[n*out+j]
			for i := range in {
				if x[n*in+i] > was[n*in+i] {
					sum += w[i*out+j]
				}
			}
			for i := range in {
				if x[n*in+i] < was[n*in+i] {
					sum -= w[i*out+j]
				}
			}
			z[n*out+j] = sum
		}
	}
	return z
}

// TestFollowingField: the field of states that follow earlier ones has the bits of followingSums, as a whole, in place
// in parts, and in panels. Few changes let a row follow, and many do not: with density 0.5 the limit is at 0.375.
func TestFollowingField(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b, before := normals(t, r, in*out), normals(t, r, out), normals(t, r, rows*out)
			panels := panelsOf(t, w, in, out)
			for _, density := range []float64{0.13, 0.5, 0.9} {
				for _, p := range []float64{0.02, 0.3, 0.7} {
					what := fmt.Sprintf("%s density %v changes %v", shapeName(shape), density, p)
					was := states(t, r, rows*in, density)
					x := flipped(t, r, was, in, p)
					want := followingSums(before, was, x, w, b, rows, in, out)
					z := buffer[float32](t, rows*out)
					a := Activation{Rows: rows, Columns: out, Field: ByRows(z, out), Input: Input{
						Weights: panels, Bias: b, States: statesOf(t, x, rows, in), Was: statesOf(t, was, rows, in),
						Before: ByRows(before, out), Room: roomFor(t, rows, in),
					}}
					s.Activate(a, 0, rows*out)
					wantBits(t, what, z, want)

					z = buffer[float32](t, rows*out)
					copy(z, before)
					a.Field, a.Input.Before = ByRows(z, out), ByRows(z, out)
					inParts(s, a, 3*out+5)
					wantBits(t, what+" in place, in parts", z, want)

					packed := packedIn(t, before, rows, out)
					a.Field, a.Input.Before = packed.Grid(), packed.Grid()
					s.Activate(a, 0, rows*out)
					wantPanels(t, what+" in panels", packed, want)
				}
			}
		}
	})
}

// TestFollowingFieldStaysNear changes states 50 times and compares the field with the one of the last states. The
// errors are the roundings of all changes and nothing else.
func TestFollowingFieldStaysNear(t *testing.T) {
	const rows, in, out, steps = 20, 130, 70, 50
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		w, b := normals(t, r, in*out), normals(t, r, out)
		panels := panelsOf(t, w, in, out)
		x := states(t, r, rows*in, 0.5)
		z := buffer[float32](t, rows*out)
		a := Activation{Rows: rows, Columns: out, Field: ByRows(z, out), Input: Input{
			Weights: panels, Bias: b, States: statesOf(t, x, rows, in), Room: roomFor(t, rows, in),
		}}
		s.Activate(a, 0, rows*out)

		// The error of an element is bounded by the number of terms so far, the bias, all inputs and
		// the changes, and by the sum of their absolute values, which no partial sum exceeds. (A row
		// that does not follow begins anew, with a smaller error.)
		terms := slices.Repeat([]int{in}, rows)
		size := make([]float64, rows*out)
		for n := range rows {
			for j := range out {
				size[n*out+j] = math.Abs(float64(b[j]))
				for i := range in {
					size[n*out+j] += float64(x[n*in+i]) * math.Abs(float64(w[i*out+j]))
				}
			}
		}
		a.Input.Before = a.Field
		for range steps {
			was := x
			x = flipped(t, r, was, in, 0.1)
			a.Input.Was, a.Input.States = a.Input.States, statesOf(t, x, rows, in)
			s.Activate(a, 0, rows*out)
			for n := range rows {
				for i := range in {
					if x[n*in+i] == was[n*in+i] {
						continue
					}
					terms[n]++
					for j := range out {
						size[n*out+j] += math.Abs(float64(w[i*out+j]))
					}
				}
			}
		}
		for n := range rows {
			exact := make([]float64, out)
			for j := range out {
				exact[j] = float64(b[j])
				for i := range in {
					exact[j] += float64(x[n*in+i]) * float64(w[i*out+j])
				}
			}
			wantWithin(t, fmt.Sprintf("row %d", n), z[n*out:(n+1)*out], exact, size[n*out:(n+1)*out], terms[n]+1)
		}
	})
}

// TestFieldOfNoUnits: the field given a layer without units is the bias.
func TestFieldOfNoUnits(t *testing.T) {
	const rows, columns = 3, 75
	forEach(t, func(t *testing.T, s *Set) {
		bias, z := normals(t, newRand(), columns), buffer[float32](t, rows*columns)
		s.Activate(Activation{
			Rows: rows, Columns: columns, Field: ByRows(z, columns),
			Input: Input{Weights: NewPanels(0, columns), Bias: bias, States: NewStates(rows, 0), Room: make([]int32, RoomFor(rows, 0))},
		}, 0, rows*columns)
		for n := range rows {
			wantBits(t, "field", z[n*columns:(n+1)*columns], bias)
		}
	})
}
