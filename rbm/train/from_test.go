package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
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
	const rows, visible, hidden = 80, 6, 4
	for name, m := range rbmtest.OfAllUnits(t, visible, hidden, 1, 1) {
		states := rbmtest.SomeRows(m, rows)
		data := &dataset.Set{Train: m.Visible.Rows(states)}
		for _, algorithm := range []string{"pcd", "cd", "pt"} {
			trainer, err := NewFrom(fromConfig(algorithm), m, data, rbmtest.OpenDevice(t, 1))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := trainer.Model()
			if err != nil {
				t.Fatal(err)
			}
			if !sameParameters(got, m) {
				t.Errorf("%s, %s: the run begins with other parameters", name, algorithm)
			}
			if !sameUnits(got.Visible.Units, m.Visible.Units, visible) || !sameUnits(got.Hidden.Units, m.Hidden.Units, hidden) {
				t.Errorf("%s, %s: the run begins with other units", name, algorithm)
			}
			want := make([]float64, hidden)
			for v := range slices.Chunk(states, visible) {
				for j, mean := range m.MeanHidden(nil, v) {
					want[j] += mean / rows
				}
			}
			// A float32 sum of terms of up to 1/rows: one rounding of each term and one of each sum, up to 1.
			for j, x := range trainer.floats(t, graph.HiddenOffset) {
				rbmtest.Near(t, name+": hidden offset", float64(x), want[j], (rows+1)*0x1p-24)
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
	p := make([]float64, m.Hidden.CountStates())
	for k, h := range m.Hidden.States() {
		p[k] = math.Exp(m.LogConditionalHidden(h, v))
	}
	rbmtest.ChiSquare(t, "chains", rbmtest.CountStates(trainer.floats(t, graph.Chains), m.Hidden), p)
}

// sameParameters reports whether two models of discrete units without couplings have the same parameters.
func sameParameters(a, b *rbm.Model) bool {
	return slices.Equal(a.Weights, b.Weights) && slices.Equal(a.Visible.Bias, b.Visible.Bias) &&
		slices.Equal(a.Hidden.Bias, b.Hidden.Bias)
}

// TestNewFromRefuses: what a model to begin with cannot have beside it is an error that says so.
func TestNewFromRefuses(t *testing.T) {
	m := rbmtest.RandomModel(t, 5, 3, 1, 1)
	data := &dataset.Set{Train: rbmtest.RandomRows(10, 5, false, true)}
	for _, tc := range []struct {
		change func(c *Config, data *dataset.Set)
		want   string
	}{
		{func(c *Config, _ *dataset.Set) { c.Hidden = 4 }, "train: Hidden is 4, want 3 as in the model to begin with"},
		{func(c *Config, _ *dataset.Set) { c.HiddenUnits = "spin" },
			"train: HiddenUnits is spin, want bernoulli as in the model to begin with"},
		{func(c *Config, _ *dataset.Set) { c.Algorithm = "ptt" },
			"train: Algorithm is ptt, want another one beside a model to begin with, as ptt begins with one of independent units"},
		{func(c *Config, _ *dataset.Set) { c.InitialDeviation = 0.1 },
			"train: InitialDeviation is 0.1, want none beside a model to begin with"},
		{func(_ *Config, d *dataset.Set) { d.Train = rbmtest.RandomRows(10, 6, false, true) },
			"train: rows of 6 values for a model of 5 visible units"},
		{func(c *Config, _ *dataset.Set) { c.LearningRate = -1 }, "train: LearningRate is -1, want a positive number"},
	} {
		c, d := fromConfig("pcd"), *data
		tc.change(&c, &d)
		if _, err := NewFrom(c, m, &d, rbmtest.OpenDevice(t, 1)); err == nil || err.Error() != tc.want {
			t.Errorf("got error %v, want %q", err, tc.want)
		}
	}
}
