package likelihood

import "math"

// Best is the highest of the log-likelihoods that were estimated during a training run, all on the same rows. The zero
// value is the initial model before any estimate: [Best.Before] gives it the log-likelihood of independent units.
type Best struct {
	Update        int     // number of updates after which the model had it; 0 for the initial model
	LogLikelihood float64 // in nats a row
	Error         float64 // LogLikelihood minus the lower end of its interval, in nats, at least 0
}

// Estimated is a later estimate on the same rows, in nats a row.
type Estimated struct {
	LogLikelihood float64
	Low, High     float64 // interval of the log-likelihood, by the interval of log Z; infinite where it has no bound
	Independent   float64 // log-likelihood of independent units, which the initial model nearly has
}

// lostShare is a share of the best model's gain over independent units. A drop of the log-likelihood by less than it
// is no loss (see [Best.Lost]): gradients are noisy, and a falling learning rate removes the noise. Chosen between
// alarms at noise and runs that go on with a worse model.
const lostShare = 0.1

// Before returns the best estimate before e: b or, as long as b is the initial model's, b with the log-likelihood
// of independent units, which the initial model nearly has.
func (b Best) Before(e Estimated) Best {
	if b.Update == 0 {
		b.LogLikelihood = e.Independent
	}
	return b
}

// Lost reports whether an estimate lies so far below the best one that the model is lost: by more than the
// errors of both, by more than [LeastDifference], and by more than lostShare of the best model's gain. The errors are
// of log Z alone, since both estimates are on the same rows.
func (b Best) Lost(e Estimated) bool {
	b = b.Before(e)
	noise := max(math.Hypot(e.High-e.LogLikelihood, b.Error), LeastDifference, lostShare*(b.LogLikelihood-e.Independent))
	return e.LogLikelihood < b.LogLikelihood-noise
}

// See makes an estimate the best one if it is higher, and reports whether it did. An estimate without a lower
// bound is left out: with an infinite error, no later estimate could be significantly below it.
func (b *Best) See(e Estimated, update int) bool {
	if e.LogLikelihood <= b.Before(e).LogLikelihood || math.IsInf(e.Low, -1) {
		return false
	}
	*b = Best{update, e.LogLikelihood, e.LogLikelihood - e.Low}
	return true
}
