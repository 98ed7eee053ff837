package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestPairEnergies: sums in float64 of exact products, within the rounding of the sum.
func TestPairEnergies(t *testing.T) {
	r := newRand()
	const rows = 5
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
				if e := math.Abs(out[n] - (before[n] - scale/2*sum)); e > float64(columns+3)*0x1p-52*(math.Abs(before[n])+math.Abs(scale)*size) {
					t.Errorf("%d columns, row %d: got %v, off by %v", columns, n, out[n], e)
				}
			}
		}
	}
}

// TestPairGradient: the centered means of pairs of random states, with the data and chains of one row each,
// are the products of centered states; the result is symmetric to the bit and 0 within a unit.
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
					// At most 12 roundings of sums of up to four products, with sizes below 150, of normal numbers below 6.
					if got := float64(out[i*n+j]); math.Abs(got-want) > 12*150*0x1p-24 || out[i*n+j] != out[j*n+i] || want == 0 && got != 0 {
						t.Fatalf("%s, centered %v: %d,%d is %v and %v, want %v", what, centered, i, j, got, out[j*n+i], want)
					}
				}
			}
			shifted := buffer[float32](t, n)
			PairShift(shifted, d, out, offset, 0, n, n)
			for j := range n {
				want := float64(d[j])
				for i := range n {
					want -= float64(out[i*n+j]) * float64(offset[i])
				}
				if math.Abs(float64(shifted[j])-want) > 0x1p-23*math.Abs(want)+1e-12 { // 1e-12 for the roundings in float64
					t.Errorf("%s: shift %d is %v, want %v", what, j, shifted[j], want)
				}
			}
		}
	}
}

// TestPairsCheck: a slice that is too short is found.
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
