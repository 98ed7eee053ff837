package likelihood

import "math"

// Best is the best of the estimated log-likelihoods of a model in training, on the same rows.
type Best struct {
	Update        int     // of the model; 0 is the one that a run begins with
	LogLikelihood float64 // in nats a row
	Error         float64 // how far log Z lets it lie above the true value
}

// Estimated is a later estimate of the same rows.
type Estimated struct {
	LogLikelihood float64
	Low, High     float64 // how far log Z lets the true value lie; infinite where it has no bound
	Independent   float64 // log-likelihood under independent units, as the model has that a run begins with
}

// lostShare: a model is lost when its log-likelihood has dropped by more than this share of the best
// model's gain over independent units. Smaller drops are normal: gradients are noisy, and a
// falling learning rate removes the noise.
const lostShare = 0.1

// Before returns b as it was before an estimate: the model that a run begins with has nearly the log-likelihood
// of independent units.
func (b Best) Before(e Estimated) Best {
	if b.Update == 0 {
		b.LogLikelihood = e.Independent
	}
	return b
}

// Lost reports whether an estimate lies so far below the best one that the model is lost. Both have the same
// rows, so that only the errors of log Z make noise.
func (b Best) Lost(e Estimated) bool {
	b = b.Before(e)
	noise := max(math.Hypot(e.High-e.LogLikelihood, b.Error), LeastDifference, lostShare*(b.LogLikelihood-e.Independent))
	return e.LogLikelihood < b.LogLikelihood-noise
}

// See takes an estimate if it is the best one. An estimate that may be too high by any amount is not, as no
// fall from it could be told.
func (b *Best) See(e Estimated, update int) bool {
	if e.LogLikelihood <= b.Before(e).LogLikelihood || math.IsInf(e.Low, -1) {
		return false
	}
	*b = Best{update, e.LogLikelihood, e.LogLikelihood - e.Low}
	return true
}
