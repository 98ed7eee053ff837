package estimate

import "math"

// Mean is the mean of weights given by their logarithms, with its error.
type Mean struct {
	Log float64 // log of the mean weight
	// Low and High bound an interval of three standard errors of the mean weight on either
	// side, as logarithms, and Low is at least Log - MarkovMargin.
	Low, High float64
	ESS       float64 // effective number of weights, (Σw)²/Σw²
	Variance  float64 // sample variance of log w
}

// MarkovMargin is log 740.8 = -log(1-Φ(3)). The mean of positive weights exceeds its expectation by a factor c with a
// probability of at most 1/c (Markov's inequality), so that the log of the mean is above the log of the
// expectation by more than MarkovMargin as rarely as a normal number lies three deviations above its mean. This
// bound needs no variance, and holds for few or one effective weight.
const MarkovMargin = 6.6077

// LogMean returns the mean of at least two weights, given by their logarithms.
func LogMean(logWeights []float64) Mean {
	n := float64(len(logWeights))
	var p Mean
	logSum := LogSumExp(logWeights)
	p.Log = logSum - math.Log(n)

	// Weights are relative to their mean, which is 1.
	var squares, deviations, mean float64
	for _, l := range logWeights {
		w := math.Exp(l - p.Log)
		squares += w * w
		deviations += (w - 1) * (w - 1)
		mean += l / n
	}
	for _, l := range logWeights {
		p.Variance += (l - mean) * (l - mean) / (n - 1)
	}
	p.ESS = n * n / squares
	margin := 3 * math.Sqrt(deviations/(n-1)/n)
	p.High = p.Log + math.Log1p(margin)
	p.Low = p.Log - MarkovMargin
	if margin < 1 {
		p.Low = max(p.Low, p.Log+math.Log1p(-margin))
	}
	return p
}
