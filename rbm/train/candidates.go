package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// mostCandidates bounds the models that are evaluated again at the end of a run with patience. It was chosen: each takes
// an evaluation and a place on the disk.
const mostCandidates = 3

// candidate is a model that may be the best of a run with patience.
type candidate struct {
	update        int
	logLikelihood float64 // estimated, of validation rows
	error         float64 // how far the true value may lie from it, by the interval of log Z
}

// candidates are the models with the highest estimates, from the highest down: those that lie within
// the noise of the highest, and at most mostCandidates.
type candidates []candidate

// see takes the estimate of a record and reports whether the model is a candidate.
func (c *candidates) see(past Past) bool {
	if past.Fallen {
		return false
	}
	seen := candidate{past.Update, *past.LogLikelihoodValid, past.logZError()}
	list := append(slices.Clone(*c), seen)
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(b.logLikelihood, a.logLikelihood) })
	best := list[0]
	list = slices.DeleteFunc(list, func(a candidate) bool {
		return a.update != best.update && a.logLikelihood <= best.logLikelihood-math.Hypot(a.error, best.error)
	})
	*c = list[:min(len(list), mostCandidates)]
	return c.has(past.Update)
}

// has reports whether the model after an update is a candidate.
func (c candidates) has(update int) bool {
	return slices.ContainsFunc(c, func(a candidate) bool { return a.update == update })
}

// updates lists the updates of the candidates in rising order.
func (c candidates) updates() []int {
	list := make([]int, len(c))
	for i, a := range c {
		list[i] = a.update
	}
	slices.Sort(list)
	return list
}

// keep gives the current model, which is a candidate, to the function Keep. Without Keep it puts the model into r.kept,
// and removes models that are no longer candidates.
func (r *run) keep() error {
	m, err := r.trainer.Model()
	if err != nil {
		return err
	}
	candidates := r.candidates.updates()
	if r.Keep != nil {
		return r.Keep(r.trainer.update, m, candidates)
	}
	for update := range r.kept {
		if !slices.Contains(candidates, update) {
			delete(r.kept, update)
		}
	}
	r.kept[r.trainer.update] = m
	return nil
}

// bestCandidate returns the candidate with the highest log-likelihood of validation rows. Where
// the run's estimates have noise, it evaluates the candidates as [likelihood.Evaluate] does. A run has no candidates
// if it ended before its first estimate, or if its log-likelihood had fallen at each: then the result is the one
// without patience, evaluated on the validation rows.
func (r *run) bestCandidate(ctx context.Context) (Result, error) {
	if len(r.candidates) == 0 {
		result, err := r.lastOrBest(ctx)
		if err == nil {
			result.LogLikelihood, err = r.evaluated(ctx, result.Model)
		}
		return result, err
	}
	var best Result
	for _, c := range r.candidates {
		m, err := r.keptModel(c.update)
		if err != nil {
			return Result{}, fmt.Errorf("the model after update %d: %w", c.update, err)
		}
		if m == nil {
			continue
		}
		value := c.logLikelihood
		if c.error > 0 {
			if value, err = r.evaluated(ctx, m); err != nil {
				return Result{}, err
			}
		}
		if best.Model == nil || value > best.LogLikelihood {
			best = Result{Model: m, Update: c.update, LogLikelihood: value}
		}
	}
	return best, nil
}

// evaluated returns the log-likelihood of the validation rows under a model, by [likelihood.Evaluate].
func (r *run) evaluated(ctx context.Context, m *rbm.Model) (float64, error) {
	e, err := r.trainer.Evaluate(ctx, m, partValid, 0, likelihood.EvaluateConfig{})
	if err != nil {
		return 0, err
	}
	return e.LogLikelihood, nil
}

// keptModel returns a model that keep has kept; nil if it is lost.
func (r *run) keptModel(update int) (*rbm.Model, error) {
	if r.Kept != nil {
		return r.Kept(update)
	}
	return r.kept[update], nil
}
