package kernels

import (
	"fmt"
	"math"
	"testing"
)

func TestFieldOfStates(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, in, out := shape[0], shape[1], shape[2]
			w, b := normals(t, r, in*out), normals(t, r, out)
			panels := panelsOf(t, w, in, out)
			for _, density := range []float64{0, 0.13, 0.5, 1} {
				what := fmt.Sprintf("%s density %v", shapeName(shape), density)
				x := states(t, r, rows*in, density)
				lists := listsOf(t, x, rows, in)
				want := sumOfRows(x, w, b, rows, in, out)

				z := buffer[float32](t, rows*out)
				s.Field(z, x, panels, b, rows)
				wantBits(t, "Field "+what, z, want)

				z = buffer[float32](t, rows*out)
				s.FieldOnes(z, lists, panels, b, rows)
				wantBits(t, "FieldOnes "+what, z, want)

				z = buffer[float32](t, rows*out)
				for n := 0; n < rows; n += 3 {
					s.FieldOnes(z[n*out:], lists.From(n), panels, b, min(3, rows-n))
				}
				wantBits(t, "FieldOnes in parts "+what, z, want)
			}
		}
	})
}

// sumOfRows is the field of states as the contract says it: b + 0, then the rows
// of w in order.
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
			s.Field(z, x, panels, b, rows)
			wantWithin(t, shapeName(shape), z, want, size, in+1)
			for n := 0; n < rows; n += 5 {
				s.Field(parts[n*out:], x[n*in:], panels, b, min(5, rows-n))
			}
			wantBits(t, "in parts "+shapeName(shape), parts, z)
		}
	})
}

func TestFieldHasNoNegativeZero(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	forEach(t, func(t *testing.T, s *Set) {
		const rows, in, out = 2, 3, 40
		zeros := func(int) float32 { return negativeZero }
		w, b := input(t, in*out, zeros), input(t, out, zeros)
		x := input(t, rows*in, func(i int) float32 { return float32(i / in) })
		panels := panelsOf(t, w, in, out)
		z := buffer[float32](t, rows*out)
		s.Field(z, x, panels, b, rows)
		wantBits(t, "Field", z, make([]float32, rows*out))
		s.FieldOnes(z, listsOf(t, x, rows, in), panels, b, rows)
		wantBits(t, "FieldOnes", z, make([]float32, rows*out))
	})
}
