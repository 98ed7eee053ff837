package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestShrinkIsTheMinimiser compares each block with the minimiser of ½‖x-w‖² + t‖x‖, where t is the
// threshold. It has the direction of w. For ‖w‖ ≤ t it is 0. For a larger ‖w‖ the steps ‖x‖ ← ‖w‖/(1 + t/‖x‖)
// approach its norm: each minimises the sum with the second ‖x‖ replaced by the parabola that touches it at the
// last x. A step multiplies the error of 1/‖x‖ by t/‖w‖. Where this is at most 8/9, 400 steps leave less
// than 2⁻⁶⁷ of the error. Blocks between t and 9t/8 would need more steps and are left out.
//
// The factor of a block and its product with a weight are each rounded to float32, together by less than
// 0x1.01p-23 of the weight. The part above 2⁻²³ covers the roundings in float64.
func TestShrinkIsTheMinimiser(t *testing.T) {
	var zero, smaller int
	eachCut(t, func(r *rand.Rand, w []float32, b Blocks, rows, columns int) {
		next := make([]float32, len(w))
		norm := func(k []int) float64 {
			sum := 0.0
			for _, at := range k {
				sum = math.Hypot(sum, float64(w[at]))
			}
			return sum
		}
		lines := b.Lines(rows, columns)
		blocks := blocksOf(b, 0, lines, rows, columns)
		threshold := float32(norm(blocks[r.IntN(len(blocks))])) // so that blocks lie on both sides
		Shrink(next, w, b, threshold, 0, lines/2, rows, columns)
		Shrink(next, w, b, threshold, lines/2, lines, rows, columns)
		limit := float64(threshold)
		for _, k := range blocks {
			start := norm(k)
			minimum := start // the norm of the minimiser
			switch {
			case start <= limit:
				minimum = 0
				zero++
			case start < limit*9/8:
				continue
			default:
				for range 400 {
					minimum = start / (1 + limit/minimum)
				}
				smaller++
			}
			for _, at := range k {
				before, got := float64(w[at]), float64(next[at])
				want := before * minimum / start
				if !(math.Abs(got-want) <= 0x1.01p-23*math.Abs(before)) {
					t.Fatalf("%+v, threshold %v: a weight %v became %v, want %v", b, threshold, before, got, want)
				}
			}
		}
	})
	if zero == 0 || smaller == 0 {
		t.Errorf("%d blocks compared up to the threshold and %d above it, want some of both", zero, smaller)
	}
}
