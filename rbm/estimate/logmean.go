package estimate

import "math"

// Mean is the mean of weights given by their logarithms, with its error.
type Mean struct {
	Log float64 // log of the mean weight
	// Low and High bound an interval of three standard errors of the mean weight on either
	// side, as logarithms. Low is -Inf if the mean is within three errors of zero.
	Low, High float64
	ESS       float64 // effective number of weights, (Σw)²/Σw²
	Variance  float64 // sample variance of log w
}

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
	p.Low = math.Inf(-1)
	if margin < 1 {
		p.Low = p.Log + math.Log1p(-margin)
	}
	return p
}
