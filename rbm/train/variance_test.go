package train

import (
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

// realUnits are the units of seven columns: three measurements between a category of three columns and a unit of two
// states.
const realUnits = "categorical/3:1,gaussian:3,bernoulli:1"

// measurements returns n rows of realUnits. The first measurement is normal around the category, the second around the
// state, and the third around 5.
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

// realConfig trains four updates on 20 measurements.
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

// realBound bounds how far a parameter may differ between two runners after an update with real states, whose products
// they round in another order. Fields are sums of at most as many terms as both layers have units, with states
// below 20, and the statistics are sums over the rows, of data or chains, of products of two states. A move passes
// through four of these sums.
func realBound(units, rows int) float64 { return 4 * rbmtest.Gamma(units+rows) * 20 * 20 }

// TestRealTrainingAgrees holds the plan of an update to Gorgonia's tape, within realBound of 30 replicas at three
// temperatures.
func TestRealTrainingAgrees(t *testing.T) {
	data := &dataset.Set{Train: measurements(20)}
	for name, c := range realConfigs() {
		t.Run(name, func(t *testing.T) {
			wantTape(t, c, data, realBound(7+6, 30))
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
			rbmtest.CompareValues(t, v.name, onPlan.values(t, v), onTape.values(t, v), func(int) float64 { return bound })
			onPlan.set(t, v.name, onTape.floats(t, v.name))
		}
	}
}

// TestRealRunsAreTheSame: a run gives the same bits with any number of threads, and after a checkpoint in
// the middle of an epoch.
func TestRealRunsAreTheSame(t *testing.T) {
	data := &dataset.Set{Train: measurements(25)}
	data.Train.Missing = make([]uint8, 25*7)
	data.Train.Missing[2*7+4], data.Train.Missing[9*7+6] = 255, 255 // a measurement and a state
	for _, c := range []Config{realConfig(), realConfigs()["pt sigma=shared adam"]} {
		want := newTestTrainer(t, c, data, 1)
		finish(t, want)
		other := newTestTrainer(t, c, data, 2)
		trainTo(t, other, 2) // of the three updates of the first epoch
		got := saveAndResume(t, filepath.Join(t.TempDir(), "checkpoint.safetensors"), other, data, nil)
		finish(t, got)
		wantSameRun(t, "two threads and a checkpoint", got, want)
	}
}

// TestVariancesAreLearned: a model of two measurements, whose rows are drawn from a known model, reaches
// the log-likelihood that the known model has on other rows. Both have the same size. Of n = 4000 rows, k fitted
// parameters lose k/2n nats in the mean: 0.001 for two weights, three biases and two variances. Ten times as much is
// allowed (chosen), since the last updates still move the parameters.
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
	logZ := rbmtest.LogPartition(t, truth)
	rows := func(seed uint64) *dataset.Rows {
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
	likelihood := func(m *rbm.Model) float64 { return m.LogLikelihood(test.Floats, rbmtest.LogPartition(t, m)) }
	c := realConfig()
	c.VisibleUnits, c.Hidden, c.Epochs, c.BatchSize, c.Chains = "gaussian", 1, 100, 200, 200
	c.GibbsSteps, c.LearningRate, c.Algorithm, c.InitialDeviation = 1, 0.5, "pcd", 0.3
	trainer := newTestTrainer(t, c, &dataset.Set{Train: train}, 1)
	finish(t, trainer)
	if got, want := likelihood(modelOf(t, trainer)), likelihood(truth); got < want-0.01 {
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
		_, err := New(c, &dataset.Set{Train: measurements(20)}, rbmtest.OpenDevice(t, 1))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
	shared := DefaultConfig()
	shared.Sigma = sigmaShared
	_, err := New(shared, &dataset.Set{Train: rbmtest.RandomRows(20, 4, false, true)}, rbmtest.OpenDevice(t, 1))
	if err == nil || !strings.Contains(err.Error(), "Sigma") {
		t.Errorf("a sigma without real states: error %v, want one about Sigma", err)
	}
	_, err = New(DefaultConfig(), &dataset.Set{Train: measurements(20)}, rbmtest.OpenDevice(t, 1))
	if want := "column 3 holds any numbers"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("numbers for units of two states: error %v, want %q", err, want)
	}
}
