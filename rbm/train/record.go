package train

import (
	"math"

	"harmonium/rbm/likelihood"
)

// Record is the state of a run after an update, as [Run] gives it.
type Record struct {
	Metrics
	*Online // nil where the log-likelihood was not estimated
}

// Past holds the fields of a record that a resumed run needs. The JSON of a [Record] can be
// decoded into a Past. Without an estimate, all but Update are zero.
type Past struct {
	Update             int      `json:"update"`
	LogZ               float64  `json:"log_z_online"`
	LogZLow            *float64 `json:"log_z_online_low"`
	LogZHigh           *float64 `json:"log_z_online_high"`
	LogLikelihoodTrain float64  `json:"log_likelihood_train"`
	LogLikelihoodValid *float64 `json:"log_likelihood_valid"` // nil without validation rows
	IndependentTrain   float64  `json:"independent_train"`    // 0 in a run of an earlier version too
	IndependentValid   *float64 `json:"independent_valid"`    // nil in a run of an earlier version too
	Fallen             bool     `json:"fallen"`
}

// past returns the fields of a record that a resumed run needs.
func (r *Record) past() Past {
	p := Past{Update: r.Update}
	if o := r.Online; o != nil {
		p.LogZ, p.LogZLow, p.LogZHigh = o.LogZ, o.LogZLow, o.LogZHigh
		p.LogLikelihoodTrain, p.LogLikelihoodValid, p.Fallen = o.LogLikelihoodTrain, o.LogLikelihoodValid, o.Fallen
		p.IndependentTrain, p.IndependentValid = o.IndependentTrain, o.IndependentValid
	}
	return p
}

// estimated returns the estimate of the log-likelihood of training rows, with its interval by the interval of
// log Z.
func (p Past) estimated() likelihood.Estimated {
	return likelihood.Estimated{
		LogLikelihood: p.LogLikelihoodTrain,
		Low:           p.LogLikelihoodTrain - (unbounded(p.LogZHigh, 1) - p.LogZ),
		High:          p.LogLikelihoodTrain + (p.LogZ - unbounded(p.LogZLow, -1)),
		Independent:   p.IndependentTrain,
	}
}

// logZError returns the distance from the estimate of log Z to the farther finite end of its interval, in nats.
func (p Past) logZError() (distance float64) {
	for _, bound := range []*float64{p.LogZLow, p.LogZHigh} {
		if bound != nil {
			distance = max(distance, math.Abs(*bound-p.LogZ))
		}
	}
	return distance
}
