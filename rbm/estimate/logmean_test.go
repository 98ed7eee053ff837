package estimate_test

import (
	"math"
	"testing"

	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// TestLogMean: three weights by hand, and one that outweighs the others.
func TestLogMean(t *testing.T) {
	p := estimate.LogMean([]float64{math.Log(1) + 1000, math.Log(2) + 1000, math.Log(3) + 1000})
	rbmtest.Near(t, "log of the mean", p.Log, 1000+math.Ln2, 1e-12) // 9 roundings of 1000
	// A weight e^1000 is known to 1000u relative to its size, and so are the figures below, within a factor of 90.
	rbmtest.Near(t, "ESS", p.ESS, 36./14, 1e-11)
	// The weights' standard error is √(1/3), the mean 2.
	rbmtest.Near(t, "high", p.High, 1000+math.Log(2+3/math.Sqrt(3)), 1e-11)
	rbmtest.Near(t, "low", p.Low, 1000+math.Log(2-3/math.Sqrt(3)), 1e-11)
	a, b, c := 0., math.Log(2), math.Log(3)
	mean := (a + b + c) / 3
	rbmtest.Near(t, "variance", p.Variance, ((a-mean)*(a-mean)+(b-mean)*(b-mean)+(c-mean)*(c-mean))/2, 1e-11)
	if p := estimate.LogMean([]float64{0, 0, 10}); p.Low != p.Log-estimate.MarkovMargin || math.IsInf(p.High, 0) {
		t.Errorf("three errors of a mean near zero: got (%v,%v), want the lower bound of Markov's inequality", p.Low, p.High)
	}
	// The constant has four decimals.
	rbmtest.Near(t, "Markov's margin", estimate.MarkovMargin, -math.Log(math.Erfc(3/math.Sqrt2)/2), 1e-4)
}
