package estimate

import (
	"math"
	"testing"
)

// TestWeightedMean: equal weights, and none, give the mean and its standard error; of two values with
// the weights a and b the error is 2·ab/(a+b)²·|x-y|; weights of 0 do not count.
func TestWeightedMean(t *testing.T) {
	x := []float64{1, 5, 4, -2}
	want := []float64{2, StandardError(x, 2)}
	for _, w := range [][]float64{nil, {1, 1, 1, 1}, {3, 3, 3, 3}} {
		mean, standardError := WeightedMean(x, w)
		if math.Abs(mean-want[0]) > 1e-15 || math.Abs(standardError-want[1]) > 1e-15 {
			t.Errorf("weights %v: got %v ± %v, want %v ± %v", w, mean, standardError, want[0], want[1])
		}
	}
	mean, standardError := WeightedMean(x, []float64{0, 3, 0, 1})
	if want := 2 * 3. / 16 * 7; math.Abs(mean-13./4) > 1e-15 || math.Abs(standardError-want) > 1e-15 {
		t.Errorf("got %v ± %v, want 3.25 ± %v", mean, standardError, want)
	}
	if mean, standardError := WeightedMean(x, []float32{0, 0, 2, 0}); mean != 4 || standardError != 0 {
		t.Errorf("one positive weight: got %v ± %v, want 4 ± 0", mean, standardError)
	}
}
