package kernels

import (
	"math"
	"slices"
	"testing"
)

// TestZeroSum compares the gauge with sums in another order, for units on both sides of a matrix, in parts
// and in place. A result is rounded to float32 once, and the sums in float64 differ by less than the second
// terms of the bounds.
func TestZeroSum(t *testing.T) {
	q, pair := wide(categorical, 5), wide(categorical, 2)
	for _, units := range []Units{{{q, 0, 40}}, {{Bernoulli, 0, 3}, {q, 3, 18}, {Gaussian, 18, 20}, {pair, 20, 38}, {Spin, 38, 40}}} {
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
					moved := 0.0
					for a := k.Width() - 1; a >= 0 && k.Several(); a-- {
						moved += float64(w[at(first+a, j)]) / float64(k.Width())
					}
					if i == first {
						want, size = want+moved, size+math.Abs(moved)
					}
					if got, want := float64(next[at(i, j)]), float64(w[at(i, j)])-moved; math.Abs(got-want) > 0x1p-24*math.Abs(want)+0x1p-50 {
						t.Fatalf("%v, side %v: weight %d,%d is %v, want %v", units, side, i, j, got, want)
					}
				}
				if math.Abs(float64(shifted[j])-want) > 0x1p-24*math.Abs(want)+0x1p-46*size {
					t.Errorf("%v, side %v: bias %d is %v, want %v", units, side, j, shifted[j], want)
				}
			}
			inPlace := slices.Clone(w)
			ZeroSum(inPlace, inPlace, units, side, 0, others, rows, columns)
			if !slices.Equal(inPlace, next) {
				t.Errorf("%v, side %v: the weights are others in place", units, side)
			}
		}
	}
}
