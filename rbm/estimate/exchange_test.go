package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestExchangeRate compares the rate with its double sum, and for normal log-weights of variance
// s² with the rate R for infinitely many samples. With d normal of mean -s² and variance 2s², that
// is the mean of min(1, exp d) = 2Φ(-s/√2) = erfc(s/2).
//
// The mean weight is 1. To first order the error of n samples is the mean of 2h(w_i) - R·w_i less its expectation R,
// where h(x) is the expectation of min(x, w): each sample counts twice in the pairs, and once in the sum that divides.
// deviation is the standard deviation of one such term, by quadrature over a normal variable. Four standard errors are
// exceeded by one seed in 15,000; the seed is fixed. Equal weights have no error.
func TestExchangeRate(t *testing.T) {
	const n, offset = 2000, 700 // e^700 is near the largest float64
	for s, deviation := range map[float64]float64{0: 0, 0.3: 0.1216, 1: 0.4271} {
		r := rand.New(rand.NewPCG(1, 2))
		logs := make([]float64, n)
		for i := range logs {
			logs[i] = offset + s*r.NormFloat64() - s*s/2
		}
		var pairs, sum float64
		for _, x := range logs {
			sum += math.Exp(x - offset)
			for _, y := range logs {
				pairs += math.Exp(min(x, y) - offset)
			}
		}
		got, want := ExchangeRate(logs), pairs/n/sum
		// Sums of n² positive terms have a relative error of at most n²·2⁻⁵³, and the rate is at most 1.
		const rounding = 1e-9
		if math.Abs(got-want) > rounding {
			t.Errorf("s = %v: got %v, want %v by the double sum", s, got, want)
		}
		if limit := math.Erfc(s / 2); math.Abs(got-limit) > 4*deviation/math.Sqrt(n)+rounding {
			t.Errorf("s = %v: got %v, want %v for infinitely many samples", s, got, limit)
		}
	}
	if got := ExchangeRate([]float64{-3}); got != 1 {
		t.Errorf("one sample: got %v, want 1", got)
	}
}
