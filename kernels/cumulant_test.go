package kernels

import (
	"math"
	"testing"
)

// TestCumulantSum: the sum over a row of Softplus(βz) has the bits of sixteen partial sums in float64, of every
// sixteenth column each, added up by sumOfHalves. The deviation of 30 is chosen: some fields are beyond the clamp at ±87.
func TestCumulantSum(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range shapes {
			rows, columns := shape[0], shape[2]
			z := input(t, rows*columns, func(int) float32 { return float32(30 * r.NormFloat64()) })
			for _, beta := range []float32{1, 0.37, 0} {
				want := make([]float64, rows)
				for n := range want {
					var part [16]float64
					for j := range columns {
						part[j%16] += float64(Softplus(float32(beta * z[n*columns+j])))
					}
					want[n] = sumOfHalves(part)
				}
				f := buffer[float64](t, rows)
				s.CumulantSum(f, ByRows(z, columns), nil, beta, rows, columns)
				wantBits64(t, shapeName(shape), f, want)
			}
		}
		for _, z := range extremes() {
			f := make([]float64, 1)
			s.CumulantSum(f, ByRows([]float32{z}, 1), nil, 1, 1, 1)
			wantBits64(t, "extreme", f, []float64{float64(Softplus(z))})
		}
	})
}

// sumOfHalves adds up sixteen partial sums in halves: from 16 to 8 to 4 to 2 to 1.
func sumOfHalves(part [16]float64) float64 {
	var eight [8]float64
	for l := range eight {
		eight[l] = part[l] + part[l+8]
	}
	return ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]))
}

// TestFreeEnergy compares with -aᵀv - Σ log(1+e^z). The relative error of a softplus term is at
// most 2⁻²⁰, and all sums are in float64.
func TestFreeEnergy(t *testing.T) {
	r := newRand()
	for _, shape := range shapes {
		rows, visible, hidden := min(shape[0], 20), shape[1], shape[2] // at most 20 rows, since each is computed alone
		v, a, z := means(t, r, rows*visible), normals(t, r, visible), normals(t, r, rows*hidden)
		got := buffer[float64](t, rows)
		FreeEnergy(got, v, a, z, nil, rows, visible, hidden)
		for n := range rows {
			var want, size float64
			for i, x := range v[n*visible : (n+1)*visible] {
				want -= float64(a[i]) * float64(x)
				size += math.Abs(float64(a[i]))
			}
			for _, x := range z[n*hidden : (n+1)*hidden] {
				want -= softplus64(float64(x))
				size += softplus64(float64(x))
			}
			if bound := size * 0x1p-20; math.Abs(got[n]-want) > bound {
				t.Errorf("%s, row %d: got %v, want %v ± %.3g", shapeName(shape), n, got[n], want, bound)
			}
		}
		if rows > 0 && !panics(func() { FreeEnergy(got[1:], v, a, z, nil, rows, visible, hidden) }) {
			t.Error("a short result: got no panic")
		}
	}
}
