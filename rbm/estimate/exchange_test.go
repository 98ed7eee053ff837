package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestExchangeRate compares the rate with its double sum, and for normal log-weights of variance
// s² with the rate for infinitely many samples. With d normal of mean -s² and variance 2s², that
// is the mean of min(1, exp d) = 2Φ(-s/√2) = erfc(s/2). The terms of the sum over pairs lie in
// [0,1] after division by the mean weight 1 but for that mean's error, so that n independent
// samples leave an error below 2·√(exp(s²)/n) in all but one of 10,000 tests (four standard
// deviations, and a pair counts twice).
func TestExchangeRate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, offset = 2000, 700 // e^700 is near the largest float64
	for _, s := range []float64{0, 0.3, 1} {
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
		// Sums of n² terms in [0,1], relative to their number, within n²·2⁻⁵³.
		const rounding = 1e-9
		if math.Abs(got-want) > rounding {
			t.Errorf("deviation %v: got %v, want %v by the double sum", s, got, want)
		}
		if limit := math.Erfc(s / 2); math.Abs(got-limit) > 2*math.Sqrt(math.Exp(s*s)/n)+rounding {
			t.Errorf("deviation %v: got %v, want %v for infinitely many samples", s, got, limit)
		}
	}
	if got := ExchangeRate([]float64{-3}); got != 1 {
		t.Errorf("one sample: got %v, want 1", got)
	}
}
