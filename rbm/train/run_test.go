package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// smallRun is a run of 3 updates an epoch, of 8, 8 and 4 rows, with validation rows.
func smallRun(epochs int) (Config, *dataset.Set) {
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Epochs, c.Binarize = 4, 8, epochs, "none"
	return c, &dataset.Set{Train: rbmtest.RandomRows(20, 6, false, true), Valid: rbmtest.RandomRows(9, 6, false, true)}
}

// diary notes what a run calls, in its order, and saves its checkpoints to a file.
type diary struct {
	events  []string
	records []Record
	models  map[int]*rbm.Model // the models that Keep took and that may still be the best, by update
	path    string             // a folder, and after configure the checkpoint in it
	trainer *Trainer           // of the resumed part, see interrupted in guard_test.go
}

// configure returns c with functions that note their calls in the diary.
func (d *diary) configure(trainer *Trainer, c RunConfig) RunConfig {
	d.path = filepath.Join(d.path, "checkpoint.safetensors")
	note := func(event string) { d.events = append(d.events, fmt.Sprint(event, " ", trainer.update)) }
	c.Record = func(_ context.Context, r Record) error {
		note("record")
		d.records = append(d.records, r)
		return nil
	}
	c.Checkpoint = func() error {
		note("checkpoint")
		return trainer.Save(d.path, nil)
	}
	if d.models == nil {
		d.models = map[int]*rbm.Model{}
	}
	c.Keep = func(update int, m *rbm.Model, all []int) error {
		note("keep")
		d.models[update] = m
		maps.DeleteFunc(d.models, func(update int, _ *rbm.Model) bool { return !slices.Contains(all, update) })
		return nil
	}
	c.Kept = func(update int) (*rbm.Model, error) { return d.models[update], nil }
	return c
}

// TestRunTrainsToTheEnd: a run is the same with and without pauses, and ends with its last model.
func TestRunTrainsToTheEnd(t *testing.T) {
	c, data := smallRun(3)
	c.Guard = ""
	want := newTestTrainer(t, c, data, 1)
	finish(t, want)
	model, err := want.Model()
	if err != nil {
		t.Fatal(err)
	}
	for name, rc := range map[string]RunConfig{"zero": {}, "every update": {CheckpointEvery: 1, RecordEvery: 1, OnlineEvery: 1}} {
		got := newTestTrainer(t, c, data, 1)
		if name != "zero" {
			rc = (&diary{path: t.TempDir()}).configure(got, rc)
		}
		result, err := Run(context.Background(), got, rc)
		if err != nil {
			t.Fatal(err)
		}
		wantSameRun(t, name, got, want)
		if result.Update != 9 || !reflect.DeepEqual(result.Model, model) {
			t.Errorf("%s: a result of update %d, want the last model, of update 9", name, result.Update)
		}
	}
}

// TestRunCalls: the functions are called where they are due, and once.
func TestRunCalls(t *testing.T) {
	for name, tc := range map[string]struct {
		config RunConfig
		want   []string
		online []bool // whether a record has an estimate
	}{
		"epochs": {RunConfig{OnlineEvery: 2},
			[]string{"checkpoint 0", "record 3", "record 6", "checkpoint 8", "record 8"},
			[]bool{false, true, false}},
		"updates": {RunConfig{CheckpointEvery: 2, OnlineEvery: 5, OnlineEnd: true},
			[]string{"checkpoint 0", "checkpoint 2", "record 3", "checkpoint 4", "record 6", "checkpoint 6", "checkpoint 8", "record 8"},
			[]bool{false, false, true}},
	} {
		c, data := smallRun(0)
		c.Updates, c.Guard = 8, "" // a guard would want an estimate at the end
		trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
		if _, err := Run(context.Background(), trainer, d.configure(trainer, tc.config)); err != nil {
			t.Fatal(err)
		}
		events := d.events
		if name == "epochs" { // where the time that saving took decides on the checkpoints within the run
			events = slices.DeleteFunc(slices.Clone(events), func(e string) bool {
				return e == "checkpoint 3" || e == "checkpoint 6"
			})
		}
		if !slices.Equal(events, tc.want) {
			t.Errorf("%s: it calls %q, want %q", name, events, tc.want)
		}
		for i, r := range d.records {
			if got := r.Online != nil; got != tc.online[i] {
				t.Errorf("%s: record %d has an estimate: %v, want %v", name, i, got, tc.online[i])
			}
		}
	}
}

// TestRunKeepsTheBest: a run with patience returns the model whose estimate is the best, and saves a checkpoint of each
// best model before it keeps the model. Without functions it has the same result.
func TestRunKeepsTheBest(t *testing.T) {
	c, data := smallRun(400)
	c.LearningRate, c.Schedule = 0.1, "constant"
	trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	rc := RunConfig{CheckpointEvery: 1 << 20, OnlineEvery: 4, Patience: 3}
	full := d.configure(trainer, rc)
	bests := 0
	keep := full.Keep
	full.Keep = func(update int, m *rbm.Model, all []int) error {
		bests++
		saved, err := LoadCheckpoint(d.path)
		if err != nil {
			t.Fatal(err)
		}
		if update != trainer.update || !slices.Equal(all, []int{update}) { // log Z is exact, so that one may be the best
			t.Errorf("update %d: the model of update %d is kept, of %v, want this one alone", trainer.update, update, all)
		}
		if saved.Update != trainer.update {
			t.Errorf("update %d: the checkpoint is of update %d", trainer.update, saved.Update)
		}
		return keep(update, m, all)
	}
	result, err := Run(context.Background(), trainer, full)
	if err != nil {
		t.Fatal(err)
	}
	// It ends three estimates after the best one, or later, where these span the last third of its updates.
	const interval = 4 * 3 // updates between two estimates
	patient := max(3, (result.Update/2+interval-1)/interval) * interval
	if trainer.Done() || trainer.update != result.Update+patient {
		t.Errorf("it ends after update %d, want %d updates after the best one, %d", trainer.update, patient, result.Update)
	}
	if bests < 2 {
		t.Errorf("%d models were the best so far, want at least 2", bests)
	}
	if result.Model != d.models[result.Update] {
		t.Error("the result is not the model that was kept")
	}
	for _, r := range d.records {
		if r.Online == nil {
			continue
		}
		if got := *r.LogLikelihoodValid; got > result.LogLikelihood || r.Update == result.Update && got != result.LogLikelihood {
			t.Errorf("update %d: log-likelihood %v, want at most the best, %v of update %d",
				r.Update, got, result.LogLikelihood, result.Update)
		}
	}
	quiet := newTestTrainer(t, c, data, 1)
	silent, err := Run(context.Background(), quiet, rc)
	if err != nil {
		t.Fatal(err)
	}
	wantSameRun(t, "without functions", quiet, trainer)
	if !reflect.DeepEqual(silent, result) {
		t.Error("without functions: another result")
	}
}

// TestRunGoesOn: a run with patience that is cancelled at one of its records, and resumed from the checkpoint that it
// leaves, ends with the bits and the result of a run that is not.
func TestRunGoesOn(t *testing.T) {
	c, data := smallRun(4)
	rc := RunConfig{CheckpointEvery: 1 << 20, OnlineEvery: 1, Patience: 2}
	whole, all := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	want, err := Run(context.Background(), whole, all.configure(whole, rc))
	if err != nil {
		t.Fatal(err)
	}
	for place := range all.records {
		trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
		config := d.configure(trainer, rc)
		ctx, cancel := context.WithCancel(context.Background())
		record := config.Record
		config.Record = func(ctx context.Context, r Record) error {
			if len(d.records) == place {
				cancel()
				return ctx.Err()
			}
			return record(ctx, r)
		}
		if _, err := Run(ctx, trainer, config); !errors.Is(err, context.Canceled) {
			t.Fatalf("record %d: error %v, want the error of the context", place, err)
		}
		saved, err := LoadCheckpoint(d.path)
		if err != nil {
			t.Fatal(err)
		}
		if saved.Update != all.records[place].Update {
			t.Errorf("record %d: a checkpoint of update %d, want %d", place, saved.Update, all.records[place].Update)
		}
		resumed, err := saved.Resume(data, rbmtest.OpenDevice(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		rest := &diary{path: t.TempDir(), models: d.models}
		config = rest.configure(resumed, rc)
		for _, r := range d.records {
			config.Past = append(config.Past, r.past())
		}
		got, err := Run(context.Background(), resumed, config)
		if err != nil {
			t.Fatal(err)
		}
		wantSameRun(t, "resumed", resumed, whole)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("record %d: the best model is of update %d with %v nats, want the one of update %d with %v",
				place, got.Update, got.LogLikelihood, want.Update, want.LogLikelihood)
		}
		if before, after := len(d.records), len(rest.records); before+after != len(all.records) {
			t.Errorf("record %d: %d records before and %d after, want %d in all", place, before, after, len(all.records))
		}
	}
}

// TestRunTakesItsBestAgain: a run that was killed after a record and before Keep took its model gives Keep the model when
// it is resumed. It was at its end, and makes no record twice.
func TestRunTakesItsBestAgain(t *testing.T) {
	c, data := smallRun(1)
	rc := RunConfig{OnlineEvery: 1, Patience: 2}
	trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	if _, err := Run(context.Background(), trainer, d.configure(trainer, rc)); err != nil {
		t.Fatal(err)
	}
	saved, err := LoadCheckpoint(d.path)
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := saved.Resume(data, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	again := &diary{path: t.TempDir()}
	rc = again.configure(resumed, rc)
	rc.Past = []Past{d.records[0].past()}
	if _, err := Run(context.Background(), resumed, rc); err != nil {
		t.Fatal(err)
	}
	if want := []string{"keep 3"}; !slices.Equal(again.events, want) || !reflect.DeepEqual(again.models, d.models) {
		t.Errorf("resumed at its end, it calls %q, want %q with the same model", again.events, want)
	}
}

// TestRunRefuses: settings out of range are errors that name the field, and an error of a function ends the run.
func TestRunRefuses(t *testing.T) {
	c, data := smallRun(1)
	for want, rc := range map[string]RunConfig{
		"train: CheckpointEvery is -1, want at least 0": {CheckpointEvery: -1},
		"train: Patience is -2, want at least 0":        {Patience: -2},
	} {
		if _, err := Run(context.Background(), newTestTrainer(t, c, data, 1), rc); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	data.Valid = nil
	const want = "train: Patience is 3, want 0 without validation rows"
	_, err := Run(context.Background(), newTestTrainer(t, c, data, 1), RunConfig{Patience: 3})
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	failure := errors.New("no room")
	rc := RunConfig{Checkpoint: func() error { return failure }}
	if _, err := Run(context.Background(), newTestTrainer(t, c, data, 1), rc); err != failure {
		t.Errorf("error %v, want the error of the checkpoint", err)
	}
}
