package train

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// factorRows returns rows of four measurements 1 + λz + noise of deviation 1, with one normal z a row and the
// factorLoadings λ.
func factorRows(n int, seed uint64) *dataset.Rows { return noisyRows(n, seed, 1) }

// noisyRows are factorRows with noise of another deviation.
func noisyRows(n int, seed uint64, deviation float64) *dataset.Rows {
	rows := &dataset.Rows{N: n, V: 4, Real: []bool{true, true, true, true}}
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		z := r.NormFloat64()
		for _, loading := range factorLoadings {
			rows.Floats = append(rows.Floats, float32(1+loading*z+deviation*r.NormFloat64()))
		}
	}
	return rows
}

var factorLoadings = []float64{1, -0.8, 0.6, 0.5}

// gaussianConfig trains Gaussian units in both layers.
func gaussianConfig(algorithm string) Config {
	c := DefaultConfig()
	c.VisibleUnits, c.HiddenUnits, c.Hidden, c.Binarize, c.Algorithm, c.Seed = "gaussian", "gaussian", 1, "none", algorithm, 3
	c.GibbsSteps, c.Epochs, c.BatchSize, c.LearningRate, c.InitialDeviation = 2, 60, 200, 0.1, 0.3
	return c
}

// TestGaussiansAreLearned: a model of Gaussian units in both layers reaches, on other rows, the log-likelihood of
// the factor model that the rows are drawn from. Of n = 4000 rows, k fitted parameters lose k/2n nats in the mean:
// 0.0015 for the 12 of four loadings, means and variances. Ten times as much is allowed (chosen), since the last updates
// still move the parameters.
func TestGaussiansAreLearned(t *testing.T) {
	truth := rbmtest.Gaussians(t, 4, 1)
	precision := 1.0 // of z given a row
	for _, loading := range factorLoadings {
		precision += loading * loading
	}
	// -log p(x,z) = ½ z² (1 + Σλ²) + ½ Σ(x-1)² - z Σ λ(x-1), up to a constant.
	truth.Hidden.LogVariance[0], truth.Hidden.Bias[0] = float32(-math.Log(precision)), 0
	for i, loading := range factorLoadings {
		truth.Weights[i], truth.Visible.Bias[i], truth.Visible.LogVariance[i] = float32(loading), 1, 0
		truth.Hidden.Bias[0] -= float32(loading)
	}
	train, test := factorRows(4000, 1), factorRows(4000, 2)
	likelihood := func(m *rbm.Model) float64 { return m.LogLikelihood(test.Floats, rbmtest.LogPartition(t, m)) }
	for _, algorithm := range []string{"pcd", "cd"} {
		trainer := newTestTrainer(t, gaussianConfig(algorithm), &dataset.Set{Train: train}, 1)
		finish(t, trainer)
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := likelihood(m), likelihood(truth); !(got > want-0.015) {
			t.Errorf("%s: log-likelihood %v, the true model has %v", algorithm, got, want)
		}
	}
}

// TestGaussianTrainingAgrees holds the plan of an update to Gorgonia's tape, within realBound.
func TestGaussianTrainingAgrees(t *testing.T) {
	for _, algorithm := range []string{"pcd", "cd"} {
		c := gaussianConfig(algorithm)
		c.Hidden, c.BatchSize = 3, 10
		wantTape(t, c, &dataset.Set{Train: factorRows(30, 3)}, realBound(4+3, c.BatchSize))
	}
}

// TestGaussianRunsComeBack: where the noise of the rows is small, here of deviation 0.3, their model is close to models
// without a distribution. A run that leaves the models with one goes back with half the learning rate, says so, and
// learns. Without the guard it ends with an error.
func TestGaussianRunsComeBack(t *testing.T) {
	c := gaussianConfig("pcd")
	c.Epochs, c.Updates, c.Hidden, c.Guard = 0, 1000, 2, "return"
	data := &dataset.Set{Train: noisyRows(300, 1, 0.3)}
	var departures int
	var last *Online
	record := func(_ context.Context, r Record) error {
		for _, text := range r.Warnings {
			if strings.Contains(text, "the model has no distribution after update") {
				departures++
			}
		}
		if r.Online != nil {
			last = r.Online
		}
		return nil
	}
	result, err := Run(context.Background(), newTestTrainer(t, c, data, 1), RunConfig{OnlineEvery: 10, Record: record})
	if err != nil {
		t.Fatal(err)
	}
	if departures == 0 {
		t.Error("the run has not left the models with a distribution, want it to")
	}
	got := result.Model.LogLikelihood(data.Train.Floats, rbmtest.LogPartition(t, result.Model))
	if want := last.IndependentTrain + 1; !(got > want) { // a nat above independent units (chosen)
		t.Errorf("log-likelihood %v, want more than %v", got, want)
	}
	c.Guard = "off"
	_, err = Run(context.Background(), newTestTrainer(t, c, data, 1), RunConfig{OnlineEvery: 10, Record: record})
	if !errors.Is(err, rbm.ErrNoDistribution) {
		t.Errorf("without the guard: error %v, want %v", err, rbm.ErrNoDistribution)
	}
}

// TestGaussianRefusals: what real states in both layers cannot have is refused, and an estimate of a model without a
// distribution is an error.
func TestGaussianRefusals(t *testing.T) {
	for want, change := range map[string]func(c *Config, data *dataset.Set){
		"Algorithm is pt":     func(c *Config, _ *dataset.Set) { c.Algorithm = "pt" },
		"Algorithm is fpcd":   func(c *Config, _ *dataset.Set) { c.Algorithm = "fpcd" },
		"HiddenUnits is relu": func(c *Config, _ *dataset.Set) { c.HiddenUnits = "relu" },
		"with missing cells": func(_ *Config, data *dataset.Set) {
			data.Train.Missing = make([]uint8, 80)
			data.Train.Missing[1] = 255
		},
		"HiddenUnits is gaussian:1,bernoulli:1": func(c *Config, _ *dataset.Set) {
			c.Hidden, c.HiddenUnits = 2, "gaussian:1,bernoulli:1"
		},
	} {
		c, data := gaussianConfig("pcd"), &dataset.Set{Train: factorRows(20, 3)}
		change(&c, data)
		if _, err := New(c, data, rbmtest.OpenDevice(t, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
	auto, _ := gaussianConfig("auto").Resolve(factorRows(20, 3))
	if auto.Algorithm != "pcd" {
		t.Errorf("the automatic algorithm is %s, want pcd", auto.Algorithm)
	}
	m := rbmtest.Gaussians(t, 4, 1)
	m.Weights[0] = 3 // so large that the energy has no minimum
	c := gaussianConfig("pcd")
	c.InitialDeviation = 0
	trainer, err := NewFrom(c, m, &dataset.Set{Train: factorRows(20, 3)}, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trainer.Estimate(context.Background()); !errors.Is(err, rbm.ErrNoDistribution) {
		t.Errorf("estimate: error %v, want %v", err, rbm.ErrNoDistribution)
	}
}
