package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/likelihood"
)

// A guard keeps a run from being lost. It remembers the run as it was at the best estimate of the
// log-likelihood of training rows. Where a later estimate has fallen far below, Run goes back there
// and halves the learning rate: the chains had lost modes of the model, or the rate was too high
// for it.

const mostReturns = 10 // after which the run ends

// guard is the state of the guard beside the variables with the suffix _best.
type guard struct {
	Factor        float64     `json:"factor"`         // of the learning rate
	Returns       int         `json:"returns"`        // number of times that the run went back
	Judged        int         `json:"judged"`         // update of the last estimate
	Update        int         `json:"update"`         // update of the best one; 0 is the model that the run began with
	LogLikelihood float64     `json:"log_likelihood"` // by the best one, of training rows
	Error         float64     `json:"error"`          // how far log Z lets it lie above the true value
	Trajectory    *trajectory `json:"trajectory,omitempty"`
}

// guarded reports whether the run goes back when it is lost.
func (c Config) guarded() bool { return c.Guard == "return" }

// watched reports whether the run says when it is lost.
func (c Config) watched() bool { return c.Guard == "warn" || c.Guard == "return" }

// guardVariables lists the variables that hold the run as it was at the best estimate.
func guardVariables(list []variable) []variable {
	var kept []variable
	for _, v := range list {
		if v.saved {
			v.name += graph.SuffixBest
			kept = append(kept, v)
		}
	}
	return kept
}

// rememberBest remembers the run as it is now.
func (t *Trainer) rememberBest() error {
	if err := t.collect(); err != nil {
		return err
	}
	t.guard.Trajectory = t.trajectory.clone()
	return t.copyBest(func(name string) (dst, src string) { return name + graph.SuffixBest, name })
}

// goBack takes the run back to its best estimate, with half the learning rate and without the
// optimizer's moments.
func (t *Trainer) goBack() error {
	if t.trajectory != nil {
		*t.trajectory, t.drift = *t.guard.Trajectory.clone(), nil
	}
	if err := t.copyBest(func(name string) (dst, src string) { return name, name + graph.SuffixBest }); err != nil {
		return err
	}
	t.guard.Returns++
	t.guard.Factor /= 2
	t.together.stale = t.several()
	if err := t.forgetMoments(); err != nil {
		return err
	}
	return t.setRates()
}

// copyBest copies the saved variables of the run between the names that direction returns.
func (t *Trainer) copyBest(direction func(name string) (dst, src string)) error {
	for _, v := range t.variables() {
		if name, best := strings.CutSuffix(v.name, graph.SuffixBest); best {
			if err := t.state.Copy(direction(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasFallen reports whether an estimate lies so far below the best one that the run is lost.
func (t *Trainer) hasFallen(o *Online) bool {
	return t.guard.best().Lost((&Record{Online: o}).past().estimated())
}

// best returns the best estimate.
func (g *guard) best() likelihood.Best {
	return likelihood.Best{Update: g.Update, LogLikelihood: g.LogLikelihood, Error: g.Error}
}

// bestBefore returns the guard as it was before an estimate. The model that a run begins with has
// nearly the log-likelihood of independent units.
func (t *Trainer) bestBefore(o *Online) guard {
	best := *t.guard
	if best.Update == 0 {
		best.LogLikelihood = o.IndependentTrain
	}
	return best
}

// noise returns how far an estimate may lie below the best one and count as equal: their joint
// error, and at least likelihood.LeastDifference. Both have the same rows, so that only the errors
// of log Z make noise. An estimate is too low by as much as log Z is too high.
func (o *Online) noise(best guard) float64 {
	return max(math.Hypot(o.LogZ-unbounded(o.LogZLow, -1), best.Error), likelihood.LeastDifference)
}

// excess returns how far an estimate may lie above the true value.
func (o *Online) excess() float64 { return unbounded(o.LogZHigh, 1) - o.LogZ }

// judge remembers the run if an estimate of it is the best, and takes it back if it is lost. An
// estimate that may be too high by any amount is no best one, as no fall from it could be told.
func (t *Trainer) judge(o *Online) error {
	fallen := t.hasFallen(o)
	t.guard.Judged = t.update
	switch best := t.bestBefore(o); {
	case o.LogLikelihoodTrain > best.LogLikelihood && !math.IsInf(o.excess(), 1):
		t.guard.Update, t.guard.LogLikelihood, t.guard.Error = t.update, o.LogLikelihoodTrain, o.excess()
		if t.config.guarded() {
			return t.rememberBest()
		}
	case fallen && t.config.guarded():
		return t.goBack()
	}
	return nil
}

// hasLeft reports whether an estimate failed because the model has no distribution, and the run may go back.
func (t *Trainer) hasLeft(err error) bool {
	return errors.Is(err, rbm.ErrNoDistribution) && t.config.guarded()
}

// comeBack takes a run whose model has no distribution back to its best estimate.
func (t *Trainer) comeBack() error {
	t.guard.Judged = t.update
	return t.goBack()
}

// departure says in words that the model has no distribution, and what comes of it.
func (t *Trainer) departure() string {
	text := fmt.Sprintf("the model has no distribution after update %d, as its energy falls without end", t.update)
	if t.Done() || t.guard.Returns == mostReturns {
		return fmt.Sprintf("%s: the run ends with the model after update %d; a lower learning rate may help", text, t.guard.Update)
	}
	return fmt.Sprintf("%s: the run goes back to update %d, with half the learning rate", text, t.guard.Update)
}

// gaveUp reports whether the run went back too often to go on.
func (t *Trainer) gaveUp() bool { return t.guard.Returns > mostReturns }

// fall says in words how far an estimate has fallen, and what comes of it.
func (t *Trainer) fall(o *Online) string {
	best := t.bestBefore(o)
	text := fallText(best.best(), Past{Update: t.update, LogLikelihoodTrain: o.LogLikelihoodTrain})
	switch {
	case !t.config.guarded():
		return text + "; " + t.mixing()
	case t.Done():
		return fmt.Sprintf("%s: the run ends with the model after update %d", text, best.Update)
	case t.guard.Returns == mostReturns:
		return fmt.Sprintf("%s, as it did %d times before: the run ends with the model after update %d; %s",
			text, mostReturns, best.Update, t.mixing())
	}
	return text + ": the run goes back there, with half the learning rate"
}

// bestModel returns the model at the best estimate, of a run that can go back.
func (t *Trainer) bestModel() (*rbm.Model, error) { return t.modelOf(graph.SuffixBest) }

// clone returns a copy, or nil of nil.
func (tr *trajectory) clone() *trajectory {
	if tr == nil {
		return nil
	}
	c := *tr
	c.Acceptance = slices.Clone(tr.Acceptance)
	return &c
}

// check returns an error that says what of a guard that was read is out of range.
func (g *guard) check(c *Checkpoint) error {
	switch {
	case !(g.Factor > 0 && g.Factor <= 1):
		return fmt.Errorf("factor is %v, want a positive number of at most 1", g.Factor)
	case g.Returns < 0 || g.Returns > mostReturns+1:
		return fmt.Errorf("%d returns, want 0 to %d", g.Returns, mostReturns+1)
	case min(g.Update, g.Judged) < 0 || max(g.Update, g.Judged) > c.Update:
		return fmt.Errorf("updates are %d and %d, want at most the checkpoint's %d", g.Update, g.Judged, c.Update)
	case math.IsNaN(g.LogLikelihood) || !(g.Error >= 0):
		return fmt.Errorf("log-likelihood is %v with the error %v, want numbers", g.LogLikelihood, g.Error)
	case (g.Trajectory != nil) != (c.Config.guarded() && c.Config.Algorithm == "ptt"):
		return fmt.Errorf("a ladder is %v, want one with ptt alone", g.Trajectory != nil)
	}
	return nil
}
