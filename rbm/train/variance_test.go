package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// realUnits are three measurements between a category and a state.
const realUnits = "categorical/3:1,gaussian:3,bernoulli:1"

// measurements returns rows of realUnits: three normal numbers that follow a category and a state.
func measurements(n int) *dataset.Rows {
	rows := &dataset.Rows{N: n, V: 7, Real: []bool{false, false, false, true, true, true, false}}
	r := rand.New(rand.NewPCG(4, uint64(n)))
	for range n {
		class, state := r.IntN(3), r.IntN(2)
		row := make([]float32, 7)
		row[class], row[6] = 1, float32(state)
		row[3] = float32(float64(class) - 1 + 0.4*r.NormFloat64())
		row[4] = float32(float64(2*state-1)*0.8 + 0.5*r.NormFloat64())
		row[5] = float32(5 + 2*r.NormFloat64())
		rows.Floats = append(rows.Floats, row...)
	}
	return rows
}

func realConfig() Config {
	c := DefaultConfig()
	c.VisibleUnits, c.Hidden, c.Binarize, c.Algorithm, c.Seed = realUnits, 6, "none", "pcd", 3
	c.BatchSize, c.Chains, c.GibbsSteps, c.Epochs, c.LearningRate = 10, 10, 1, 2, 0.05
	return c
}

// realConfigs are the ways to train units with real states.
func realConfigs() map[string]Config {
	list := map[string]Config{}
	for _, algorithm := range []string{"pcd", "cd", "fpcd", "pt", "ptt"} {
		for _, sigma := range []string{"", sigmaShared, sigmaFixed} {
			for _, optimizer := range []string{"sgd", "adam", "nesterov"} {
				c := realConfig()
				c.Algorithm, c.Sigma, c.Optimizer, c.Center = algorithm, sigma, optimizer, sigma != sigmaShared
				switch {
				case algorithm == "cd":
					c.Chains = 0
				case algorithm == "pt":
					c.Temperatures, c.GibbsSteps = 3, 2
				}
				switch optimizer {
				case "adam":
					c.LearningRate = 0.01
				case "nesterov":
					c.Momentum, c.FinalMomentum = 0.5, 0.5
				}
				list[fmt.Sprintf("%s sigma=%s %s", algorithm, sigma, optimizer)] = c
			}
		}
	}
	return list
}

// TestRealTrainingAgrees holds the plan of an update to Gorgonia's tape. The products over real states are
// rounded in another order: fields are sums of at most n = V + H terms with states below 20,
// and the statistics sums over at most 30 rows and chains of products of two states. A move passes through four
// of these sums.
func TestRealTrainingAgrees(t *testing.T) {
	data := &dataset.Set{Train: measurements(20)}
	for name, c := range realConfigs() {
		t.Run(name, func(t *testing.T) {
			wantTape(t, c, data, 4*rbmtest.Gamma(7+6+30)*20*20)
		})
	}
}

// wantTape compares two updates of a plan with Gorgonia's tape, each from the values of the tape.
func wantTape(t *testing.T, c Config, data *dataset.Set, bound float64) {
	t.Helper()
	onPlan, onTape := newTestTrainer(t, c, data, 2), newTestTrainer(t, c, data, 1)
	tape, err := engine.NewTape(onTape.graph(onTape.source()), onTape.state)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		if err := onPlan.makeUpdate(); err != nil {
			t.Fatal(err)
		}
		for _, v := range onPlan.variables() {
			if !v.saved {
				continue
			}
			got, want := rbmtest.Values(t, onPlan.state, v.name, v.of, v.shape), rbmtest.Values(t, onTape.state, v.name, v.of, v.shape)
			rbmtest.CompareValues(t, v.name, got, want, func(int) float64 { return bound })
			if err := onPlan.state.Set(v.name, onTape.floats(t, v.name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestRealRunsAreTheSame: a run gives the same bits with any number of threads, and after a checkpoint in
// the middle of an epoch.
func TestRealRunsAreTheSame(t *testing.T) {
	data := &dataset.Set{Train: measurements(25)}
	data.Train.Missing = make([]uint8, 25*7)
	data.Train.Missing[2*7+4], data.Train.Missing[9*7+6] = 255, 255
	for _, c := range []Config{realConfig(), realConfigs()["pt sigma=shared adam"]} {
		want := newTestTrainer(t, c, data, 1)
		finish(t, want)
		other := newTestTrainer(t, c, data, 2)
		if err := other.Train(context.Background(), 2); err != nil {
			t.Fatal(err)
		}
		got := saveAndResume(t, filepath.Join(t.TempDir(), "checkpoint.safetensors"), other, data, nil)
		finish(t, got)
		wantSameRun(t, "two threads and a checkpoint", got, want)
	}
}

// TestVariancesAreLearned: a model of two measurements, whose rows are drawn from a known model, reaches
// the log-likelihood that the known model has on other rows. Both have the same size. Of n rows, k fitted
// parameters lose k/2n nats in the mean, here 0.001. Ten times as much is allowed, since the last updates still
// move the parameters.
func TestVariancesAreLearned(t *testing.T) {
	const n = 4000
	units, err := engine.ParseUnits("gaussian", 2)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := rbm.NewModelOf(units, nil, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	truth.Weights = []float32{8, -2}
	truth.Visible.Bias, truth.Hidden.Bias = []float32{-3, 1}, []float32{-4}
	truth.Visible.LogVariance = []float32{-1.4, -0.3}
	rows := func(seed uint64) *dataset.Rows {
		logZ, err := truth.LogPartition(context.Background(), rbm.PartitionConfig{})
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 1))
		drawn := &dataset.Rows{N: n, V: 2, Real: []bool{true, true}}
		for range n {
			u := r.Float64()
			var fields []float64
			for h, logP := range truth.EnumerateHidden(logZ) {
				fields = truth.VisibleField(nil, h)
				if u -= math.Exp(logP); u < 0 {
					break
				}
			}
			for i, mean := range truth.Visible.Means(fields) {
				deviation := math.Exp(float64(truth.Visible.LogVariance[i]) / 2)
				drawn.Floats = append(drawn.Floats, float32(mean+deviation*r.NormFloat64()))
			}
		}
		return drawn
	}
	train, test := rows(1), rows(2)
	likelihood := func(m *rbm.Model) float64 {
		logZ, err := m.LogPartition(context.Background(), rbm.PartitionConfig{})
		if err != nil {
			t.Fatal(err)
		}
		return m.LogLikelihood(test.Floats, logZ)
	}
	c := realConfig()
	c.VisibleUnits, c.Hidden, c.Epochs, c.BatchSize, c.Chains = "gaussian", 1, 100, 200, 200
	c.GibbsSteps, c.LearningRate, c.Algorithm, c.InitialDeviation = 1, 0.5, "pcd", 0.3
	trainer := newTestTrainer(t, c, &dataset.Set{Train: train}, 1)
	finish(t, trainer)
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := likelihood(m), likelihood(truth); got < want-0.01 {
		t.Errorf("log-likelihood %v, the true model has %v", got, want)
	}
}

// TestRealRefusals: what units with real states cannot have is refused with the reason.
func TestRealRefusals(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"HiddenUnits":  func(c *Config) { c.HiddenUnits = "gaussian" },
		"binarization": func(c *Config) { c.Binarize = "static" },
		"Sigma":        func(c *Config) { c.Sigma = "none" },
	} {
		c := realConfig()
		change(&c)
		if _, err := New(c, &dataset.Set{Train: measurements(20)}, rbmtest.OpenDevice(t, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
	c := DefaultConfig()
	c.Sigma = sigmaShared
	if _, err := New(c, &dataset.Set{Train: rbmtest.RandomRows(20, 4, false, true)}, rbmtest.OpenDevice(t, 1)); err == nil || !strings.Contains(err.Error(), "Sigma") {
		t.Errorf("sigma without real states: error %v", err)
	}
	c = DefaultConfig()
	if _, err := New(c, &dataset.Set{Train: measurements(20)}, rbmtest.OpenDevice(t, 1)); err == nil || !strings.Contains(err.Error(), "column 3 holds any numbers") {
		t.Errorf("numbers for units of two states: error %v", err)
	}
}
