package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// flipped returns an input: the states x, of which each unit is another with probability p
// in row n unless n is divisible by 4, where none is, or by 5, where all are.
func flipped(t *testing.T, r *rand.Rand, x []float32, columns int, p float64) []float32 {
	return input(t, len(x), func(i int) float32 {
		switch n := i / columns; {
		case n%4 == 0, n%5 != 0 && r.Float64() >= p:
			return x[i]
		}
		return 1 - x[i]
	})
}

func newChanges(t *testing.T, rows, columns int) Changes {
	room := func() Ones {
		return Ones{Columns: columns, Count: buffer[int32](t, rows), Index: buffer[int32](t, rows*columns)}
	}
	return Changes{room(), room()}
}

// changedSums is the changed field as the contract says it.
func changedSums(before, was, x, w, b []float32, rows, in, out int) []float32 {
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

func TestChangedField(t *testing.T) {
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
					from, to, room := listsOf(t, was, rows, in), listsOf(t, x, rows, in), newChanges(t, rows, in)
					want := changedSums(before, was, x, w, b, rows, in, out)

					z := buffer[float32](t, rows*out)
					s.ChangedField(z, before, from, to, room, panels, b, rows)
					wantBits(t, what, z, want)

					place := buffer[float32](t, rows*out)
					copy(place, before)
					s.ChangedField(place, place, from, to, room, panels, b, rows)
					wantBits(t, what+" in place", place, want)

					z = buffer[float32](t, rows*out)
					for n := 0; n < rows; n += 3 {
						s.ChangedField(z[n*out:], before[n*out:], from.From(n), to.From(n), room.From(n), panels, b, min(3, rows-n))
					}
					wantBits(t, what+" in parts", z, want)
				}
			}
		}
	})
}

// TestChangedFieldStaysNear goes through many changes and compares with the field of the
// last states: the roundings of all steps add up, and nothing else does.
func TestChangedFieldStaysNear(t *testing.T) {
	const rows, in, out, steps = 20, 130, 70, 50
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		w, b := normals(t, r, in*out), normals(t, r, out)
		panels := panelsOf(t, w, in, out)
		x := states(t, r, rows*in, 0.5)
		z := buffer[float32](t, rows*out)
		s.FieldOnes(z, listsOf(t, x, rows, in), panels, b, rows)

		// By element, the terms so far and their absolute sum, which bound the error:
		// every partial sum is at most the sum of all absolute terms.
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
		room := newChanges(t, rows, in)
		for range steps {
			was := x
			x = flipped(t, r, was, in, 0.1)
			s.ChangedField(z, z, listsOf(t, was, rows, in), listsOf(t, x, rows, in), room, panels, b, rows)
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
