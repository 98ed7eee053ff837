package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// hiddenRealUnits are hidden units of every kind with real states.
const hiddenRealUnits = "gaussian:1,relu:1,bernoulli:1,drelu:3"

// hiddenRealConfigs are ways to train hidden units with real states on rows of bars and stripes.
func hiddenRealConfigs() map[string]Config {
	list := map[string]Config{}
	for algorithm, optimizer := range map[string]string{"pcd": "sgd", "cd": "adam", "fpcd": "nesterov", "pt": "adam", "ptt": "sgd"} {
		c := DefaultConfig()
		c.HiddenUnits, c.Hidden, c.Binarize, c.Algorithm, c.Optimizer, c.Seed = hiddenRealUnits, 6, "none", algorithm, optimizer, 3
		c.BatchSize, c.Chains, c.GibbsSteps, c.Epochs, c.LearningRate, c.InitialDeviation = 3, 20, 2, 8, 0.05, 0.1
		c.Center = algorithm != "fpcd"
		switch algorithm {
		case "cd":
			c.Chains = 0
		case "fpcd":
			c.Momentum, c.FinalMomentum = 0.5, 0.5
		case "pt":
			c.Temperatures = 3
		case "ptt":
			c.InitialDeviation = 0
		}
		list[algorithm+" "+optimizer] = c
	}
	return list
}

func bars(t *testing.T, side int) *dataset.Set {
	t.Helper()
	set, err := dataset.Open(fmt.Sprint("bars-and-stripes:", side), dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestHiddenRealTrainingAgrees holds the plan of an update to Gorgonia's tape. Fields are sums of at most n =
// V + H terms with states below 20, and the statistics sums over 23 rows and chains of products of two
// states. A move passes through four of these sums.
func TestHiddenRealTrainingAgrees(t *testing.T) {
	data := bars(t, 2)
	for name, c := range hiddenRealConfigs() {
		if c.Algorithm == "ptt" { // whose freezes are between updates
			continue
		}
		t.Run(name, func(t *testing.T) {
			wantTape(t, c, data, 4*rbmtest.Gamma(4+6+23)*20*20)
		})
	}
}

// TestHiddenRealRunsAreTheSame: a run gives the same bits with any number of threads, and after a checkpoint in the
// middle of an epoch.
func TestHiddenRealRunsAreTheSame(t *testing.T) {
	data := bars(t, 2)
	for name, c := range hiddenRealConfigs() {
		want := newTestTrainer(t, c, data, 1)
		finish(t, want)
		other := newTestTrainer(t, c, data, 2)
		if err := other.Train(context.Background(), 4); err != nil {
			t.Fatal(err)
		}
		got := saveAndResume(t, filepath.Join(t.TempDir(), "checkpoint.safetensors"), other, data, nil)
		finish(t, got)
		wantSameRun(t, name+", two threads and a checkpoint", got, want)
	}
}

// TestHiddenRealsLearn: in a short run, hidden units of each kind with real states gain more than half a nat over
// independent units, which have -6.24 nats on bars and stripes.
func TestHiddenRealsLearn(t *testing.T) {
	data := bars(t, 3)
	for _, k := range engine.RealKindNames() {
		c := DefaultConfig()
		c.HiddenUnits, c.Hidden, c.Binarize, c.Algorithm, c.Seed = k, 8, "none", "pcd", 1
		c.BatchSize, c.Chains, c.GibbsSteps, c.Updates, c.LearningRate, c.InitialDeviation = 16, 50, 1, 800, 0.04, 0.2
		trainer := newTestTrainer(t, c, data, 2)
		finish(t, trainer)
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		logZ := rbmtest.LogPartition(t, m)
		var states []float32
		row := make([]float32, data.Train.V)
		for n := range data.Train.N {
			data.Train.Row(row, n)
			states = append(states, row...)
		}
		if got, want := m.LogLikelihood(states, logZ), -6.24+0.5; got < want {
			t.Errorf("%s: log-likelihood %v, want at least %v", k, got, want)
		}
		if m.Hidden.Units.Sides() && m.Hidden.Skew[0] == 0 && m.Hidden.Jump[0] == 0 {
			t.Errorf("%s: jump and skew are still 0", k)
		}
	}
}

// TestFromHiddenReals: a run that begins with a model has its shapes, and chains drawn given the rows.
func TestFromHiddenReals(t *testing.T) {
	units, err := engine.ParseUnits("relu:1,drelu:1", 2)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(nil, units, 4, 2)
	if err != nil {
		t.Fatal(err)
	}
	m.Hidden.LogVariance = []float32{-0.5, 0.7}
	m.Hidden.Bias, m.Hidden.Jump[1], m.Hidden.Skew[1] = []float32{0.4, -0.2}, -0.3, 0.8
	c := DefaultConfig()
	c.Binarize, c.Algorithm, c.Chains, c.Updates, c.LearningRate = "none", "pcd", 4000, 1, 1e-9
	trainer, err := NewFrom(c, m, bars(t, 2), rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	chains, err := trainer.Chains()
	if err != nil {
		t.Fatal(err)
	}
	want := m.MeanHidden(nil, make([]float32, 4)) // the weights are 0
	for j, mean := range want {
		var sum, square float64
		for n := range 4000 {
			s := float64(chains[2*n+j])
			sum, square = sum+s, square+s*s
		}
		got := sum / 4000
		if limit := 5 * math.Sqrt(square/4000-got*got) / math.Sqrt(4000); got < mean-limit || got > mean+limit {
			t.Errorf("mean of chains in unit %d: %v, want %v ± %v", j, got, mean, limit)
		}
	}
	got, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	if got.FreeEnergy([]float32{1, 0, 0, 1}) != m.FreeEnergy([]float32{1, 0, 0, 1}) {
		t.Error("the run begins with another model")
	}
}
