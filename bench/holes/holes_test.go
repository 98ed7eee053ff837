package main

import (
	"math"
	"testing"
)

// TestHoles: the share of missing cells is within five standard deviations of what is asked for (a false alarm has the
// probability 6e-7 by another seed than the fixed one), and the other cells are the pixels cut at one half.
func TestHoles(t *testing.T) {
	pixels := make([]uint8, 1<<16)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	const share = 0.3
	missing := 0
	for i, x := range withHoles(pixels, share) {
		switch {
		case math.IsNaN(float64(x)):
			missing++
		case (x == 1) != (pixels[i] > 127) || x != 0 && x != 1:
			t.Errorf("pixel %d: got %g", pixels[i], x)
		}
	}
	n := float64(len(pixels))
	if off := math.Abs(float64(missing) - n*share); off > 5*math.Sqrt(n*share*(1-share)) {
		t.Errorf("%d of %g cells are missing, want %g of them", missing, n, share)
	}
}
