package train

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
)

// lostRun is a run of 60 updates, two an epoch, whose learning rate is far too high: its log-likelihood falls, by each
// algorithm, and it goes back several times. In every other row all units are on, in the rest none.
func lostRun(algorithm string) (Config, *dataset.Set) {
	c := DefaultConfig()
	c.Hidden, c.BatchSize, c.Binarize, c.Algorithm = 6, 20, "none", algorithm
	c.LearningRate, c.Schedule, c.Updates = 8, "constant", 60
	c.Momentum, c.FinalMomentum = 0.5, 0.5
	rows := &dataset.Rows{N: 40, V: 6, Floats: make([]float32, 40*6)}
	for i := range rows.Floats {
		if i/rows.V%2 == 0 {
			rows.Floats[i] = 1
		}
	}
	return c, &dataset.Set{Train: rows}
}

// TestGuardGoesBack: a run that falls goes back to its best model with half the rate, and ends with a model that no
// estimate exceeds by more than the least difference. Estimates are exact but for free energies in float32.
func TestGuardGoesBack(t *testing.T) {
	for _, algorithm := range []string{"pcd", "cd", "fpcd", "pt"} {
		c, data := lostRun(algorithm)
		if algorithm == "cd" {
			c.LearningRate = 1000 // its chains start anew at the data
		}
		trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
		result, err := Run(context.Background(), trainer, d.configure(trainer, RunConfig{OnlineEvery: 2}))
		if err != nil {
			t.Fatal(err)
		}
		falls, best := 0, 0.0
		for i, r := range d.records {
			if r.Online == nil {
				continue
			}
			if best == 0 || r.LogLikelihoodTrain > best {
				best = r.LogLikelihoodTrain
			}
			if !r.Fallen {
				continue
			}
			falls++
			warning := strings.Join(r.Warnings[:min(1, len(r.Warnings))], "") // the first
			if !strings.Contains(warning, "goes back there, with half the learning rate") && !strings.Contains(warning, "the run ends") {
				t.Errorf("%s: the first warning of a fall is %q, want that the run goes back or ends", algorithm, warning)
			}
			if i+1 < len(d.records) && d.records[i+1].LearningRate != r.LearningRate/2 {
				t.Errorf("%s: the learning rate is %v after a fall at %v, want half", algorithm, d.records[i+1].LearningRate, r.LearningRate)
			}
		}
		if falls < 2 || falls != trainer.guard.Returns {
			t.Errorf("%s: %d falls and %d returns, want the same number of at least 2", algorithm, falls, trainer.guard.Returns)
		}
		m := result.Model
		rows, rounding := data.Train.Floats, 0.0
		for v := range slices.Chunk(rows[:2*data.Train.V], data.Train.V) { // the two rows that differ
			rounding = max(rounding, rbmtest.FreeEnergyBound(m, v))
		}
		got := m.LogLikelihood(rows, rbmtest.LogPartition(t, m))
		if want := best - likelihood.LeastDifference - 2*rounding; got < want { // of this estimate and the best one
			t.Errorf("%s: the result has %v nats, want at least %v, near the best estimate", algorithm, got, want)
		}
	}
}

// TestGuardTakesNoUnboundedEstimate: an estimate without an upper bound is neither the best nor a
// fall, and the guard can still be saved.
func TestGuardTakesNoUnboundedEstimate(t *testing.T) {
	c, data := lostRun("pcd")
	trainer := newTestTrainer(t, c, data, 1)
	trainer.update = 1
	for _, l := range []float64{-2, -200} {
		o := &Online{LogLikelihoodTrain: l, IndependentTrain: -4}
		if trainer.hasFallen(o) {
			t.Errorf("an unbounded estimate of %v is a fall", l)
		}
		if err := trainer.judge(o); err != nil {
			t.Fatal(err)
		}
	}
	if g := trainer.guard; g.Update != 0 || g.Judged != 1 || math.IsInf(g.Error, 0) {
		t.Errorf("the guard is %+v, want no best estimate", *g)
	}
	if err := trainer.Save(t.TempDir()+"/checkpoint.safetensors", nil); err != nil {
		t.Error(err)
	}
}

// TestGuardWarns: with the guard that warns, a run is as without a guard, and says that it falls.
func TestGuardWarns(t *testing.T) {
	c, data := lostRun("pcd")
	c.Guard = ""
	want := newTestTrainer(t, c, data, 1)
	finish(t, want)
	c.Guard = "warn"
	got, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	if _, err := Run(context.Background(), got, d.configure(got, RunConfig{OnlineEvery: 2})); err != nil {
		t.Fatal(err)
	}
	wantSameRun(t, "with warnings", got, want)
	fallen := 0
	for _, r := range d.records {
		if r.Online != nil && r.Fallen {
			fallen++
		}
	}
	if fallen == 0 {
		t.Error("no record says that the run has fallen")
	}
}

// TestFallsWithoutAGuard: a run without a guard says at its end that it has fallen, resumed or not.
func TestFallsWithoutAGuard(t *testing.T) {
	c, data := lostRun("pcd")
	c.Guard = "off"
	trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	if _, err := Run(context.Background(), trainer, d.configure(trainer, RunConfig{OnlineEvery: 2})); err != nil {
		t.Fatal(err)
	}
	var past []Past
	var said []string
	for i, r := range d.records {
		past, said = append(past, r.past()), nil
		for _, text := range r.Warnings {
			if strings.Contains(text, "the learning rate is too high for the chains") {
				said = append(said, text)
			}
		}
		want := 0
		if i == len(d.records)-1 {
			want = 1
		}
		if len(said) != want {
			t.Fatalf("update %d: the warnings %q say that the run fell, want %d, as only the last record says so", r.Update, said, want)
		}
	}
	var resumed falls
	for _, p := range past {
		resumed.see(p)
	}
	if got := resumed.String(); got != said[0] {
		t.Errorf("from the records: %q, want %q", got, said[0])
	}
}

// TestSmallFallsAreNone: a log-likelihood that falls by less than a tenth of the gain over independent units, here of 2
// nats, has not fallen.
func TestSmallFallsAreNone(t *testing.T) {
	var f falls
	for i, value := range []float64{-9, -8, -8.1, -8.05, -7} {
		f.see(Past{
			Update: i + 1, LogZ: 1, LogZLow: new(1.), LogZHigh: new(1.), LogLikelihoodTrain: value, IndependentTrain: -10,
		})
	}
	if f.found {
		t.Errorf("got %s, want no fall", &f)
	}
}

// TestGuardAtTheTimeLimit: a run that ends at its time limit, just after the guard judged an estimate, has the
// best model as its result, whether the last one was far enough below it to go back or not.
func TestGuardAtTheTimeLimit(t *testing.T) {
	for name, tc := range map[string]struct {
		below   float64 // nats of the last estimate below the best one
		returns int
	}{
		"beyond the noise": {0.1, 0}, // above LeastDifference, and below a tenth of the gain of over 1 nat
		"far":              {2, 1},   // above a tenth of the gain, which is below 6 nats with these 2
	} {
		c, data := lostRun("pt")
		c.LearningRate, c.Updates = 0.1, 1000
		trainer := newTestTrainer(t, c, data, 1)
		train := func() *Online {
			for range 60 * trainer.EpochUpdates() {
				if err := trainer.Train(context.Background(), 1); err != nil {
					t.Fatal(err)
				}
			}
			o, err := trainer.Estimate(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		if err := trainer.judge(train()); err != nil {
			t.Fatal(err)
		}
		best, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		update := trainer.update
		last := train()
		trainer.guard.LogLikelihood = last.LogLikelihoodTrain + tc.below
		result, err := Run(context.Background(), trainer, RunConfig{OnlineEvery: 1, TimeLimit: 1}) // a nanosecond
		if err != nil {
			t.Fatal(err)
		}
		if trainer.update != 2*update {
			t.Fatalf("%s: the run ends after update %d, want %d, where it began", name, trainer.update, 2*update)
		}
		if g := trainer.guard; g.Judged != 2*update || g.Returns != tc.returns {
			t.Fatalf("%s: the guard is %+v, want %d returns and update %d judged", name, *g, tc.returns, 2*update)
		}
		if result.Update != update || !reflect.DeepEqual(result.Model, best) {
			t.Errorf("%s: the result is the model of update %d, want the best one, of update %d", name, result.Update, update)
		}
	}
}

// TestGuardEnds: a run that falls at every rate ends before its last update, with the model that it began with. Even
// after ten halvings a rate of 10⁹ is far too high.
func TestGuardEnds(t *testing.T) {
	c, data := lostRun("pcd")
	c.LearningRate, c.Updates = 1e9, 200
	trainer, d := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
	start, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	result, err := Run(context.Background(), trainer, d.configure(trainer, RunConfig{OnlineEvery: 1}))
	if err != nil {
		t.Fatal(err)
	}
	if trainer.Done() || trainer.guard.Returns != mostReturns+1 || result.Update != 0 || !reflect.DeepEqual(result.Model, start) {
		t.Errorf("it ends after update %d and %d returns with the model of update %d, want %d returns, before update %d, and "+
			"the first model",
			trainer.update, trainer.guard.Returns, result.Update, mostReturns+1, c.Updates)
	}
	last := d.records[len(d.records)-1]
	if want := "the run ends with the model after update 0"; !strings.Contains(strings.Join(last.Warnings, "\n"), want) {
		t.Errorf("its last warnings are %q, want %q", last.Warnings, want)
	}
}

// TestGuardGoesOn: a run that falls, and is stopped at one of its records, ends with the same bits after it is
// resumed. It is stopped at the first record, and in other runs at each eleventh after it. In short it does so by one
// algorithm.
func TestGuardGoesOn(t *testing.T) {
	algorithms := []string{"pcd", "pt", "ptt"}
	if testing.Short() {
		algorithms = algorithms[:1]
	}
	for _, algorithm := range algorithms {
		c, data := lostRun(algorithm)
		if algorithm == "ptt" {
			c.LearningRate = 1
		}
		rc := RunConfig{OnlineEvery: 2, CheckpointEvery: 3}
		whole, all := newTestTrainer(t, c, data, 1), &diary{path: t.TempDir()}
		want, err := Run(context.Background(), whole, all.configure(whole, rc))
		if err != nil {
			t.Fatal(err)
		}
		for place := 0; place < len(all.records); place += 11 {
			d := &diary{path: t.TempDir()}
			got := d.interrupted(t, c, data, rc, place)
			wantSameRun(t, algorithm+": resumed", d.trainer, whole)
			if got.Update != want.Update || !reflect.DeepEqual(got.Model, want.Model) {
				t.Errorf("%s: stopped at record %d, the result is the model of update %d, want the one of update %d of the whole run",
					algorithm, place, got.Update, want.Update)
			}
		}
	}
}

// interrupted runs until the record number place fails, resumes from the checkpoint, and runs to the end.
func (d *diary) interrupted(t *testing.T, c Config, data *dataset.Set, rc RunConfig, place int) Result {
	t.Helper()
	trainer := newTestTrainer(t, c, data, 1)
	config := d.configure(trainer, rc)
	power := errors.New("no power")
	record := config.Record
	config.Record = func(ctx context.Context, r Record) error {
		if len(d.records) == place {
			return power
		}
		return record(ctx, r)
	}
	if _, err := Run(context.Background(), trainer, config); !errors.Is(err, power) {
		t.Fatalf("error %v, want the error of the record", err)
	}
	saved, err := LoadCheckpoint(d.path)
	if err != nil {
		t.Fatal(err)
	}
	if d.trainer, err = saved.Resume(data, rbmtest.OpenDevice(t, 2)); err != nil {
		t.Fatal(err)
	}
	rest := &diary{path: t.TempDir()}
	config = rest.configure(d.trainer, rc)
	for _, r := range d.records {
		if r.Update <= saved.Update {
			config.Past = append(config.Past, r.past())
		}
	}
	result, err := Run(context.Background(), d.trainer, config)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestGuardOfACheckpoint: a checkpoint whose guard is out of range is refused.
func TestGuardOfACheckpoint(t *testing.T) {
	c, data := lostRun("pcd")
	trainer := newTestTrainer(t, c, data, 1)
	path := t.TempDir() + "/checkpoint.safetensors"
	for want, change := range map[string]func(g *guard){
		"factor is 2, want":             func(g *guard) { g.Factor = 2 },
		"-1 returns, want 0 to 11":      func(g *guard) { g.Returns = -1 },
		"updates are 5 and 0, want":     func(g *guard) { g.Update = 5 },
		"there are frozen models":       func(g *guard) { g.Trajectory = &trajectory{} },
		"with the error -1, want numbe": func(g *guard) { g.Error = -1 },
	} {
		good := *trainer.guard
		change(trainer.guard)
		if err := trainer.Save(path, nil); err != nil {
			t.Fatal(err)
		}
		*trainer.guard = good
		_, err := LoadCheckpoint(path)
		if err == nil || !strings.Contains(err.Error(), "metadata guard: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one of the metadata guard with %q in it", err, want)
		}
	}
}

// TestWarnings: an estimate near independent units, or below them, has a warning with the text of its case, and other
// estimates have none.
func TestWarnings(t *testing.T) {
	const lostModes = "the chains have lost modes"
	for want, tc := range map[string]struct {
		error, independent, pseudo float64 // of a log-likelihood of -10; error is of log Z
	}{
		"":                                {0.5, -10.6, -9},
		"hardly better":                   {0, -10.05, -9}, // by half a percent
		"no better than":                  {0.5, -10.4, -9},
		"worse than independent units by": {0.5, -9.4, -9},
		lostModes:                         {0.5, -2, -0.001}, // each unit is predicted well from the others
	} {
		o := Online{LogLikelihoodTrain: -10, IndependentTrain: tc.independent}
		o.LogZLow, o.LogZHigh = new(-tc.error), new(tc.error)
		o.LogLikelihoodTrainLow, o.LogLikelihoodTrainHigh = new(-20.0), new(0.0) // with the error over rows, which does not count
		got := o.warning(tc.pseudo, Config{Algorithm: "pcd"})
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("got %q, want %q", got, want)
		}
		if strings.Contains(got, lostModes) != (want == lostModes) {
			t.Errorf("%q: says %q, want only the estimate far below the pseudo-likelihood to say so", got, lostModes)
		}
	}
}

// TestMixingNamesTempering: the advice for chains that do not follow the model names pt and ptt in a run without tempering.
func TestMixingNamesTempering(t *testing.T) {
	for algorithm, want := range map[string]bool{"cd": true, "pcd": true, "fpcd": true, "pt": false, "ptt": false} {
		text := (&Trainer{config: Config{Algorithm: algorithm}}).mixing()
		if got := strings.Contains(text, "pt or ptt"); got != want {
			t.Errorf("%s: %q names pt and ptt: %v, want %v", algorithm, text, got, want)
		}
	}
}

// TestOverfitWarnsOnce: the first estimate at which validation rows have fallen since their best, by more than
// overfitShare, while training rows have risen, has a warning.
func TestOverfitWarnsOnce(t *testing.T) {
	var f overfit
	see := func(update int, train, valid float64) string {
		p := Past{Update: update, LogLikelihoodTrain: train, LogLikelihoodValid: &valid}
		defer f.see(p)
		return f.warning(p)
	}
	for i, p := range []struct {
		train, valid float64
		warns        bool
	}{
		{-9, -9, false},
		{-8, -9.1, false},   // a fall by less than overfitShare
		{-9.5, -9.5, false}, // both have fallen
		{-7, -9.2, true},    // 0.2 below the best, which is more than 0.02·9
		{-6, -9.3, false},   // again
	} {
		if got := see(i+1, p.train, p.valid); (got != "") != p.warns {
			t.Errorf("estimate %d: %q, want a warning: %v", i+1, got, p.warns)
		}
	}
}
