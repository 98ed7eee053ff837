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

// The guard keeps a run from ending with a model far worse than it once had. At each new best estimate of the
// log-likelihood of training rows it copies the variables of the run to variables whose names have the
// suffix _best. When a later estimate lies far below the best one (see [likelihood.Best.Lost]), [Run] copies
// them back and continues with half the learning rate: either the chains had lost modes of the model, or the
// updates were too large, and smaller updates help against both.

// mostReturns is the number of times that a run goes back and continues. The next time it ends: ten halvings
// have then cut the learning rate to a thousandth, so that a lower one does not help.
const mostReturns = 10

// guard is the state of the guard, without the variables with the suffix _best. Log-likelihoods are of
// training rows, in nats a row.
type guard struct {
	Factor        float64 `json:"factor"`         // factor of the learning rate, halved each time that the run goes back
	Returns       int     `json:"returns"`        // number of times that the run went back
	Judged        int     `json:"judged"`         // number of updates at the last estimate that judge has seen
	Update        int     `json:"update"`         // number of updates at the best estimate; 0 stands for the initial model
	LogLikelihood float64 `json:"log_likelihood"` // best estimate
	Error         float64 `json:"error"`          // how far the best estimate may lie above the true value, see excess

	Trajectory *trajectory `json:"trajectory,omitempty"` // with the algorithm ptt, its state at the best estimate

	returned int // number of updates when the run last went back, in this process; 0 if it did not
}

// guarded reports whether the run goes back when its log-likelihood has fallen far.
func (c Config) guarded() bool { return c.Guard == "return" }

// watched reports whether the run warns when its log-likelihood has fallen far.
func (c Config) watched() bool { return c.Guard == "warn" || c.Guard == "return" }

// guardVariables returns the variables with the suffix _best, one for each variable of the list that
// checkpoints save.
func guardVariables(list []variable) []variable {
	var best []variable
	for _, v := range list {
		if v.saved {
			v.name += graph.SuffixBest
			best = append(best, v)
		}
	}
	return best
}

// rememberBest copies the run as it is now to the variables with the suffix _best. The other ranks send
// rank 0 their chains first.
func (t *Trainer) rememberBest() error {
	if err := t.collect(); err != nil {
		return err
	}
	t.guard.Trajectory = t.trajectory.clone()
	return t.copyBest(func(name string) (dst, src string) { return name + graph.SuffixBest, name })
}

// goBack restores the run as it was at its best estimate, with half the learning rate. The optimizer's moments
// and the fast parameters begin with 0 again, and the other ranks get the restored run before the next update.
func (t *Trainer) goBack() error {
	if t.trajectory != nil {
		*t.trajectory, t.drift = *t.guard.Trajectory.clone(), nil
	}
	if err := t.copyBest(func(name string) (dst, src string) { return name, name + graph.SuffixBest }); err != nil {
		return err
	}
	t.guard.Returns++
	t.guard.returned = t.update
	t.guard.Factor /= 2
	t.together.stale = t.several()
	if err := t.forgetMoments(); err != nil {
		return err
	}
	return t.setRates()
}

// copyBest copies each variable that the guard keeps between the names that direction returns for its name
// without the suffix _best.
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

// hasFallen reports whether an estimate lies far below the best one, see [likelihood.Best.Lost].
func (t *Trainer) hasFallen(o *Online) bool {
	return t.guard.best().Lost((&Record{Online: o}).past().estimated())
}

// best returns the best estimate of the guard.
func (g *guard) best() likelihood.Best {
	return likelihood.Best{Update: g.Update, LogLikelihood: g.LogLikelihood, Error: g.Error}
}

// bestBefore returns the guard with the best estimate to compare an estimate with. As long as there is none, it is
// the log-likelihood of independent units, which the initial model nearly has, or exceeds in a run that begins with a
// trained model.
func (t *Trainer) bestBefore(o *Online) guard {
	best := *t.guard
	if best.Update == 0 {
		best.LogLikelihood = o.IndependentTrain
	}
	return best
}

// noise returns the largest difference from the best estimate down to this one, in nats a row, that is not
// significant: the joint error of both, and at least [likelihood.LeastDifference]. Both are on the same
// rows, so that the errors are of log Z alone: the best estimate may be too high, as best.Error says, and
// this one too low, by as much as log Z is too high.
func (o *Online) noise(best guard) float64 {
	return max(math.Hypot(o.LogZ-unbounded(o.LogZLow, -1), best.Error), likelihood.LeastDifference)
}

// excess returns how far the estimate may lie above the true value, in nats a row: as far as log Z may be too low.
// It is +Inf if log Z has no upper bound.
func (o *Online) excess() float64 { return unbounded(o.LogZHigh, 1) - o.LogZ }

// judge keeps the variables of the run if its estimate o is the best one, and goes back if o lies far below the best
// one. An estimate without a bound on its excess is never the best one: with an infinite error, no later estimate
// could be significantly below it.
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

// lacksDistribution reports whether an estimate failed with err because the model has no distribution (see
// [rbm.ErrNoDistribution]), in a run that goes back then.
func (t *Trainer) lacksDistribution(err error) bool {
	return errors.Is(err, rbm.ErrNoDistribution) && t.config.guarded()
}

// restoreDistribution is judge for a run whose model has no distribution, and therefore no estimate: it goes back.
func (t *Trainer) restoreDistribution() error {
	t.guard.Judged = t.update
	return t.goBack()
}

// noDistributionWarning returns the warning that the model has no distribution, and says what the run does.
func (t *Trainer) noDistributionWarning() string {
	text := fmt.Sprintf("the model has no distribution after update %d, as its energy falls without end", t.update)
	if t.Done() || t.guard.Returns == mostReturns {
		return fmt.Sprintf("%s: the run ends with the model after update %d; a lower learning rate may help", text, t.guard.Update)
	}
	return fmt.Sprintf("%s: the run goes back to update %d, with half the learning rate", text, t.guard.Update)
}

// gaveUp reports whether the run has ended because it went back too often.
func (t *Trainer) gaveUp() bool { return t.guard.Returns > mostReturns }

// fallWarning returns the warning that the estimate o lies far below the best one, and says what the run does.
func (t *Trainer) fallWarning(o *Online) string {
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

// bestModel returns the model at the best estimate. Only a guarded run has it.
func (t *Trainer) bestModel() (*rbm.Model, error) { return t.modelOf(graph.SuffixBest) }

// clone returns a deep copy, and nil for nil.
func (tr *trajectory) clone() *trajectory {
	if tr == nil {
		return nil
	}
	c := *tr
	c.Acceptance = slices.Clone(tr.Acceptance)
	return &c
}

// check returns an error that names what is out of range in a guard that was read from the checkpoint c.
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
	case g.Trajectory != nil && !(c.Config.guarded() && c.Config.Algorithm == "ptt"):
		return errors.New("there are frozen models, which only a guarded run by ptt has")
	case g.Trajectory == nil && c.Config.guarded() && c.Config.Algorithm == "ptt":
		return errors.New("there are no frozen models, which a guarded run by ptt has")
	}
	if g.Trajectory != nil {
		if err := g.Trajectory.check(); err != nil {
			return fmt.Errorf("trajectory: %w", err)
		}
	}
	return nil
}
