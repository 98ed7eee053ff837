package rbm

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"harmonium/dataset"
)

// frozenRow is a run whose model and row of frozen ones stand still. The row begins with
// the independent model of the data.
func frozenRow(t *testing.T, m *Model, c Config, rows *dataset.Rows, row []*Model) *watched {
	t.Helper()
	c.Algorithm = "ptt"
	w := frozen(t, m, c, rows)
	for _, model := range row {
		for name, x := range map[string][]float32{varWeights: model.Weights, varVisibleBias: model.VisibleBias, varHiddenBias: model.HiddenBias} {
			if err := w.state.Set(kept(name, w.trajectory.Kept), x); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.freeze(); err != nil {
			t.Fatal(err)
		}
	}
	w.watch(t)
	return w
}

// path returns models between the independent one and m.
func path(m *Model, rows *dataset.Rows, betas ...float32) []*Model {
	base := baseBiases(BaseRates(rows, dataset.Binarization{Mode: dataset.None}), rows.N)
	var models []*Model
	for _, beta := range betas {
		models = append(models, tempered(m, base, beta))
	}
	return models
}

// TestTrajectoryReachesItsModels: the chains of every model of a row have its enumerated
// frequencies, the independent one's too, and the sum of Bennett's ratios is log Z.
func TestTrajectoryReachesItsModels(t *testing.T) {
	for i, m := range gibbsModels(t) {
		const chains, updates = 2000, 30
		rows := randomRows(4, m.Visible, false, true)
		row := path(m, rows, 0, 0.4, 0.7)
		w := frozenRow(t, m, Config{GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: updates}, rows, row[1:])
		finish(t, w.Trainer)
		_, vm := w.phases(t)
		chiSquare(t, fmt.Sprintf("model %d, visible", i), countStates(vm, m.Visible), visibleProbabilities(t, m))
		for k, model := range append(row, m) {
			name := varChains
			if k < len(row) {
				name = ofModel(varChains, k)
			}
			p := hiddenAfter(model, visibleProbabilities(t, model))
			chiSquare(t, fmt.Sprintf("model %d, hidden of model %d of the row", i, k), countStates(w.floats(t, name), m.Hidden), p)
		}
		metrics, err := w.trajectoryMetrics()
		if err != nil {
			t.Fatal(err)
		}
		if got := metrics.Models; got != len(row)+1 {
			t.Errorf("model %d: a row of %d models, want %d", i, got, len(row)+1)
		}
		// Two pairs share the states of the model between them, so that their errors may add up.
		tolerance := 3 * math.Sqrt(float64(len(row))) * metrics.StandardError
		near(t, fmt.Sprintf("model %d: log Z", i), metrics.LogPartition, logPartition(t, m), tolerance)
		if metrics.StandardError > 0.1 {
			t.Errorf("model %d: the standard error is %v, want at most 0.1", i, metrics.StandardError)
		}
	}
}

// TestTrajectoryVisitsModesAsOften is TestModesAreVisitedAsOften for a row of models that
// leads up to the one with the two modes.
func TestTrajectoryVisitsModesAsOften(t *testing.T) {
	const chains, first, updates = 100, 300, 700
	const odds = 0.8
	m, want := twoModes(odds), 1/(1+math.Exp(-odds))
	rows := randomRows(4, m.Visible, false, true)
	w := frozenRow(t, m, Config{GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: first + updates}, rows,
		path(m, rows, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7))
	got, deviation := stat.MeanStdDev(onShares(t, w, chains, first, updates), nil)
	standardError := deviation / math.Sqrt(chains)
	if standardError > 0.03 || math.Abs(got-want) > 3*standardError {
		t.Errorf("%v ± %v of the time in the first mode, want %v", got, standardError, want)
	}
}

// twoClusters are rows of which seven of ten have nearly all of their units on and the
// others nearly none.
func twoClusters(visible int) *dataset.Rows {
	const n = 100
	rows := &dataset.Rows{N: n, V: visible, Bytes: make([]uint8, n*visible)}
	for row := range n {
		for i := range visible {
			on := row%10 < 7
			if (row*7+i*3)%20 == 0 {
				on = !on
			}
			if on {
				rows.Bytes[row*visible+i] = 255
			}
		}
	}
	return rows
}

func trajectoryConfig() Config {
	c := DefaultConfig()
	c.Hidden, c.Algorithm, c.GibbsSteps, c.Chains, c.BatchSize, c.Binarize = 3, "ptt", 1, 200, 50, "none"
	c.LearningRate, c.L2, c.Epochs = 0.1, 0, 600
	return c
}

// TestTrajectoryTrains: a run of its own freezes models on its way to data of two clusters,
// and knows log Z of the last to three standard errors of its ratios, whose errors may add
// up.
func TestTrajectoryTrains(t *testing.T) {
	trainer := newTestTrainer(t, trajectoryConfig(), &dataset.Set{Train: twoClusters(12)}, 1)
	finish(t, trainer)
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := trainer.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	row := metrics.Trajectory
	if row.Models < 3 {
		t.Errorf("a row of %d models, want at least 3", row.Models)
	}
	tolerance := 3 * math.Sqrt(float64(row.Models-1)) * row.StandardError
	near(t, "log Z", row.LogPartition, logPartition(t, m), tolerance)
	if row.StandardError > 0.5 {
		t.Errorf("the standard error is %v, want at most 0.5", row.StandardError)
	}
}

// TestTrajectoryUndoesUpdates: where the learning rate is far too large the parameters
// before an update come back, with half the rate and without velocity; and a run that does
// so too often ends.
func TestTrajectoryUndoesUpdates(t *testing.T) {
	c := trajectoryConfig()
	c.LearningRate, c.Schedule, c.Momentum, c.FinalMomentum = 300, "constant", 0.5, 0.5
	trainer := newTestTrainer(t, c, &dataset.Set{Train: twoClusters(12)}, 1)
	start := trainer.floats(t, varWeights)
	for trainer.trajectory.Rejections == 0 {
		if err := trainer.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		if trainer.update > 2 {
			t.Fatal("no update was undone")
		}
	}
	if !slices.Equal(trainer.floats(t, varWeights), start) {
		t.Error("the weights are not those before the update that was undone")
	}
	if slices.ContainsFunc(trainer.floats(t, varWeights+suffixVelocity), func(v float32) bool { return v != 0 }) {
		t.Error("a velocity is left of the update that was undone")
	}
	if got, want := trainer.floats(t, varRates)[0], float32(150); got != want {
		t.Errorf("the learning rate is %v then, want %v", got, want)
	}
	for range 40 {
		if err := trainer.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if tr := trainer.trajectory; tr.Rejections != 0 || slices.Equal(trainer.floats(t, varWeights), start) {
		t.Errorf("after %d updates %d were undone in a row, want the run to have gone on", trainer.update, tr.Rejections)
	}

	c.LearningRate = 1e20
	trainer = newTestTrainer(t, c, &dataset.Set{Train: twoClusters(12)}, 1)
	var err error
	for err == nil && trainer.update < 100 {
		err = trainer.Train(context.Background(), 1)
	}
	if err == nil || !strings.Contains(err.Error(), "30 updates in a row were undone") {
		t.Errorf("got error %v after %d updates, want the run to give up", err, trainer.update)
	}
}

// TestTrajectoryResumes stops a run that freezes models and one that undoes updates at
// several of its updates.
func TestTrajectoryResumes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	data := &dataset.Set{Train: twoClusters(12)}
	for _, rate := range []float64{0.5, 20} {
		c := trajectoryConfig()
		c.LearningRate, c.Momentum, c.FinalMomentum, c.Epochs, c.Updates = rate, 0.5, 0.5, 0, 60
		want := newTestTrainer(t, c, data, 2)
		finish(t, want)
		if want.trajectory.Frozen < 2 {
			t.Errorf("rate %v: no model was frozen beside the independent one", rate)
		}
		if rate > 1 && want.trajectory.Factor == 1 {
			t.Errorf("rate %v: no update was undone", rate)
		}
		stopped := newTestTrainer(t, c, data, 1)
		for stop := 0; !stopped.Done(); stop++ {
			if stop%7 == 0 || stop < 5 {
				if err := stopped.Save(file, nil); err != nil {
					t.Fatal(err)
				}
				checkpoint, err := LoadCheckpoint(file)
				if err != nil {
					t.Fatal(err)
				}
				resumed, err := checkpoint.Resume(data, openDevice(t, 2))
				if err != nil {
					t.Fatal(err)
				}
				finish(t, resumed)
				wantSameRun(t, fmt.Sprintf("rate %v, resumed at %d", rate, stop), resumed, want)
				if *resumed.trajectory != *want.trajectory {
					t.Errorf("rate %v, resumed at %d: %+v, want %+v", rate, stop, resumed.trajectory, want.trajectory)
				}
			}
			if err := stopped.Train(context.Background(), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestTrajectoryRefuses: a checkpoint whose row of models is not the one it speaks of.
func TestTrajectoryRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	trainer := newTestTrainer(t, trajectoryConfig(), &dataset.Set{Train: twoClusters(12)}, 1)
	for text, want := range map[string]string{
		"":                         "metadata trajectory: unexpected end of JSON input",
		`{"frozen":2}`:             "metadata trajectory says 2 models, found 1",
		`{"frozen":1,"kept":2}`:    "metadata trajectory: kept is 2, want 0 or 1",
		`{"frozen":1,"factor":0}`:  "metadata trajectory: factor is 0, want a positive number of at most 1",
		`{"frozen":1,"factor":-1}`: "metadata trajectory: factor is -1, want a positive number of at most 1",
	} {
		if err := trainer.Save(path, nil); err != nil {
			t.Fatal(err)
		}
		f, err := readTensors(path)
		if err != nil {
			t.Fatal(err)
		}
		f.metadata[keyTrajectory] = text
		if err := writeTensors(path, f); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadCheckpoint(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", text, err, want)
		}
	}
}
