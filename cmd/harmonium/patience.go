package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"harmonium/rbm"
	"harmonium/rbm/train"
)

// announcePatience prints a line if the run has too few estimates of log Z for its patience to
// end it: the first estimate is always the best so far.
func (r *trainRun) announcePatience() {
	_, updates := r.trainer.Updates() // in all
	epochs, every := (updates-1)/r.trainer.EpochUpdates()+1, cmp.Or(r.pace.OnlineEvery, r.trainer.OnlineEpochs())
	if estimates := (epochs-1)/every + 1; r.pace.Patience >= estimates {
		fmt.Fprintf(r.out, "patience %d cannot end this run: it makes %d estimates of log Z, one in %d epochs (--online-every) and one at the end\n",
			r.pace.Patience, estimates, every)
	}
}

// keyPatienceFrom is the key in the provenance of a run that got its patience when it was resumed. The value is the
// number of updates that the run had made before.
const keyPatienceFrom = "patience_from"

// resumePatience sets the update from which on the patience of a resumed run counts. A run that had no
// patience before has kept no model, and its patience counts from the checkpoint on.
func (r *trainRun) resumePatience(c *train.Checkpoint) error {
	before, from := c.Provenance[keyPatience], c.Provenance[keyPatienceFrom]
	if r.pace.Patience > 0 && (before == "" || before == "0") {
		r.pace.PatienceFrom = c.Update
		return nil
	}
	if r.pace.Patience == 0 || from == "" {
		return nil
	}
	var err error
	if r.pace.PatienceFrom, err = strconv.Atoi(from); err != nil {
		return fmt.Errorf("provenance: %s is %q, want a number", keyPatienceFrom, from)
	}
	return nil
}

// keep writes the model after an update, which may be the best, and removes the files of models of updates that are
// not in all.
func (r *trainRun) keep(update int, m *rbm.Model, all []int) error {
	if err := r.writeModel(candidateFile(update), m); err != nil {
		return err
	}
	names, err := r.folder.candidates()
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.ContainsFunc(all, func(update int) bool { return candidateFile(update) == name }) {
			continue
		}
		if err := os.Remove(r.folder.file(name)); err != nil {
			return fmt.Errorf("run folder: %w", err)
		}
	}
	return nil
}

// kept reads the model after an update that keep wrote, or returns nil if there is none. A run of an earlier version
// has kept its best model alone, as best.safetensors.
func (r *trainRun) kept(update int) (*rbm.Model, error) {
	m, err := rbm.LoadModel(r.folder.file(candidateFile(update)))
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	m, err = rbm.LoadModel(r.folder.file(fileBest))
	if errors.Is(err, fs.ErrNotExist) || err == nil && m.Provenance[keyUpdatesMade] != strconv.Itoa(update) {
		return nil, nil
	}
	return m, err
}

// saveBest writes the best model of a run with patience and returns it.
func (r *trainRun) saveBest() (*rbm.Model, error) {
	m := r.outcome.Model
	if m == nil {
		return nil, fmt.Errorf("run folder %s: the models that may be the best are missing", r.folder)
	}
	r.progress.end()
	update, _ := r.trainer.Updates()
	fmt.Fprintf(r.out, "best model: after update %d of %d, validation log-likelihood %.2f nats\n",
		r.outcome.Update, update, r.outcome.LogLikelihood)
	return m, m.Save(r.folder.file(fileBest))
}
