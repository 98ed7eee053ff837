package train

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
)

// logZNow estimates log Z of the current model of a run.
func logZNow(t *testing.T, trainer *Trainer) *likelihood.Partition {
	t.Helper()
	p, err := trainer.EstimateLogPartition(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestOnlineIntervalHoldsLogZ trains small models of digits, at high learning rates, and
// estimates log Z of each once. An interval extends at least three standard errors on either
// side. One interval in 370 misses log Z by chance, and two of twenty do so in fewer than one
// of 700 tests. An interval wider than one nat, a fiftieth of log Z, would be of no use.
func TestOnlineIntervalHoldsLogZ(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	const runs = 20
	covering := 0
	for seed := range uint64(runs) {
		c := pcdConfig()
		c.Hidden, c.BatchSize, c.GibbsSteps, c.Epochs, c.Seed = exactBits+1+int(seed)%2, 20, 1, 6, seed
		c.LearningRate, c.Chains = []float64{0.1, 0.4}[seed%8/4], 20 // four runs at each rate in turn
		first := int(seed) * 2000                                    // of the rows of this run
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.Digits(t, first, first+2000)}, 1)
		finish(t, trainer)
		want, got := rbmtest.LogPartition(t, modelOf(t, trainer)), logZNow(t, trainer)
		if got.High-got.Low > 1 {
			t.Errorf("seed %d: log Z from %v to %v, want it within one nat", seed, got.Low, got.High)
		}
		if got.Low <= want && want <= got.High {
			covering++
			continue
		}
		t.Logf("seed %d: log Z %v (%v to %v), want %v", seed, got.LogZ, got.Low, got.High, want)
	}
	if covering < runs-1 {
		t.Errorf("%d of %d intervals hold log Z, want at least %d", covering, runs, runs-1)
	}
}

// TestEstimatesLeaveTheRunAlone: an estimate of log Z by annealing does not change the run, and the estimate of a
// resumed run has the same bits.
func TestEstimatesLeaveTheRunAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	for name, tc := range trainingCases() {
		const units = exactBits + 1 // in both layers, too many for an exact log Z
		data := &dataset.Set{Train: tc.rows(caseRows, units)}
		tc.config.Hidden = units
		want := newTestTrainer(t, tc.config, data, 1)
		got := newTestTrainer(t, tc.config, data, 1)
		for _, trainer := range []*Trainer{want, got} {
			if err := trainer.Train(context.Background(), 2); err != nil {
				t.Fatal(err)
			}
		}
		first := logZNow(t, got)
		if first.Low >= first.High {
			t.Errorf("%s: log Z from %v to %v, want an interval", name, first.Low, first.High)
		}
		wantSameRun(t, name+": after an estimate", got, want)
		second := logZNow(t, saveAndResume(t, path, want, data, nil))
		if first.LogZ != second.LogZ || first.Low != second.Low || first.High != second.High {
			t.Errorf("%s: log Z %v (%v to %v) after the run was resumed, want %v (%v to %v)", name,
				second.LogZ, second.Low, second.High, first.LogZ, first.Low, first.High)
		}
		finish(t, got)
		finish(t, want)
		wantSameRun(t, name+": at the end", got, want)
	}
}

// TestOnlineMethod: log Z is a sum if a layer is small, and else chains that persist are annealed
// down.
func TestOnlineMethod(t *testing.T) {
	data := &dataset.Set{Train: rbmtest.RandomRows(23, exactBits+1, false, true)}
	for algorithm, want := range map[string]string{"pcd": "online", "fpcd": "online", "pt": "online", "ptt": "online", "cd": "ais"} {
		c := pcdConfig()
		c.Hidden, c.Algorithm = exactBits+1, algorithm
		if got := logZNow(t, newTestTrainer(t, c, data, 1)).Method; got != want {
			t.Errorf("%s: method %q, want %q", algorithm, got, want)
		}
		c.Hidden = exactBits
		trainer := newTestTrainer(t, c, data, 1)
		got, exact := logZNow(t, trainer), rbmtest.LogPartition(t, modelOf(t, trainer))
		if got.Method != "exact" {
			t.Errorf("%s: method %q where a layer is small, want exact", algorithm, got.Method)
		}
		if got.LogZ != exact || got.Low != exact || got.High != exact {
			t.Errorf("%s: log Z %v (%v to %v), want exactly %v", algorithm, got.LogZ, got.Low, got.High, exact)
		}
	}
}

// TestOnlineEnds: an estimate of log Z, exact or by annealing with and without chains, ends with the error of its
// context.
func TestOnlineEnds(t *testing.T) {
	for _, algorithm := range []string{"pcd", "cd"} {
		for _, units := range []int{5, exactBits + 1} {
			c := pcdConfig()
			c.Hidden, c.Algorithm = units, algorithm
			trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(caseRows, units, false, true)}, 1)
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_, err := trainer.EstimateLogPartition(ctx)
			if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "train: log Z after update 0: ") {
				t.Errorf("%s, %d units: error %v, want the error of the context", algorithm, units, err)
			}
		}
	}
}

// TestOnlineEpochs counts by hand, in Gibbs steps of a row. An estimate by annealing costs
// 40·(100+100+50) = 10,000, and the training between two estimates costs forty times that, and
// five times the rows of the estimate, at most 10,000. An exact log Z costs 150 times half a step for each state, divided
// by the units.
func TestOnlineEpochs(t *testing.T) {
	for _, tc := range []struct {
		rows, hidden, batch, chains, steps, updates int
		algorithm                                   string
		want                                        int
	}{
		{180000, 20, 1000, 0, 1, 0, "pcd", 1},       // 180,000·(1.5+1) = 450,000 = 400,000 + 5·10,000
		{179000, 20, 1000, 0, 1, 0, "pcd", 2},       // 447,500 are too few
		{40000, 20, 1000, 0, 1, 0, "cd", 5},         // 40,000·(1.5+1) = 100,000
		{10000, 20, 100, 850, 1, 0, "pcd", 5},       // 10,000·(1.5+8.5)
		{500, 20, 1000, 1000, 1, 0, "pcd", 230},     // one batch of 500·1.5 + 1000 = 1750, for 402,500
		{20000, 20, 1000, 0, 1, 0, "pt", 2},         // 20,000·(1.5+10) with ten temperatures
		{500, 2, 1000, 1000, 1, 0, "pcd", 2},        // 5·500 + 150·2²/2/2 = 2650, for 1750 an update
		{500, 20, 1000, 1000, 1, 50000, "pcd", 500}, // 50,000 epochs have at most mostEstimates
	} {
		c := pcdConfig()
		c.Hidden, c.Algorithm, c.BatchSize, c.Chains, c.GibbsSteps = tc.hidden, tc.algorithm, tc.batch, tc.chains, tc.steps
		if c.Epochs = 1; tc.updates > 0 {
			c.Epochs, c.Updates = 0, tc.updates
		}
		trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(tc.rows, 20, false, true)}, 1)
		if got := trainer.OnlineEpochs(); got != tc.want {
			t.Errorf("%+v: %d epochs, want %d", tc, got, tc.want)
		}
	}
}
