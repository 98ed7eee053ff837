package main

import (
	"fmt"
	"math"

	"harmonium/rbm/train"
)

// onlineLikelihoods formats the estimated log-likelihoods for the line of an epoch, with their
// intervals, and the log-likelihoods of independent units. PlainTrain is not nil where rows have weights.
func onlineLikelihoods(o *train.Online) string {
	decimals := decimalsOf(o.LogLikelihoodTrain, o.LogLikelihoodTrainLow, o.LogLikelihoodTrainHigh)
	text := "log-likelihood train "
	if o.PlainTrain != nil {
		text = "weighted " + text
	}
	text += estimated(o.LogLikelihoodTrain, o.LogLikelihoodTrainLow, o.LogLikelihoodTrainHigh)
	independent := fmt.Sprintf("train %.*f", decimals, o.IndependentTrain)
	if o.LogLikelihoodValid != nil {
		text += ", valid " + estimated(*o.LogLikelihoodValid, o.LogLikelihoodValidLow, o.LogLikelihoodValidHigh)
		independent += fmt.Sprintf(", valid %.*f", decimals, *o.IndependentValid)
	}
	return text + " nats; independent units: " + independent
}

// estimated formats an estimate with its interval, if it is not exact.
func estimated(x float64, low, high *float64) string {
	decimals := decimalsOf(x, low, high)
	return fmt.Sprintf("%.*f", decimals, x) + interval(low, high, decimals)
}

// decimalsOf returns the number of decimals of an estimate, at most three: the last decimal is the first
// significant one of the larger distance from x to a bound. An exact value has three.
func decimalsOf(x float64, low, high *float64) int {
	var width float64
	for _, bound := range []*float64{low, high} {
		if bound != nil {
			width = max(width, math.Abs(*bound-x))
		}
	}
	if width == 0 {
		return 3
	}
	return min(max(0, -int(math.Floor(math.Log10(width)))), 3)
}
