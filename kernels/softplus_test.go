package kernels

import "testing"

func TestSoftplusSum(t *testing.T) {
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
				s.SoftplusSum(f, ByRows(z, columns), beta, rows, columns)
				wantBits64(t, shapeName(shape), f, want)
			}
		}
		for _, z := range extremes() {
			f := make([]float64, 1)
			s.SoftplusSum(f, ByRows([]float32{z}, 1), 1, 1, 1)
			wantBits64(t, "extreme", f, []float64{float64(Softplus(z))})
		}
	})
}

// sumOfHalves folds sixteen partial sums: 16 to 8 to 4 to 2 to 1.
func sumOfHalves(part [16]float64) float64 {
	var eight [8]float64
	for l := range eight {
		eight[l] = part[l] + part[l+8]
	}
	return ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]))
}
