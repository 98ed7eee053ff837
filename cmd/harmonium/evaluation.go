package main

import (
	"fmt"
	"io"
	"math"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// evaluation is a log-likelihood in nats a row, as the command reports it, with everything
// that the number depends on. Null stands for a missing bound and for figures that an exact
// log Z does not have.
type evaluation struct {
	Method   string `json:"method"` // "exact" or "ais"
	Data     string `json:"data"`
	Split    string `json:"split"`
	Rows     int    `json:"rows"`
	Binarize string `json:"binarize"`
	Seed     uint64 `json:"seed"`

	LogZ           float64  `json:"log_z"`
	LogZLow        *float64 `json:"log_z_low"`
	LogZHigh       *float64 `json:"log_z_high"`
	MeanFreeEnergy float64  `json:"mean_free_energy"`

	LogLikelihood              float64  `json:"log_likelihood"`
	LogLikelihoodLow           *float64 `json:"log_likelihood_low"`
	LogLikelihoodHigh          *float64 `json:"log_likelihood_high"`
	LogLikelihoodStandardError float64  `json:"log_likelihood_standard_error"` // over the rows

	// Stack is nil unless the log-likelihoods are lower bounds under a stack.
	Stack *stackedRows `json:"stack,omitempty"`

	// Missing says how the sums over missing cells were found; nil without missing cells.
	Missing *missingCells `json:"missing,omitempty"`

	// Weighted reports that the rows have weights: all means are weighted by them but the plain ones, in
	// which each row counts once.
	Weighted                        bool     `json:"weighted,omitempty"`
	LogLikelihoodPlain              *float64 `json:"log_likelihood_plain,omitempty"`
	LogLikelihoodPlainStandardError *float64 `json:"log_likelihood_plain_standard_error,omitempty"`

	// Independent is the log-likelihood of the same rows under independent units with the rates
	// of the training rows. Standing says in words how the model compares.
	Independent float64 `json:"independent"`
	Standing    string  `json:"standing"`

	Runs    *int     `json:"runs"`
	Betas   *int     `json:"betas"`
	ESS     *float64 `json:"ess"`
	VarLogW *float64 `json:"var_log_w"`

	// LogZRefuted is the estimate of log Z by AIS if the rows refute it: by that estimate the rows alone would
	// have a total probability above 1. LogZ is then the lower bound that the rows prove.
	LogZRefuted *float64 `json:"log_z_refuted,omitempty"`

	// Fractions reports that the rows hold values between states that stay as they are: the model
	// has no such states, so that the log-likelihood is only -F - log Z.
	Fractions bool `json:"fractions,omitempty"`

	// Grey is the log-likelihood in bits per dimension, of grey levels that are not binarized; else null.
	Grey *greyBits `json:"grey,omitempty"`

	binarization dataset.Binarization
	states       string // number of terms of an exact log Z, as a power: "2^16"; empty for a determinant
	standing     likelihood.Standing
}

// newEvaluation joins an evaluation with the log-likelihood of independent units on the same rows.
func newEvaluation(m *rbm.Model, l *likelihood.Evaluation, independent float64, data, split string, seed uint64) *evaluation {
	p := l.Partition
	standing := l.Standing(independent)
	e := &evaluation{
		Method: p.Method, Data: data, Split: split, Rows: l.Rows,
		Binarize: l.Binarize.String(), Seed: seed,
		LogZ: p.LogZ, LogZLow: bound(p.Low), LogZHigh: bound(p.High),
		MeanFreeEnergy: l.MeanFreeEnergy, LogLikelihood: l.LogLikelihood,
		LogLikelihoodLow: bound(l.Low), LogLikelihoodHigh: bound(l.High),
		LogLikelihoodStandardError: l.StandardError,
		Independent:                independent,
		Standing:                   standing.Phrase(l.LogLikelihood - independent),
		standing:                   standing,
		binarization:               l.Binarize,
	}
	if !m.Gaussian() {
		e.states = fmt.Sprintf("2^%.4g", m.EnumeratedBits())
	}
	if i := l.Incomplete; i != nil {
		e.Missing = newMissingCells(i)
	}
	if plain := l.Plain; plain != nil {
		e.Weighted, e.LogLikelihoodPlain, e.LogLikelihoodPlainStandardError = true, &plain.LogLikelihood, &plain.StandardError
	}
	if p.Method == "ais" {
		e.Runs, e.Betas, e.ESS, e.VarLogW = &p.Runs, &p.Betas, &p.ESS, &p.VarLogWeight
	}
	if l.Refuted != nil {
		e.LogZRefuted = &l.Refuted.LogZ
	}
	return e
}

// refutation says how the rows refute the estimate of log Z, or is empty.
func (e *evaluation) refutation() string { return refutation(e.LogZRefuted, e.LogZ) }

// refutation says how rows refute an estimate of log Z, given the lower bound that they prove. It is empty without
// such an estimate.
func refutation(refuted *float64, least float64) string {
	if refuted == nil {
		return ""
	}
	return fmt.Sprintf("AIS misses a mode of the model: by its log Z of %.3f the rows alone would have a probability of e^%.3g, "+
		"so that log Z is at least %.3f", *refuted, least-*refuted, least)
}

// bound returns a bound of an estimate, or nil for an infinity, which JSON cannot express.
func bound(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// print writes the evaluation for people.
func (e *evaluation) print(w io.Writer) {
	name := "log-likelihood"
	if e.Fractions {
		name = "-F - log Z (of fractions, no log-likelihood)"
	}
	if e.Weighted {
		name = "weighted " + name
	}
	if e.Stack != nil {
		name += " bounded from below"
	}
	fmt.Fprintf(w, "%s %s: %s nats a row%s, standard error over rows %.3f\n", e.Split, name,
		e.nats(&e.LogLikelihood), interval(e.LogLikelihoodLow, e.LogLikelihoodHigh, 3), e.LogLikelihoodStandardError)
	if e.Stack != nil {
		e.Stack.print(w)
	}
	if e.Missing != nil {
		e.Missing.print(w)
	}
	if e.Weighted {
		fmt.Fprintf(w, "plain, each row once: %s nats a row, standard error over rows %.3f\n", e.nats(e.LogLikelihoodPlain),
			*e.LogLikelihoodPlainStandardError)
	}
	fmt.Fprintf(w, "independent units: %.3f nats a row; the model is %s\n", e.Independent, e.Standing)
	if e.Grey != nil {
		e.Grey.print(w)
	}
	fmt.Fprintf(w, "log Z: %s%s, %s\n", e.nats(&e.LogZ), interval(e.LogZLow, e.LogZHigh, 3), e.how())
	fmt.Fprintf(w, "rows: %d of %s (%s), %s; mean free energy %s nats\n",
		e.Rows, e.Data, e.Split, e.binarized(), e.nats(&e.MeanFreeEnergy))
}

// nats formats a value with six digits after the point if it is exact and else with three.
func (e *evaluation) nats(x *float64) string {
	switch {
	case x == nil:
		return "unbounded"
	case e.Method == "exact":
		return fmt.Sprintf("%.6f", *x)
	}
	return fmt.Sprintf("%.3f", *x)
}

// interval formats the bounds of an estimate with a number of decimals. It is empty if they are
// equal, as of an exact value. A bound is missing where it is not finite, and in runs of earlier versions.
func interval(low, high *float64, decimals int) string {
	switch {
	case low == nil && high == nil:
		return " (unbounded)"
	case low == nil:
		return fmt.Sprintf(" (at most %.*f, unbounded below)", decimals, *high)
	case high == nil:
		return fmt.Sprintf(" (at least %.*f, unbounded above)", decimals, *low)
	case *low == *high:
		return ""
	}
	return fmt.Sprintf(" (%.*f to %.*f)", decimals, *low, decimals, *high)
}

// how says how log Z was found.
func (e *evaluation) how() string {
	if e.Method == "exact" && e.states == "" {
		return "exact, the determinant of a normal distribution"
	}
	if e.Method == "exact" {
		return "exact, the sum over " + e.states + " states"
	}
	if e.LogZRefuted != nil {
		return fmt.Sprintf("the lower bound by the rows; by AIS %.3f (%d runs x %d betas, seed %d)", *e.LogZRefuted, *e.Runs,
			*e.Betas, e.Seed)
	}
	return fmt.Sprintf("by AIS: %d runs x %d betas, seed %d, interval of 3 standard errors, ESS %.1f, var log w %.3g",
		*e.Runs, *e.Betas, e.Seed, *e.ESS, *e.VarLogW)
}

// binarized describes how grey values became states.
func (e *evaluation) binarized() string {
	switch e.binarization.Mode {
	case dataset.Dynamic, dataset.Static:
		return fmt.Sprintf("%s binarization drawn once, seed %d", e.Binarize, e.Seed)
	case dataset.None:
		return "values as they are"
	}
	return "binarization " + e.Binarize
}
