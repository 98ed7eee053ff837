package main

import (
	"fmt"

	"harmonium/rbm/train"
)

// onlineLikelihoods formats the log-likelihoods, of at most train.MonitorRows rows each, for the
// line of an epoch, with the interval that log Z leaves.
func onlineLikelihoods(o *train.Online) string {
	high := "unbounded above"
	if o.LogZLow != nil {
		high = fmt.Sprintf("%.1f", o.LogLikelihoodTrain+o.LogZ-*o.LogZLow)
	}
	text := fmt.Sprintf("log-likelihood by a brief log Z %.1f nats (%.1f to %s) on %d train rows at most",
		o.LogLikelihoodTrain, o.LogLikelihoodTrain+o.LogZ-*o.LogZHigh, high, train.MonitorRows)
	if o.LogLikelihoodValid != nil {
		text += fmt.Sprintf(", %.1f on valid", *o.LogLikelihoodValid)
	}
	return text
}

// onlineLogZ formats log Z for the last lines of a run, beside the evaluation of the same model.
func onlineLogZ(o *train.Online) string {
	low := "unbounded below"
	if o.LogZLow != nil {
		low = fmt.Sprintf("%.3f", *o.LogZLow)
	}
	return fmt.Sprintf("log Z as followed in training: %.3f (%s to %.3f)", o.LogZ, low, *o.LogZHigh)
}
