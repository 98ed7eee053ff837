package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/store"
)

// frozenLadder returns a run whose model m stands still above the frozen models of a ladder. It calls check with the
// number k of each of these models once the model is frozen.
func frozenLadder(t *testing.T, m *rbm.Model, c Config, rows *dataset.Rows, ladder []*rbm.Model,
	check func(w *watched, k int)) *watched {
	t.Helper()
	c.Algorithm = "ptt"
	w := frozen(t, m, c, rows)
	for k, model := range ladder {
		w.setModel(t, model, "")
		if err := w.freeze(); err != nil {
			t.Fatal(err)
		}
		if got, want := len(w.trajectory.Acceptance), k+2; got != want {
			t.Fatalf("%d models are frozen above the first, want %d", got, want)
		}
		check(w, k)
	}
	w.setModel(t, m, "")
	return w
}

// path returns the models at inverse temperatures betas between the model of independent units, at 0, and m.
func path(m *rbm.Model, rows *dataset.Rows, betas ...float32) []*rbm.Model {
	base := rbm.BaseLayer(nil, rbm.BaseRates(rows, dataset.Binarization{Mode: dataset.None}), nil, rows.N).Bias
	var models []*rbm.Model
	for _, beta := range betas {
		models = append(models, tempered(m, base, beta))
	}
	return models
}

// TestTrajectoryReachesItsModels: the samples of every frozen model, and of the model of independent units, have the
// enumerated frequencies of the model, and so have the chains above the last. log Z of the ladder is the exact one
// within three standard errors, which one seed in 370 exceeds, times √3: the errors of the three ratios above the model
// at 0 may add up, as the samples of a model enter the ratios on both of its sides. (Models near independent units have
// no errors.) A standard error above 0.1 nats (chosen) would say little.
func TestTrajectoryReachesItsModels(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	for i, m := range rbmtest.GibbsModels(t) {
		const chains, updates = 1000, 30 // chosen: the chi-squares count states of a probability of 5/1000 by themselves
		rows := m.Visible.Rows(rbmtest.SomeRows(m, 4))
		below := path(m, rows, 0, 0.4, 0.7)
		hidden := func(what string, model *rbm.Model, states []float32) {
			p := rbmtest.HiddenAfter(model, rbmtest.VisibleProbabilities(t, model))
			rbmtest.ChiSquare(t, fmt.Sprintf("model %d, hidden of %s", i, what), rbmtest.CountStates(states, m.Hidden), p)
		}
		c := Config{GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: updates}
		w := frozenLadder(t, m, c, rows, below, func(w *watched, k int) {
			hidden(fmt.Sprintf("the reservoir of model %d", k), below[k], w.floats(t, graph.Reservoir)[:chains*m.Hidden.Len()])
			hidden(fmt.Sprintf("the chains of model %d", k), below[k], w.floats(t, graph.Chains))
		})
		finish(t, w.Trainer)
		_, vm := w.phases(t)
		visible := rbmtest.VisibleProbabilities(t, m)
		rbmtest.ChiSquare(t, fmt.Sprintf("model %d, visible", i), rbmtest.CountStates(vm, m.Visible), visible)
		hidden("the chains above all", m, w.floats(t, graph.Chains))
		metrics, err := w.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		got := metrics.Trajectory
		// Beside these models: the one of independent units, the first of the run, and the current one.
		if want := len(below) + 3; got.Models != want || len(got.Acceptance) != want-1 {
			t.Errorf("model %d: a ladder of %d models with acceptances %v, want %d models with one between each two",
				i, got.Models, got.Acceptance, want)
		}
		tolerance := 3 * math.Sqrt(float64(len(below))) * got.StandardError
		rbmtest.Near(t, fmt.Sprintf("model %d: log Z", i), got.LogPartition, rbmtest.LogPartition(t, m), tolerance)
		if got.StandardError > 0.1 {
			t.Errorf("model %d: the standard error is %v, want at most 0.1", i, got.StandardError)
		}
		if len(metrics.Warnings) > 0 {
			t.Errorf("model %d: warnings %q of a ladder that is right", i, metrics.Warnings)
		}
	}
}

// TestTrajectoryVisitsModesAsOften is TestModesAreVisitedAsOften for a ladder of models that
// leads up to the model with two modes. Near the top no Gibbs chain crosses between the modes,
// so each reservoir of R samples inherits the error of log(p/(1-p)) from the one below, where p is the share
// of a mode. A stage adds a variance of at most (1+stageVariance)/(R·p(1-p)): of drawing the samples anew (see
// TestBridgeCrosses), and of their weights within the modes. The variance of the chains' shares adds to this.
// A correct program fails with one of 370 seeds. A standard error above 0.03 (chosen) would hide a lost mode.
func TestTrajectoryVisitsModesAsOften(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	const chains, first, updates = 1000, 100, 300
	const odds = 0.8
	m, want := twoModes(odds), 1/(1+math.Exp(-odds))
	rows := rbmtest.RandomRows(4, m.Visible.Len(), false, true)
	betas := []float32{0.1, 0.2, 0.3, 0.4, 0.5, 0.7}
	c := Config{GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: first + updates}
	below, variance := path(m, rows, betas...), 0.0 // of log(p/(1-p))
	w := frozenLadder(t, m, c, rows, below, func(w *watched, k int) {
		p := onShare(t, below[k])
		variance += float64(w.trajectory.Stages) * (1 + stageVariance) / (reservoirShare * chains * p * (1 - p))
	})
	got, deviation := stat.MeanStdDev(onShares(t, w, chains, first, updates), nil)
	standardError := math.Sqrt(deviation*deviation/chains + math.Pow(want*(1-want), 2)*variance)
	if standardError > 0.03 {
		t.Errorf("the standard error of the time in a mode is %v, want at most 0.03", standardError)
	}
	rbmtest.Near(t, "share of the time in the mode that is on", got, want, 3*standardError)
}

// twoClusters returns 100 rows: in seven of ten nearly all units are on, in the others nearly none. About a twentieth of
// the cells differ from their cluster.
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

// trajectoryConfig trains by ptt, without decay, 1200 updates on twoClusters.
func trajectoryConfig() Config {
	c := pcdConfig()
	c.Hidden, c.Algorithm, c.GibbsSteps, c.Chains, c.BatchSize, c.Binarize = 3, "ptt", 1, 200, 50, "none"
	c.LearningRate, c.L2, c.Epochs = 0.1, 0, 600
	return c
}

// TestTrajectoryTrains trains on data of two clusters. The run freezes models on its way, and
// its log Z is within three standard errors of the exact one, given that the errors of the
// ratios may add up: √n times as much for n ratios. A standard error above half a nat (chosen) would say little.
func TestTrajectoryTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	t.Parallel()
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
	got := metrics.Trajectory
	if got.Models < 4 {
		t.Errorf("a ladder of %d models, want at least 4: it begins with 3", got.Models)
	}
	tolerance := 3 * math.Sqrt(float64(got.Models-1)) * got.StandardError
	rbmtest.Near(t, "log Z", got.LogPartition, rbmtest.LogPartition(t, m), tolerance)
	if got.StandardError > 0.5 {
		t.Errorf("the standard error is %v, want at most 0.5", got.StandardError)
	}
}

// TestTrajectoryHoldsLogZ trains small models of digits and holds log Z of the ladder, to
// three standard errors, to the exact one. One run in 370 misses by chance, and two of
// twenty in less than one of 700 tests. The squares of the errors of all runs, in standard errors, have a sum
// with the chi-square distribution of 20 degrees of freedom, or below it: it is above 45.3 in at most one of 1000
// tests. An error of more than one nat, of a log Z of some 50, would say little.
func TestTrajectoryHoldsLogZ(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	const runs = 20
	var near, frozen int
	var square float64 // mean of the squared errors
	for seed := range uint64(runs) {
		c := pcdConfig()
		c.Algorithm, c.Hidden, c.BatchSize, c.Chains, c.GibbsSteps, c.Seed = "ptt", 15+int(seed)%2, 50, 50, 3, seed
		c.LearningRate, c.Epochs, c.Updates = 0.2, 0, 230 // chosen: enough that models are frozen
		rows := int(seed) * 2000
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.Digits(t, rows, rows+2000)}, 1)
		finish(t, trainer)
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := trainer.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		want, got := rbmtest.LogPartition(t, m), metrics.Trajectory
		frozen += got.Models - 3 // a run begins with 3
		if got.StandardError > 1 {
			t.Errorf("seed %d: the standard error is %v, want at most a nat", seed, got.StandardError)
		}
		square += math.Pow((got.LogPartition-want)/got.StandardError, 2) / runs
		if math.Abs(got.LogPartition-want) <= 3*got.StandardError {
			near++
			continue
		}
		t.Logf("seed %d: log Z %v ± %v by a ladder of %d, want %v", seed, got.LogPartition, got.StandardError, got.Models, want)
	}
	if near < runs-1 {
		t.Errorf("log Z of %d of %d runs is within three standard errors, want at least %d", near, runs, runs-1)
	}
	if square > 45.3/runs {
		t.Errorf("the mean square of the errors is %v in standard errors, want at most %v", square, 45.3/runs)
	}
	if frozen < runs*3/2 { // chosen: else the runs show little of the ladder
		t.Errorf("%d models were frozen in %d runs, want at least %d", frozen, runs, runs*3/2)
	}
}

// TestTrajectoryUndoesUpdates: with a learning rate far too large the run returns to the last
// frozen model, here the first, with half the rate and without velocity, and goes on. The first update moves the model
// too far, and the exchanges of the second show it.
func TestTrajectoryUndoesUpdates(t *testing.T) {
	c := trajectoryConfig()
	c.LearningRate, c.Schedule, c.Momentum, c.FinalMomentum = 300, "constant", 0.5, 0.5
	trainer := newTestTrainer(t, c, &dataset.Set{Train: twoClusters(12)}, 1)
	start := trainer.floats(t, graph.Weights)
	for trainer.trajectory.Rejections == 0 {
		if err := trainer.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		if trainer.update > 2 {
			t.Fatal("no update was undone")
		}
	}
	if !slices.Equal(trainer.floats(t, graph.Weights), start) {
		t.Error("the weights are not the weights before the updates that were undone")
	}
	if slices.ContainsFunc(trainer.floats(t, graph.Weights+graph.SuffixVelocity), func(v float32) bool { return v != 0 }) {
		t.Error("a velocity is left of the updates that were undone")
	}
	if got, want := trainer.floats(t, graph.Rates)[0], float32(150); got != want {
		t.Errorf("the learning rate is %v then, want %v", got, want)
	}
	trainTo(t, trainer, trainer.update+40)
	if tr := trainer.trajectory; tr.Rejections != 0 || slices.Equal(trainer.floats(t, graph.Weights), start) {
		t.Errorf("after %d updates the run went back %d times in a row, want weights that have moved on", trainer.update, tr.Rejections)
	}
}

// TestTrajectoryGivesUp: a run whose updates are all undone ends with an error at the return number mostRejections, at a
// rate that even the halvings leave too large.
func TestTrajectoryGivesUp(t *testing.T) {
	c := trajectoryConfig()
	c.LearningRate, c.Schedule = 1e20, "constant"
	trainer := newTestTrainer(t, c, &dataset.Set{Train: twoClusters(12)}, 1)
	var err error
	for err == nil && trainer.update < 100 {
		err = trainer.Train(context.Background(), 1)
	}
	if err == nil || !strings.Contains(err.Error(), "went back 30 times in a row") {
		t.Errorf("got error %v after %d updates, want the run to give up", err, trainer.update)
	}
}

// TestTrajectoryBoundsItsCost: between two attempts to freeze a model the chains make as many Gibbs
// steps as the first of the two took of the reservoir, also in a run whose model moves fast, unless
// the run went back. The rates are such that the runs need ways of several stages and wide ways.
func TestTrajectoryBoundsItsCost(t *testing.T) {
	wide := 0
	for _, rate := range []float64{2, 5} {
		c := trajectoryConfig()
		c.LearningRate, c.Chains, c.GibbsSteps, c.Epochs, c.Updates = rate, 50, 5, 0, 200
		trainer := newTestTrainer(t, c, &dataset.Set{Train: twoClusters(12)}, 1)
		attempts, last, cost, most := 0, 0, 0, 0
		for !trainer.Done() {
			tr := trainer.trajectory
			models, wait := len(tr.Acceptance), tr.Wait
			if err := trainer.Train(context.Background(), 1); err != nil {
				t.Fatal(err)
			}
			if tr.Rejections > 0 {
				cost = 0
			}
			frozen := len(tr.Acceptance) > models
			if !frozen && tr.Wait <= wait {
				continue
			}
			if steps := (trainer.update - last) * c.GibbsSteps; steps < cost {
				t.Errorf("rate %v: %d Gibbs steps of the chains before update %d, want at least %d", rate, steps, trainer.update, cost)
			}
			last, attempts = trainer.update, attempts+1
			if cost = refreshSteps + tr.Stages + spreadSteps; !frozen || tr.Stages == wideStages {
				cost, wide = refreshSteps+2*wideStages+relaxSteps, wide+1
				continue
			}
			most = max(most, tr.Stages)
		}
		if attempts < 3 {
			t.Errorf("rate %v: %d attempts to freeze a model, want at least 3", rate, attempts)
		}
		if most < 2 {
			t.Errorf("rate %v: at most %d stages between two models, want at least 2", rate, most)
		}
	}
	if wide == 0 {
		t.Error("no run has taken a wide way")
	}
}

// tempering returns the metrics of a run with only the fields of exchanges, ladder and autocorrelation.
func tempering(t *testing.T, trainer *Trainer) Metrics {
	t.Helper()
	m, err := trainer.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	if m.AutocorrelationTime < 1 {
		t.Errorf("an autocorrelation time of %v, want at least 1", m.AutocorrelationTime)
	}
	return Metrics{Ladder: m.Ladder, Trajectory: m.Trajectory, AutocorrelationTime: m.AutocorrelationTime, Warnings: m.Warnings}
}

// TestTrajectoryResumes stops a run that freezes models, one that moves far from them, and two that
// undo updates too, at several of their updates and resumes them on another number of threads. The
// metrics at the end are the same to the bit. In short it stops the last run alone, and twice.
func TestTrajectoryResumes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	data := &dataset.Set{Train: twoClusters(12)}
	rates, stops := []float64{0.5, 2, 8, 300}, []int{0, 1, 2, 3, 4, 7, 14, 21, 28, 35, 42, 49, 56}
	if testing.Short() {
		rates, stops = rates[3:], []int{1, 42}
	}
	for _, rate := range rates {
		c := trajectoryConfig()
		c.LearningRate, c.Momentum, c.FinalMomentum, c.Epochs, c.Updates, c.Chains = rate, 0.5, 0.5, 0, 60, 50
		want := newTestTrainer(t, c, data, 1)
		finish(t, want)
		seen := tempering(t, want)
		if len(want.trajectory.Acceptance) < 2 {
			t.Errorf("rate %v: no model but the first was frozen", rate)
		}
		if rate >= 8 && want.trajectory.Factor == 1 {
			t.Errorf("rate %v: no update was undone", rate)
		}
		if rate == 2 && !want.trajectory.Forgets {
			t.Errorf("rate %v: no model was far away whose chains forget their states", rate)
		}
		stopped := newTestTrainer(t, c, data, 2)
		for _, stop := range stops {
			trainTo(t, stopped, stop)
			resumed := saveAndResume(t, file, stopped, data, nil)
			finish(t, resumed)
			wantSameRun(t, fmt.Sprintf("rate %v, resumed at %d", rate, stop), resumed, want)
			if !reflect.DeepEqual(resumed.trajectory, want.trajectory) {
				t.Errorf("rate %v, resumed at %d: %+v, want %+v", rate, stop, resumed.trajectory, want.trajectory)
			}
			if got := tempering(t, resumed); !reflect.DeepEqual(got, seen) {
				t.Errorf("rate %v, resumed at %d: metrics %+v, want %+v", rate, stop, got, seen)
			}
		}
	}
}

// TestFactorsOfAnotherRate: a run that is resumed with another learning rate has factors of 1, also where the guard goes
// back to. With the same rate it keeps its factors.
func TestFactorsOfAnotherRate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	data := &dataset.Set{Train: twoClusters(12)}
	trainer := newTestTrainer(t, trajectoryConfig(), data, 1)
	trainer.guard.Factor, trainer.trajectory.Factor, trainer.guard.Trajectory.Factor = 0.5, 0.25, 0.125
	if err := trainer.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	for times, want := range map[float64][3]float64{1: {0.5, 0.25, 0.125}, 2: {1, 1, 1}} {
		c, err := LoadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		c.Config.LearningRate *= times
		run, err := c.Resume(data, rbmtest.OpenDevice(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		got := [3]float64{run.guard.Factor, run.trajectory.Factor, run.guard.Trajectory.Factor}
		if got != want {
			t.Errorf("%v times the learning rate: factors of the guard, the trajectory and its best %v, want %v", times, got, want)
		}
	}
}

// TestTrajectoryRefuses: a checkpoint whose trajectory, or the one that the guard keeps, has a field out of range is an
// error that names it.
func TestTrajectoryRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	trainer := newTestTrainer(t, trajectoryConfig(), &dataset.Set{Train: twoClusters(12)}, 1)
	for text, want := range map[string]string{
		"":              "metadata trajectory: unexpected end of JSON input",
		`{"factor":0}`:  "metadata trajectory: factor is 0, want a positive number of at most 1",
		`{"factor":-1}`: "metadata trajectory: factor is -1, want a positive number of at most 1",
		`{"factor":1}`:  "metadata trajectory: no acceptance, want one for each frozen model",
		`{"factor":1,"acceptance":[1],"since":-1}`:      "metadata trajectory: -1 updates since and 0 rejections",
		`{"factor":1,"acceptance":[1],"rejections":30}`: "0 updates since and 30 rejections, want at least 0 of both and less than 30 of these",
		`{"factor":1,"acceptance":[1],"wait":-1}`:       "metadata trajectory: wait is -1 and stages 0, want at least 0 of both",
		`{"factor":1,"acceptance":[1],"variance":-1}`:   "metadata trajectory: variance is -1, want a number of at least 0",
	} {
		if err := trainer.Save(path, nil); err != nil {
			t.Fatal(err)
		}
		f, err := store.ReadSafetensors(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Metadata[keyTrajectory] = text
		if err := store.WriteSafetensors(path, f); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadCheckpoint(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", text, err, want)
		}
	}
	trainer.guard.Trajectory.Variance = -1
	if err := trainer.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	const want = "metadata guard: trajectory: variance is -1, want a number of at least 0"
	if _, err := LoadCheckpoint(path); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the trajectory of the guard: got error %v, want %q", err, want)
	}
}
