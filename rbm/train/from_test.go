package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// fromConfig trains with the given algorithm for two updates.
func fromConfig(algorithm string) Config {
	c := DefaultConfig()
	c.Algorithm, c.BatchSize, c.Updates, c.Binarize, c.Guard = algorithm, 40, 2, "none", "off"
	return c
}

// TestNewFromBegins: before the first update the run's model is the given one, of all combinations of
// units, and the hidden offset is the mean of the hidden means over the training rows.
func TestNewFromBegins(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 6, 4, 1, 1) {
		data := &dataset.Set{Train: m.Visible.Rows(rbmtest.SomeRows(m, 80))}
		for _, algorithm := range []string{"pcd", "cd", "pt"} {
			trainer, err := NewFrom(fromConfig(algorithm), m, data, rbmtest.OpenDevice(t, 1))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := trainer.Model()
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Weights, m.Weights) || !slices.Equal(got.Visible.Bias, m.Visible.Bias) || !slices.Equal(got.Hidden.Bias, m.Hidden.Bias) ||
				!sameUnits(got.Visible.Units, m.Visible.Units, 6) || !sameUnits(got.Hidden.Units, m.Hidden.Units, 4) {
				t.Errorf("%s, %s: the run begins with another model", name, algorithm)
			}
			want := make([]float64, 4)
			for v := range slices.Chunk(rbmtest.SomeRows(m, 80), 6) {
				for j, mean := range m.MeanHidden(nil, v) {
					want[j] += mean / 80
				}
			}
			offset := make([]float32, 4)
			if err := trainer.state.Get(graph.HiddenOffset, offset); err != nil {
				t.Fatal(err)
			}
			for j, x := range offset { // 80 roundings of sums of at most 1
				rbmtest.Near(t, name+": hidden offset", float64(x), want[j], 81*0x1p-24)
			}
			if err := trainer.Train(context.Background(), 2); err != nil {
				t.Errorf("%s, %s: %v", name, algorithm, err)
			}
		}
	}
}

// TestNewFromChains: the chains start at hidden states with p(h|v) of the training rows. All rows are
// equal here, so that the chains are draws of one distribution.
func TestNewFromChains(t *testing.T) {
	m := rbmtest.RandomModel(t, 5, 3, 1, 1)
	v := []float32{1, 0, 1, 1, 0}
	data := &dataset.Set{Train: &dataset.Rows{N: 10, V: 5, Floats: slices.Repeat(v, 10)}}
	c := fromConfig("pcd")
	c.Chains = 4000
	trainer, err := NewFrom(c, m, data, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	chains := make([]float32, c.Chains*3)
	if err := trainer.state.Get(graph.Chains, chains); err != nil {
		t.Fatal(err)
	}
	p := make([]float64, 8)
	for k, h := range m.Hidden.States() {
		p[k] = math.Exp(m.LogConditionalHidden(h, v))
	}
	rbmtest.ChiSquare(t, "chains", rbmtest.CountStates(chains, m.Hidden), p)
}

func TestNewFromRefuses(t *testing.T) {
	m := rbmtest.RandomModel(t, 5, 3, 1, 1)
	data := &dataset.Set{Train: rbmtest.RandomRows(10, 5, false, true)}
	for want, change := range map[string]func(c *Config, data *dataset.Set){
		"train: Hidden is 4, want 3 as in the model to begin with":                                                            func(c *Config, _ *dataset.Set) { c.Hidden = 4 },
		"train: HiddenUnits is spin, want bernoulli as in the model to begin with":                                            func(c *Config, _ *dataset.Set) { c.HiddenUnits = "spin" },
		"train: Algorithm is ptt, want another one beside a model to begin with, as ptt begins with one of independent units": func(c *Config, _ *dataset.Set) { c.Algorithm = "ptt" },
		"train: InitialDeviation is 0.1, want none beside a model to begin with":                                              func(c *Config, _ *dataset.Set) { c.InitialDeviation = 0.1 },
		"train: rows of 6 values for a model of 5 visible units":                                                              func(_ *Config, d *dataset.Set) { d.Train = rbmtest.RandomRows(10, 6, false, true) },
		"train: LearningRate is -1, want a positive number":                                                                   func(c *Config, _ *dataset.Set) { c.LearningRate = -1 },
	} {
		c, d := fromConfig("pcd"), *data
		change(&c, &d)
		if _, err := NewFrom(c, m, &d, rbmtest.OpenDevice(t, 1)); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
