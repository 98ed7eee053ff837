package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSquaredL1IsTheSlope: the amount subtracted is the derivative of the penalty. Where a weight does
// not change its sign the penalty is a quadratic function, so that a central difference has rounding errors
// only. A penalty over N weights has about 2N of them, N in the sum that is squared, so that two penalties over twice
// the step are off by 2N·2⁻⁵³ of the penalty over the step; the bound has 4N, since a step changes the penalty. In float32
// the cost, the slope, its product and the difference are rounded: 4·2⁻²⁴. A weight of 0 keeps its gradient.
func TestSquaredL1IsTheSlope(t *testing.T) {
	const cost, step = 0.7, 1.0 / 64
	eachCut(t, func(r *rand.Rand, w []float32, b Blocks, rows, columns int) {
		if b.Over != HiddenUnits {
			return
		}
		at := r.IntN(len(w))
		w[at] = float32(math.Copysign(math.Abs(float64(w[at]))+2*step, float64(w[at]))) // further than a step from 0
		k, first := b.Hidden.At(at % columns)
		penalty := func(change float64) float64 {
			sum := 0.0
			for i := range rows {
				for j := first; j < first+k.Width(); j++ {
					x := float64(w[i*columns+j])
					if i*columns+j == at {
						x += change
					}
					sum += math.Abs(x)
				}
			}
			return cost / 2 * sum * sum / float64(rows*k.Width())
		}
		g, out := make([]float32, len(w)), make([]float32, len(w))
		zero := (at + 1) % len(w)
		before := w[zero]
		w[zero], g[zero] = 0, 5
		SquaredL1(out, g, w, b.Hidden, cost, 0, columns/2, rows, columns)
		SquaredL1(out, g, w, b.Hidden, cost, columns/2, columns, rows, columns)
		want := (penalty(step) - penalty(-step)) / (2 * step)
		tolerance := 4*0x1p-53*float64(rows*k.Width())*penalty(0)/step + 0x1p-22*math.Abs(want)
		if got := -float64(out[at]); math.Abs(got-want) > tolerance {
			t.Errorf("%v, weight %d: subtracted %v, want %v ± %v", b.Hidden, at, got, want, tolerance)
		}
		if out[zero] != 5 {
			t.Errorf("%v, weight %d of 0: got the gradient %v, want 5 as before", b.Hidden, zero, out[zero])
		}
		w[zero] = before
	})
}
