package likelihood

import "fmt"

// LeastDifference is the least difference of two log-likelihoods that counts, in nats a row. Chosen: twice the last of
// the two decimals that are printed.
const LeastDifference = 0.02

// Standing says whether a model is better than independent units, which are a model without weights
// that has the rates of the training rows (see [Independent]).
type Standing int

const (
	Worse  Standing = iota - 1 // significantly, and by more than LeastDifference
	Alike                      // all other cases
	Better                     // significantly, and by more than LeastDifference
)

// StandingOf compares the log-likelihood of rows under a model with the log-likelihood of the same rows under
// independent units. low and high bound the model's log-likelihood by the interval of log Z. The difference is
// significant if independent is outside of this interval. The choice of rows adds no error, since both have the
// same rows. Where no bound is known, low is -Inf or high +Inf: then the model is never better, or never worse.
func StandingOf(logLikelihood, low, high, independent float64) Standing {
	switch {
	case min(low, logLikelihood-LeastDifference) > independent:
		return Better
	case max(high, logLikelihood+LeastDifference) < independent:
		return Worse
	}
	return Alike
}

// Standing compares the model with independent units on the same rows.
func (e *Evaluation) Standing(independent float64) Standing {
	return StandingOf(e.LogLikelihood, e.Low, e.High, independent)
}

// Phrase completes "the model is", given its log-likelihood above independent units, in nats a row.
func (s Standing) Phrase(gain float64) string {
	switch s {
	case Better:
		return fmt.Sprintf("better than independent units by %s nats", nats(gain))
	case Worse:
		return fmt.Sprintf("worse than independent units by %s nats", nats(-gain))
	}
	return "no better than independent units"
}
