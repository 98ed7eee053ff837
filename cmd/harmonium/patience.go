package main

import (
	"cmp"
	"fmt"

	"harmonium/rbm"
)

// announcePatience prints a line if the run has too few estimates of log Z for its patience to
// end it.
func (r *trainRun) announcePatience() {
	_, updates := r.trainer.Updates()
	epochs, every := (updates-1)/r.trainer.EpochUpdates()+1, cmp.Or(r.pace.OnlineEvery, r.trainer.OnlineEpochs())
	if looks := (epochs-1)/every + 1; r.pace.Patience >= looks {
		fmt.Fprintf(r.out, "patience %d cannot end this run: looks at log Z are %d, by one in %d epochs (--online-every) and at the end\n",
			r.pace.Patience, looks, every)
	}
}

// saveBest writes the best model so far.
func (r *trainRun) saveBest(m *rbm.Model) error { return r.writeModel(fileBest, m) }

// best returns the best model, which is evaluated at the end of the run.
func (r *trainRun) best() (*rbm.Model, error) {
	r.progress.end()
	update, _ := r.trainer.Updates()
	fmt.Fprintf(r.out, "best model: after update %d of %d, validation log-likelihood %.2f nats\n",
		r.outcome.Update, update, r.outcome.LogLikelihood)
	return rbm.LoadModel(r.folder.file(fileBest))
}
