package train

// patience ends a run whose validation log-likelihood no longer rises.
type patience struct {
	limit  int     // estimates without a better model that end the run; 0 turns patience off
	best   float64 // log-likelihood of the best model
	update int     // update of the best model; 0 before the first estimate
	since  int     // estimates since the best one
}

// see records an estimate and reports whether the model is the best so far.
func (p *patience) see(update int, logLikelihood float64) bool {
	if p.update > 0 && logLikelihood <= p.best {
		p.since++
		return false
	}
	p.best, p.update, p.since = logLikelihood, update, 0
	return true
}

// exhausted reports whether the run is to end.
func (p *patience) exhausted() bool { return p.limit > 0 && p.since >= p.limit }
