package estimate

import (
	"math"
	"testing"
)

// TestWeightedMean: equal weights, and none, give the mean and its standard error; of two values with
// the weights a and b the error is 2·ab/(a+b)²·|x-y|; weights of 0 do not count. Numbers of a few units round within
// 9u = 1e-15.
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

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}, {[]float64{9, 1, 2, 4}, 3}} {
		if got := Median(c.x); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.x, got, c.want)
		}
	}
}
