package train

import (
	"math"

	"harmonium/rbm/likelihood"
)

// Record is the state of a run after an update, as [Run] gives it.
type Record struct {
	Metrics
	*Online // nil where log Z was not estimated
}

// Past holds the fields of a record that a resumed run needs. The JSON of a [Record] can be
// decoded into a Past.
type Past struct {
	Update             int      `json:"update"`
	LogLikelihoodValid *float64 `json:"log_likelihood_valid"` // nil without an estimate
}

// Online is a brief estimate of log Z during training, with the mean log-likelihoods of the
// monitored rows that follow from it, in nats a row.
type Online struct {
	LogZ               float64  `json:"log_z_online"`
	LogZLow            *float64 `json:"log_z_online_low"` // nil if unbounded
	LogZHigh           *float64 `json:"log_z_online_high"`
	LogLikelihoodTrain float64  `json:"log_likelihood_train"`
	LogLikelihoodValid *float64 `json:"log_likelihood_valid,omitempty"` // nil without validation rows
}

func newOnline(m Metrics, p *likelihood.Partition) *Online {
	o := &Online{
		LogZ: p.LogZ, LogZLow: finite(p.Low), LogZHigh: finite(p.High),
		LogLikelihoodTrain: -m.FreeEnergyTrain - p.LogZ,
	}
	if m.FreeEnergyValid != nil {
		valid := -*m.FreeEnergyValid - p.LogZ
		o.LogLikelihoodValid = &valid
	}
	return o
}

// finite returns nil for an infinity, which JSON cannot express.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}
