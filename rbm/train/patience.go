package train

import (
	"math"

	"harmonium/rbm/likelihood"
)

// patience ends a run whose validation log-likelihood no longer rises.
type patience struct {
	limit  int     // estimates without a better model that end the run; 0 turns patience off
	held   int     // updates before the learning rate begins to fall
	half   int     // half of the run's updates
	best   float64 // last log-likelihood that was better than all before it
	error  float64 // how far log Z leaves the true value from best, on either side
	update int     // update of that model; 0 before the first estimate
	since  int     // estimates since the best one
	last   int     // update of the last estimate
	found  bool    // a model was better than independent units
}

// see takes the estimate of a record. It counts as better if it is so by more than the noise of the
// difference: both estimates have the same rows, so that only the errors of log Z make noise.
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

// exhausted reports whether the run is to end: the last limit estimates have no better model, and they
// span the last third of the run's updates or more. A likelihood rises in steps with pauses between
// them, the longer the later, and limit estimates that follow each other closely fit into a pause. A run
// does not end before its learning rate begins to fall, which takes the noise of the updates away. The
// first pause comes before the model has found anything, with weights near 0: a run that is no better
// than independent units makes at least half of its updates.
func (p *patience) exhausted() bool {
	return p.limit > 0 && p.since >= p.limit && p.last >= p.update+p.update/2 && p.last >= p.held && (p.found || p.last >= p.half)
}
