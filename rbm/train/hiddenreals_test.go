package train

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

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

// TestHiddenRealTrainingAgrees holds the plan of an update to Gorgonia's tape, within realBound of 4 + 6 units, 3 rows
// and 20 chains.
func TestHiddenRealTrainingAgrees(t *testing.T) {
	data, _ := barsAndStripes(t, 2)
	for name, c := range hiddenRealConfigs() {
		if c.Algorithm == "ptt" { // whose freezes are between updates
			continue
		}
		t.Run(name, func(t *testing.T) {
			wantTape(t, c, data, realBound(4+6, 3+20))
		})
	}
}

// TestHiddenRealRunsAreTheSame: a run gives the same bits with any number of threads, and after a checkpoint in the
// middle of an epoch.
func TestHiddenRealRunsAreTheSame(t *testing.T) {
	data, _ := barsAndStripes(t, 2)
	for name, c := range hiddenRealConfigs() {
		want := newTestTrainer(t, c, data, 1)
		finish(t, want)
		other := newTestTrainer(t, c, data, 2)
		trainTo(t, other, 4) // of 24 updates, three an epoch
		got := saveAndResume(t, filepath.Join(t.TempDir(), "checkpoint.safetensors"), other, data, nil)
		finish(t, got)
		wantSameRun(t, name+", two threads and a checkpoint", got, want)
	}
}

// TestHiddenRealsLearn: in a short run, hidden units of each kind with real states gain at least half a nat (chosen) over
// independent units. These have -9·ln 2 nats, as each of the nine pixels is on in one of two pictures.
func TestHiddenRealsLearn(t *testing.T) {
	data, rows := barsAndStripes(t, 3)
	for _, k := range engine.RealKindNames() {
		c := DefaultConfig()
		c.HiddenUnits, c.Hidden, c.Binarize, c.Algorithm, c.Seed = k, 8, "none", "pcd", 1
		c.BatchSize, c.Chains, c.GibbsSteps, c.Updates, c.LearningRate, c.InitialDeviation = 16, 50, 1, 800, 0.04, 0.2
		trainer := newTestTrainer(t, c, data, 2)
		finish(t, trainer)
		m := modelOf(t, trainer)
		if got, want := m.LogLikelihood(rows, rbmtest.LogPartition(t, m)), 0.5-9*math.Ln2; got < want {
			t.Errorf("%s: log-likelihood %v, want at least %v", k, got, want)
		}
		if m.Hidden.Units.Sides() && m.Hidden.Skew[0] == 0 && m.Hidden.Jump[0] == 0 {
			t.Errorf("%s: the jump and the skew of unit 0 are still 0", k)
		}
	}
}

// TestFromHiddenReals: a run that begins with a model has its variances, jumps and skews, and chains drawn given the
// rows. The weights are 0, so that the chains of a unit are independent draws of one distribution. Their mean is within
// five of its standard errors, which one of 1.7 million means exceeds by chance.
func TestFromHiddenReals(t *testing.T) {
	const chains = 4000
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
	c.Binarize, c.Algorithm, c.Chains, c.Updates = "none", "pcd", chains, 1
	data, _ := barsAndStripes(t, 2)
	trainer, err := NewFrom(c, m, data, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	states := chainsOf(t, trainer)
	for j, want := range m.MeanHidden(nil, make([]float32, 4)) {
		var sum, squares float64
		for n := range chains {
			s := float64(states[2*n+j])
			sum, squares = sum+s, squares+s*s
		}
		got := sum / chains
		standardError := math.Sqrt((squares/chains - got*got) / chains)
		rbmtest.Near(t, fmt.Sprint("mean of the chains of unit ", j), got, want, 5*standardError)
	}
	if v := []float32{1, 0, 0, 1}; modelOf(t, trainer).FreeEnergy(v) != m.FreeEnergy(v) {
		t.Error("the run begins with another model")
	}
}
