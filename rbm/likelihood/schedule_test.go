package likelihood

import (
	"slices"
	"testing"
)

// TestResampleBetas: an uneven schedule of 3 steps, with whole multiples, fractions and one step. All values are exact.
func TestResampleBetas(t *testing.T) {
	betas := []float32{0, 0.5, 0.75, 1}
	for _, test := range []struct {
		steps int
		want  []float32
	}{
		{3, betas},
		{6, []float32{0, 0.25, 0.5, 0.625, 0.75, 0.875, 1}},
		{1, []float32{0, 1}},
		{2, []float32{0, 0.625, 1}},
		{12, []float32{0, 0.125, 0.25, 0.375, 0.5, 0.5625, 0.625, 0.6875, 0.75, 0.8125, 0.875, 0.9375, 1}},
	} {
		if got := ResampleBetas(betas, test.steps); !slices.Equal(got, test.want) {
			t.Errorf("%d steps: got %v, want %v", test.steps, got, test.want)
		}
	}
}

// TestResampledDefault: resampled, the default schedule is a valid one, and with a whole multiple or a whole part of its
// steps it shares its values.
func TestResampledDefault(t *testing.T) {
	betas := DefaultBetas()
	steps := len(betas) - 1
	for _, n := range []int{1, 7, 1000, steps / 5, steps, 4 * steps, 64 * steps} {
		got := ResampleBetas(betas, n)
		if err := (AISConfig{Betas: got}).Validate(); err != nil || len(got) != n+1 {
			t.Errorf("%d steps: %d values, %v", n, len(got), err)
		}
		if n < steps && steps%n != 0 || n%steps != 0 && n > steps {
			continue
		}
		for i := range min(n, steps) + 1 {
			if a, b := got[i*max(n/steps, 1)], betas[i*max(steps/n, 1)]; a != b {
				t.Fatalf("%d steps: value %d is %v, want %v", n, i, a, b)
			}
		}
	}
}
