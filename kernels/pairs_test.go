package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestPairEnergies compares with sums of exact products in float64, in the order of the columns. Each of the two
// results rounds a value at most columns+2 times: in the additions of the products, in the product with the
// scale, and in the difference. 2⁻⁵² is twice the unit roundoff, for both results, and columns+3 covers what
// is of second order.
func TestPairEnergies(t *testing.T) {
	r := newRand()
	const rows = 5 // as many as there are scales
	for _, columns := range []int{0, 1, 17, 130} {
		v, y := normals(t, r, rows*columns), normals(t, r, rows*columns)
		before := input(t, rows, func(int) float64 { return r.NormFloat64() })
		for _, scales := range [][]float64{{-1}, {1, -2, 0.5, 0, 3}} {
			out := buffer[float64](t, rows)
			PairEnergies(out, before, scales, v, y, rows, columns)
			for n := range rows {
				sum, size := 0.0, 0.0
				for j := n * columns; j < (n+1)*columns; j++ {
					sum += float64(v[j]) * float64(y[j])
					size += math.Abs(float64(v[j]) * float64(y[j]))
				}
				scale := scales[n%len(scales)]
				want := before[n] - scale/2*sum
				bound := float64(columns+3) * 0x1p-52 * (math.Abs(before[n]) + math.Abs(scale)/2*size)
				if !(math.Abs(out[n]-want) <= bound) {
					t.Errorf("%d columns, row %d: got %v, want %v ± %.3g", columns, n, out[n], want, bound)
				}
			}
		}
	}
}

// TestPairGradient: with data and chains of one row each, the means of pairs are the products of two states.
// So the centered gradient is the difference of products of centered states. It is symmetric to the bit and 0 within
// a unit. PairShift is compared with the sum that defines it.
func TestPairGradient(t *testing.T) {
	r := newRand()
	const n = 20
	for _, u := range groupings(r, n) {
		what := fmt.Sprint(u)
		d, c, offset := normals(t, r, n), normals(t, r, n), normals(t, r, n)
		difference := input(t, n, func(i int) float32 { return d[i] - c[i] })
		g := input(t, n*n, func(at int) float32 { return d[at/n]*d[at%n] - c[at/n]*c[at%n] })
		for _, centered := range []bool{false, true} {
			out := buffer[float32](t, n*n)
			if centered {
				PairGradient(out, g, offset, difference, u, 0, n, n)
			} else {
				PairGradient(out, g, nil, nil, u, 0, n, n)
			}
			for i := range n {
				k, first := u.At(i)
				for j := range n {
					mi, mj := 0.0, 0.0
					if centered {
						mi, mj = float64(offset[i]), float64(offset[j])
					}
					want := (float64(d[i])-mi)*(float64(d[j])-mj) - (float64(c[i])-mi)*(float64(c[j])-mj)
					if j >= first && j < first+k.Width() {
						want = 0
					}
					// The numbers are below 6. A result has at most 12 roundings, each of a sum of up to four
					// products, which is below 4·6² < 150.
					got, bound := out[i*n+j], 12*150*0x1p-24
					if want == 0 {
						bound = 0
					}
					if !(math.Abs(float64(got)-want) <= bound) {
						t.Fatalf("%s, centered %v: %d,%d is %v, want %v ± %.3g", what, centered, i, j, got, want, bound)
					}
					if got != out[j*n+i] {
						t.Fatalf("%s, centered %v: %d,%d is %v, and %d,%d is %v, want the same", what, centered, i, j, got, j, i, out[j*n+i])
					}
				}
			}
			shifted := buffer[float32](t, n)
			PairShift(shifted, d, out, offset, 0, n, n)
			for j := range n {
				want, size := float64(d[j]), math.Abs(float64(d[j]))
				for i := range n {
					product := float64(out[i*n+j]) * float64(offset[i])
					want -= product
					size += math.Abs(product)
				}
				// One rounding to float32, and the n additions of each of the two sums in float64.
				if bound := 0x1p-24*math.Abs(want) + (n+1)*0x1p-52*size; math.Abs(float64(shifted[j])-want) > bound {
					t.Errorf("%s: shift %d is %v, want %v ± %.3g", what, j, shifted[j], want, bound)
				}
			}
		}
	}
}

// TestPairsCheck: a slice that is too short and a range of rows or units that does not fit panic.
func TestPairsCheck(t *testing.T) {
	x, short := make([]float32, 9), make([]float32, 8)
	f := make([]float64, 3)
	for what, call := range map[string]func(){
		"energies, v":       func() { PairEnergies(f, f, f[:1], short, x, 3, 3) },
		"energies, y":       func() { PairEnergies(f, f, f[:1], x, short, 3, 3) },
		"energies, scales":  func() { PairEnergies(f, f, f[:2], x, x, 3, 3) },
		"energies, out":     func() { PairEnergies(f[:2], f, f, x, x, 3, 3) },
		"gradient, g":       func() { PairGradient(x, short, nil, nil, nil, 0, 3, 3) },
		"gradient, offset":  func() { PairGradient(x, x, x[:2], x, nil, 0, 3, 3) },
		"gradient, columns": func() { PairGradient(x, x, nil, nil, Units{{Spin, 0, 2}}, 0, 3, 3) },
		"gradient, rows":    func() { PairGradient(x, x, nil, nil, nil, 0, 4, 3) },
		"shift, g":          func() { PairShift(x, x, short, x, 0, 3, 3) },
		"shift, offset":     func() { PairShift(x, x, x, x[:2], 0, 3, 3) },
	} {
		if !panics(call) {
			t.Errorf("%s: no panic", what)
		}
	}
}
