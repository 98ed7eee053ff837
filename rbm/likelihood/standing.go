package likelihood

import "fmt"

// LeastDifference is the least difference of two log-likelihoods that counts, in nats a row.
const LeastDifference = 0.02

// Standing is where a model stands beside independent units.
type Standing int

const (
	Worse  Standing = iota - 1 // by more than the interval and LeastDifference
	Alike                      // neither
	Better                     // by more than the interval and LeastDifference
)

// StandingOf compares the log-likelihood of rows, which lies between low and high, with the
// log-likelihood that independent units have on the same rows. An infinity stands for a missing
// bound.
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

// Sentence says where the model stands, given how much better it is, in nats a row.
func (s Standing) Sentence(difference float64) string {
	switch s {
	case Better:
		return fmt.Sprintf("better than independent units by %s nats", nats(difference))
	case Worse:
		return fmt.Sprintf("worse than independent units by %s nats", nats(-difference))
	}
	return "no better than independent units"
}
