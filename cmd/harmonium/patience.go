package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"harmonium/rbm"
)

// patience ends a run whose validation log-likelihood no longer rises, and records its best
// model.
type patience struct {
	looks  int     // estimates without a better model that end the run; 0 turns patience off
	best   float64 // log-likelihood of the best model
	update int     // update of the best model; 0 before the first estimate
	since  int     // estimates since then
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
func (p *patience) exhausted() bool { return p.looks > 0 && p.since >= p.looks }

// recall records the estimates in the lines of metrics.
func (p *patience) recall(lines []byte) error {
	number := 0
	for line := range bytes.Lines(lines) {
		number++
		var o struct {
			Update             int
			LogLikelihoodValid *float64 `json:"log_likelihood_valid"`
		}
		if err := json.Unmarshal(line, &o); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if o.LogLikelihoodValid != nil {
			p.see(o.Update, *o.LogLikelihoodValid)
		}
	}
	return nil
}

// announcePatience prints a line if the run has too few estimates of log Z for its patience to
// end it.
func (r *trainRun) announcePatience() {
	_, updates := r.trainer.Updates()
	epochs, every := (updates-1)/r.trainer.EpochUpdates()+1, r.lookEvery()
	if looks := (epochs-1)/every + 1; r.patience.looks >= looks {
		fmt.Fprintf(r.out, "patience %d cannot end this run: looks at log Z are %d, by one in %d epochs (--online-every) and at the end\n",
			r.patience.looks, looks, every)
	}
}

// recallPatience restores the patience of a resumed run from its metrics. The best model is
// on the disk, unless it is the model of the checkpoint itself: a run may have been killed
// between writing its metrics and its best model.
func (r *trainRun) recallPatience() error {
	if r.patience.looks == 0 {
		return nil
	}
	lines, err := os.ReadFile(r.folder.file(fileMetrics))
	if err != nil {
		return err
	}
	if err := r.patience.recall(lines); err != nil {
		return fmt.Errorf("%s: %w", r.folder.file(fileMetrics), err)
	}
	update, _ := r.trainer.Updates()
	if r.patience.update == 0 || r.patience.update != update {
		return nil
	}
	_, err = r.writeModel(fileBest)
	return err
}

// keepBest writes the model of the last estimate if it is the best so far. It writes a
// checkpoint of the same update first, so that a resumed run is never behind its best model.
func (r *trainRun) keepBest() error {
	if r.patience.looks == 0 || r.online == nil {
		return nil
	}
	update, _ := r.trainer.Updates()
	if !r.patience.see(update, *r.online.LogLikelihoodValid) {
		return nil
	}
	if r.saved != update {
		if err := r.save(); err != nil {
			return err
		}
	}
	_, err := r.writeModel(fileBest)
	return err
}

// best returns the best model, which is evaluated at the end of the run.
func (r *trainRun) best(ctx context.Context) (*rbm.Model, error) {
	update, _ := r.trainer.Updates()
	if r.log.last != update {
		if err := r.record(ctx, nil); err != nil {
			return nil, err
		}
	}
	r.progress.end()
	p := r.patience
	fmt.Fprintf(r.out, "best model: after update %d of %d, validation log-likelihood %.2f nats\n", p.update, update, p.best)
	return rbm.LoadModel(r.folder.file(fileBest))
}
