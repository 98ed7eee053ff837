package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestShrinkIsTheMinimiser compares blocks with the minimiser of ½‖x-w‖² + t‖x‖, which the steps x ←
// w/(1 + t/‖x‖) approach: each minimises the sum with ‖x‖ replaced by the parabola that touches it
// at the last x. Near the threshold the steps are slow, so that blocks with norms within an eighth
// of it are only compared with 0 below it. The factor and its product are rounded to float32.
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
		threshold := float32(norm(blocks[r.IntN(len(blocks))])) // a typical norm
		Shrink(next, w, b, threshold, 0, lines/2, rows, columns)
		Shrink(next, w, b, threshold, lines/2, lines, rows, columns)
		limit := float64(threshold)
		for _, k := range blocks {
			size, x := norm(k), norm(k)
			if size > limit && size < limit*9/8 {
				continue
			}
			for range 400 {
				x = size / (1 + limit/x)
			}
			if size <= limit {
				x = 0
				zero++
			} else {
				smaller++
			}
			for _, at := range k {
				before, got := float64(w[at]), float64(next[at])
				want := before * x / size
				if math.Abs(got-want) > 4*0x1p-24*math.Abs(before) {
					t.Fatalf("%+v, threshold %v: a weight %v became %v, want %v", b, threshold, before, got, want)
				}
			}
		}
	})
	if zero == 0 || smaller == 0 {
		t.Errorf("%d blocks below the threshold and %d above, want both", zero, smaller)
	}
}
