package kernels

import (
	"math"
	"slices"
	"testing"
)

// TestZeroSum compares with means whose terms are divided first and added in falling order, for units on both sides
// of a matrix, in two parts and in place. The layer has 40 columns, in units of five, or of all kinds of
// units. A result is rounded to float32 once. In float64 a mean of k columns has k roundings on each side of the
// comparison, and the sum of a bias and of a number for each of at most 17 units 17 more.
func TestZeroSum(t *testing.T) {
	five, two := wide(categorical, 5), wide(categorical, 2)
	for _, units := range []Units{
		{{five, 0, 40}},
		{{Bernoulli, 0, 3}, {five, 3, 18}, {Gaussian, 18, 20}, {two, 20, 38}, {Spin, 38, 40}},
	} {
		for _, side := range []Side{VisibleSide, HiddenSide} {
			const others = 37
			rows, columns := 40, others
			if side == HiddenSide {
				rows, columns = others, 40
			}
			at := func(i, j int) int {
				if side == HiddenSide {
					i, j = j, i
				}
				return i*columns + j
			}
			w, bias := normals(t, newRand(), rows*columns), normals(t, newRand(), others)
			next, shifted := make([]float32, len(w)), make([]float32, others)
			ZeroSum(next, w, units, side, 0, 20, rows, columns)
			ZeroSum(next, w, units, side, 20, others, rows, columns)
			ZeroSumShift(shifted, bias, w, units, side, 0, 19, rows, columns)
			ZeroSumShift(shifted, bias, w, units, side, 19, others, rows, columns)
			for j := range others {
				want, size := float64(bias[j]), math.Abs(float64(bias[j]))
				for i := range 40 {
					k, first := units.At(i)
					mean, meanSize := 0.0, 0.0
					for a := k.Width() - 1; a >= 0 && k.Several(); a-- {
						term := float64(w[at(first+a, j)]) / float64(k.Width())
						mean += term
						meanSize += math.Abs(term)
					}
					if i == first {
						want, size = want+mean, size+meanSize
					}
					before := float64(w[at(i, j)])
					wantWeight, bound := before-mean, 0.0
					if k.Several() { // the difference has a rounding too
						bound = 0x1p-24*math.Abs(wantWeight) + 0x1p-52*(float64(k.Width()+1)*meanSize+math.Abs(before))
					}
					if got := float64(next[at(i, j)]); math.Abs(got-wantWeight) > bound {
						t.Fatalf("%v, side %v: weight %d,%d is %v, want %v ± %.3g", units, side, i, j, got, wantWeight, bound)
					}
				}
				if bound := 0x1p-24*math.Abs(want) + (5+17)*0x1p-52*size; math.Abs(float64(shifted[j])-want) > bound {
					t.Errorf("%v, side %v: bias %d is %v, want %v ± %.3g", units, side, j, shifted[j], want, bound)
				}
			}
			inPlace := slices.Clone(w)
			ZeroSum(inPlace, inPlace, units, side, 0, others, rows, columns)
			if !slices.Equal(inPlace, next) {
				t.Errorf("%v, side %v: the weights differ in place", units, side)
			}
		}
	}
}
