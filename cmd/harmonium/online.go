package main

import (
	"context"
	"fmt"

	"harmonium/rbm/likelihood"
	"harmonium/rbm/train"
)

// online holds the estimates of a run during training: a brief estimate of log Z and the mean
// log-likelihoods of the monitored rows by it, in nats a row. Null stands for a missing bound.
type online struct {
	LogZ               float64  `json:"log_z_online"`
	LogZLow            *float64 `json:"log_z_online_low"`
	LogZHigh           *float64 `json:"log_z_online_high"`
	LogLikelihoodTrain float64  `json:"log_likelihood_train"`
	LogLikelihoodValid *float64 `json:"log_likelihood_valid,omitempty"`
}

func newOnline(m train.Metrics, p *likelihood.Partition) *online {
	o := &online{LogZ: p.LogZ, LogZLow: bound(p.Low), LogZHigh: bound(p.High), LogLikelihoodTrain: -m.FreeEnergyTrain - p.LogZ}
	if m.FreeEnergyValid != nil {
		valid := -*m.FreeEnergyValid - p.LogZ
		o.LogLikelihoodValid = &valid
	}
	return o
}

// likelihoods formats the log-likelihoods, of at most train.MonitorRows rows each, for the line
// of an epoch, with the interval that log Z leaves.
func (o *online) likelihoods() string {
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

// logZ formats log Z for the last lines of a run, beside the evaluation of the same model.
func (o *online) logZ() string {
	low := "unbounded below"
	if o.LogZLow != nil {
		low = fmt.Sprintf("%.3f", *o.LogZLow)
	}
	return fmt.Sprintf("log Z as followed in training: %.3f (%s to %.3f)", o.LogZ, low, *o.LogZHigh)
}

// look estimates log Z where that is due: after each lookEvery epochs, and at the end of a run
// that is evaluated or has patience. Otherwise it returns nil.
func (r *trainRun) look(ctx context.Context, m train.Metrics) (*online, error) {
	due := m.Update%r.trainer.EpochUpdates() == 0 && m.Epoch%r.lookEvery() == 0
	judged := r.eval != "never" || r.patience.looks > 0
	if !due && !(judged && r.trainer.Done()) {
		return nil, nil
	}
	p, err := r.trainer.EstimateLogPartition(ctx)
	if err != nil {
		return nil, err
	}
	return newOnline(m, p), nil
}

// lookEvery is the number of epochs between two estimates of log Z.
func (r *trainRun) lookEvery() int {
	if r.onlineEvery > 0 {
		return r.onlineEvery
	}
	return r.trainer.OnlineEpochs()
}
