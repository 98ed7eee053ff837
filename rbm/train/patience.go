package train

import (
	"math"

	"harmonium/rbm/likelihood"
)

// patience ends a run whose validation log-likelihood no longer rises.
type patience struct {
	limit  int     // estimates without a better model that end the run; 0 turns patience off
	held   int     // updates before the learning rate begins to fall, see Config.held
	half   int     // half of the run's updates
	best   float64 // best log-likelihood of validation rows so far
	error  float64 // how far the true value may lie from best, by the interval of log Z
	update int     // number of updates of the model that had it; 0 before the first estimate
	since  int     // estimates since the best one
	last   int     // update of the last estimate
	found  bool    // a model was better than independent units
}

// see takes the estimate of a record. It is better than the best one so far if it exceeds it by more than their
// joint error. This is the error of log Z alone, since both estimates are on the same rows.
func (p *patience) see(past Past) {
	now, noise := *past.LogLikelihoodValid, past.logZError()
	p.last = past.Update
	p.found = p.found || past.IndependentValid == nil || now > *past.IndependentValid+max(noise, likelihood.LeastDifference)
	if past.Fallen || p.update > 0 && !(now > p.best+math.Hypot(noise, p.error)) {
		p.since++
		return
	}
	p.best, p.error, p.update, p.since = now, noise, past.Update, 0
}

// exhausted reports whether the run should end. The last `limit` estimates must be no better than the best one,
// and they must span at least the last third of the updates so far: a likelihood rises in steps, the
// plateaus between them grow longer, and estimates that follow each other closely fit into a plateau. The
// learning rate must have begun to fall, since that removes the noise of the updates and raises the
// likelihood. The first plateau comes before the model has learned anything, with weights near 0: a run whose
// model was never better than independent units makes at least half of its updates.
func (p *patience) exhausted() bool {
	return p.limit > 0 && p.since >= p.limit && p.last >= p.update+p.update/2 && p.last >= p.held && (p.found || p.last >= p.half)
}
