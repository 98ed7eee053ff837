package estimate

import (
	"math"
	"slices"
)

// ExchangeRate returns the mean of min(1, w(x)/w(y)), the rate at which samples y of a model 1
// are exchanged for independent samples x of a model 0, where w = p*_1/p*_0 is the ratio of the
// unnormalised probabilities. It takes the logs of w at n samples of model 0 alone, which stand for
// model 1 as well when they are weighted by w. The rate is then
//
//	Σ_{i,j} min(w_i, w_j) / (n·Σ_i w_i),
//
// which is 1 less Gini's coefficient of the weights. It lies in [1/n, 1].
func ExchangeRate(logs []float64) float64 {
	sorted := slices.Sorted(slices.Values(logs))
	n, sum := len(logs), LogSumExp(logs)
	terms := make([]float64, n)
	for i, l := range sorted { // w_i is the smaller one of 2·(n-i)-1 ordered pairs
		terms[i] = math.Exp(l-sum) * float64(2*(n-i)-1)
	}
	return Sum(terms) / float64(n)
}
