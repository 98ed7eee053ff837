package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"harmonium/rbm"
)

// RunConfig says when [Run] pauses between two updates, and which functions it calls there.
// A nil function is not called. With the zero value a run only makes its updates and, with a guard
// in its [Config], the estimates that the guard needs.
type RunConfig struct {
	// CheckpointEvery is the number of updates between two checkpoints. With 0 a checkpoint
	// is due at the end of an epoch, if saving has taken less than a twentieth of the time.
	CheckpointEvery int
	// RecordEvery is the number of epochs between two records that are made at any cost. The
	// first 100 epochs and the last one have a record too. Other epochs have one where the
	// monitors take a small part of the time.
	RecordEvery int
	// OnlineEvery is the number of epochs between two records with an estimate of the log-likelihood;
	// 0 means [Trainer.OnlineEpochs].
	OnlineEvery int
	OnlineEnd   bool // estimate the log-likelihood after all updates too, as a run with patience or a guard always does
	// Patience is the number of estimates without a better log-likelihood of the validation
	// rows that ends the run, if they span the last third of its updates; 0 turns it off. The run
	// does not end before its learning rate begins to fall, and makes at least half of its updates
	// if no model is better than independent units.
	Patience int
	// PatienceFrom is the update from which on records count for the patience: those before it
	// have no models that could be the best. It is for a run that had no patience before it was
	// resumed there.
	PatienceFrom int
	// TimeLimit ends the run as patience does, between two updates after this time since the call
	// of Run; 0 means no limit.
	TimeLimit time.Duration
	// Past describes the records of a resumed run up to its checkpoint, in their order. A
	// record of its last update is not made again, and patience continues from them.
	Past []Past

	// Record takes the record of an epoch.
	Record func(context.Context, Record) error
	// Checkpoint saves the trainer: before the first update, where a checkpoint is due, before
	// Keep, at the end, and when the context ends.
	Checkpoint func() error
	// Keep takes each model that may be the best of a run with patience, after the given update,
	// and the updates of all models that may still be it, this one among them. Without Keep the
	// models stay in memory, and a resumed run does not have those from before.
	Keep func(update int, m *rbm.Model, all []int) error
	// Kept returns a model that Keep took, also of a resumed run; nil if it is lost.
	Kept func(update int) (*rbm.Model, error)
	// Progress takes the number of updates made and the total: after about each hundredth of an epoch, and in an
	// epoch of less than 200 updates after each.
	Progress func(done, total int)
}

// Result is the outcome of a run. With patience it is the best model on validation rows: among up to
// three models whose estimates differ by less than their noise, the best by [likelihood.Evaluate].
// Otherwise, and if no model may be that, it is the last model, or with the guard "return" an earlier one that is better on
// training rows by more than the noise of the estimates.
type Result struct {
	Model         *rbm.Model // nil if all models that may be the best are lost
	Update        int        // after which the model was taken
	LogLikelihood float64    // estimated for the validation rows, in nats a row; 0 without patience
	// Gain is the gain of an earlier model over the last, on training rows in nats a row. It is 0 for the model that the
	// run ends with, and if that has no distribution.
	Gain float64
}

// check returns an error that names the first field out of range.
func (c *RunConfig) check(t *Trainer) error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"CheckpointEvery", c.CheckpointEvery}, {"RecordEvery", c.RecordEvery},
		{"OnlineEvery", c.OnlineEvery}, {"Patience", c.Patience}, {"PatienceFrom", c.PatienceFrom},
	} {
		if f.value < 0 {
			return &FieldError{f.name, f.value, "at least 0"}
		}
	}
	if c.TimeLimit < 0 {
		return &FieldError{"TimeLimit", c.TimeLimit, "at least 0"}
	}
	if c.Patience > 0 && t.data.Valid == nil {
		return &FieldError{"Patience", c.Patience, "0 without validation rows"}
	}
	if (c.Keep == nil) != (c.Kept == nil) {
		return &FieldError{"Kept", c.Kept != nil, "set with Keep alone"}
	}
	return nil
}

// run is a training run under way.
type run struct {
	RunConfig
	trainer  *Trainer
	began    time.Time
	patience patience
	overfit  overfit
	falls    falls
	recorded int // update of the last record; 0 if there is none
	last     lastEstimate

	candidates candidates
	kept       map[int]*rbm.Model // candidates by update, without Keep

	saved   int // update of the last checkpoint
	savedAt time.Time
	saving  time.Duration // time that the last checkpoint took
}

// lastEstimate is the last estimate of this process, with its update. Online is nil before the first.
type lastEstimate struct {
	update int
	*Online
}

// Run makes the remaining updates of a run, until its patience is exhausted, and calls the
// functions of the configuration where they are due. A run that is killed and resumed from its
// last checkpoint has the same results as one that is not, if Past holds its records.
//
// If ctx ends first, Run calls Checkpoint and returns an error that wraps ctx's. Any error of a
// function of the configuration ends the run.
func Run(ctx context.Context, t *Trainer, c RunConfig) (Result, error) {
	if err := c.check(t); err != nil {
		return Result{}, err
	}
	_, updates := t.Updates()
	r := &run{
		RunConfig: c, trainer: t, began: time.Now(),
		patience: patience{limit: c.Patience, held: t.config.held(updates), half: updates / 2},
		saved:    t.resumed.update, savedAt: time.Now(), kept: map[int]*rbm.Model{},
	}
	err := r.start()
	if err == nil {
		err = r.train(ctx)
	}
	if err == nil {
		err = r.end(ctx)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if failed := r.save(); failed != nil {
			err = failed
		}
	}
	if err != nil {
		return Result{}, err
	}
	return r.result(ctx)
}

// start saves a new run, or restores the patience and the candidates of a resumed run from its
// records. A candidate that is the model of the checkpoint is kept again, as the process may have
// been killed after the record and before Keep.
func (r *run) start() error {
	for _, past := range r.Past {
		r.recorded = past.Update
		r.see(past)
	}
	update := r.trainer.update
	if update == 0 {
		r.saved = -1 // no checkpoint yet
		return r.save()
	}
	if r.candidates.has(update) {
		return r.keep()
	}
	return nil
}

// train makes updates and pauses where a record or a checkpoint is due.
func (r *run) train(ctx context.Context) error {
	r.report()
	for !r.trainer.Done() {
		if err := r.pause(ctx); err != nil {
			return err
		}
		if r.patience.exhausted() || r.trainer.gaveUp() || r.TimeLimit > 0 && time.Since(r.began) >= r.TimeLimit {
			return nil
		}
		if err := r.trainer.Train(ctx, r.stride()); err != nil {
			return err
		}
		r.report()
	}
	return nil
}

// report calls Progress.
func (r *run) report() {
	if r.Progress != nil {
		r.Progress(r.trainer.Updates())
	}
}

// pause makes the record and the checkpoint that are due between two updates.
func (r *run) pause(ctx context.Context) error {
	if r.recordDue() {
		if err := r.record(ctx); err != nil {
			return err
		}
	} else if err := r.judgeAgain(ctx); err != nil {
		return err
	}
	if r.checkpointDue() {
		return r.save()
	}
	return nil
}

// record makes the record of the current update, and keeps the model if it may be the best.
func (r *run) record(ctx context.Context) error {
	m, err := r.trainer.Metrics()
	if err != nil {
		return err
	}
	record := Record{Metrics: m}
	lacking := false
	if r.estimateDue() {
		record.Online, err = r.trainer.Estimate(ctx)
		if lacking = r.trainer.lacksDistribution(err); lacking {
			record.Warnings = append(record.Warnings, r.trainer.noDistributionWarning())
		} else if err != nil {
			return err
		} else {
			r.last = lastEstimate{m.Update, record.Online}
			r.warn(&record)
		}
	}
	if r.Record != nil {
		if err := r.Record(ctx, record); err != nil {
			return err
		}
	}
	r.recorded = m.Update
	// If ctx ends in Record, Run saves a checkpoint, and a resumed run must make the same record again. So the
	// guard, which may change the run, judges after Record.
	if lacking && !r.trainer.Done() {
		return r.trainer.restoreDistribution()
	}
	mayBeBest := record.Online != nil && r.see(record.past())
	if record.Online != nil && !r.trainer.Done() {
		if err := r.trainer.judge(record.Online); err != nil {
			return err
		}
	}
	if !mayBeBest {
		return nil
	}
	// The checkpoint comes first, so that a resumed run is never behind its best model.
	if err := r.save(); err != nil {
		return err
	}
	return r.keep()
}

// see compares the estimate of a record with the earlier ones, and reports whether the model may be
// the best of a run with patience.
func (r *run) see(p Past) bool {
	r.overfit.see(p)
	r.falls.see(p)
	if !r.counts(p) {
		return false
	}
	r.patience.see(p)
	return r.candidates.see(p)
}

// counts reports whether the estimate of a record counts for the patience.
func (r *run) counts(p Past) bool {
	return r.patience.limit > 0 && p.LogLikelihoodValid != nil && p.Update >= r.PatienceFrom
}

// judgeAgain judges the current update of a resumed run whose record was made before its checkpoint, and whose
// guard had not judged it.
func (r *run) judgeAgain(ctx context.Context) error {
	t := r.trainer
	if !t.config.watched() || r.recorded != t.update || t.guard.Judged == t.update || t.update == 0 || !r.estimateDue() {
		return nil
	}
	o, err := t.Estimate(ctx)
	if t.lacksDistribution(err) {
		return t.restoreDistribution()
	}
	if err != nil {
		return err
	}
	return t.judge(o)
}

// save makes a checkpoint of the current update, unless there is one.
func (r *run) save() error {
	if r.saved == r.trainer.update || r.Checkpoint == nil {
		return nil
	}
	start := time.Now()
	if err := r.Checkpoint(); err != nil {
		return err
	}
	r.saved, r.savedAt = r.trainer.update, time.Now()
	r.saving = r.savedAt.Sub(start)
	return nil
}

// end saves and records the last update.
func (r *run) end(ctx context.Context) error {
	if err := r.save(); err != nil {
		return err
	}
	if r.recorded == r.trainer.update || !r.records() {
		return nil
	}
	return r.record(ctx)
}

// result returns the outcome of the run, see Result.
func (r *run) result(ctx context.Context) (Result, error) {
	find := r.lastOrBest
	if r.Patience > 0 {
		find = r.bestCandidate
	}
	result, err := find(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("train: result: %w", err)
	}
	return result, nil
}

// lastOrBest returns the last model, unless an earlier one is better by more than the noise of
// their estimates.
func (r *run) lastOrBest(ctx context.Context) (Result, error) {
	t := r.trainer
	m, err := t.Model()
	result := Result{Model: m, Update: t.update}
	if err != nil || !t.config.guarded() || t.update == 0 {
		return result, err
	}
	if t.guard.returned == t.update || t.gaveUp() {
		result.Update = t.guard.Update // the current model is the one that the run went back to
		return result, nil
	}
	o := r.last.Online
	if o == nil || r.last.update != t.update {
		o, err = t.Estimate(ctx)
		if t.lacksDistribution(err) {
			result.Update = t.guard.Update
			result.Model, err = t.bestModel()
			return result, err
		}
		if err != nil {
			return result, err
		}
	}
	best := t.bestBefore(o)
	result.Gain = best.LogLikelihood - o.LogLikelihoodTrain
	if !(result.Gain > o.noise(best)) {
		result.Gain = 0
		return result, nil
	}
	result.Update = best.Update
	result.Model, err = t.bestModel()
	return result, err
}
