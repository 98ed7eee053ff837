package likelihood

import (
	"context"
	"math"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// realModel returns a model of two Gaussian units, a category and a state, with base rates.
func realModel(t *testing.T) *rbm.Model {
	units, err := engine.ParseUnits("gaussian:2,categorical/3:1,bernoulli:1", 6)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(units, nil, 6, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(0.8 * math.Sin(float64(3*i+1)))
	}
	copy(m.Visible.Bias, []float32{0.3, -0.4, 0.2, -0.1, 0.5, 0.1})
	copy(m.Visible.LogVariance, []float32{0.3, -0.6})
	m.BaseRates = []float32{0.4, -0.5, 0.3, 0.3, 0.4, 0.6}
	m.BaseVariances = []float32{2, 1, 0, 0, 0, 0}
	return m
}

// TestAISOfReals: the intervals of log Z from runs up and down hold the exact log Z, and the samples at which the runs
// down start have the moments of the model.
func TestAISOfReals(t *testing.T) {
	m, d := realModel(t), rbmtest.OpenDevice(t, 1)
	exact := rbmtest.LogPartition(t, m)
	up := anneal(t, m, AISConfig{Runs: 4000, Betas: LinearBetas(20), Seed: 1})
	start := make([]float32, 4000*6)
	for n := range 4000 {
		start[n*6+2+n%3] = 1
	}
	samples, err := Equilibrate(context.Background(), m, d, start, 50, 2)
	if err != nil {
		t.Fatal(err)
	}
	down, err := ReverseAIS(context.Background(), m, d, samples, AISConfig{Betas: LinearBetas(20), Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	// Low and High are three standard errors off; one of two intervals misses with a probability below 1/180.
	for _, p := range []*Partition{up, down} {
		wantInterval(t, p, exact)
	}
	// The samples have the moments of the model, as its exact gradient over samples in place of rows is 0 within five
	// standard errors, where states have deviations below 2, and v²/2σ² below 4. A false alarm has a probability below
	// 6e-6.
	g, err := m.LogLikelihoodGradient(samples, exact)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range g.VisibleBias {
		if limit := 5 * 2 / math.Sqrt(4000); math.Abs(x) > limit {
			t.Errorf("mean of column %d is %v off, want at most %v", i, x, limit)
		}
	}
	for i, x := range g.VisibleLogVariance {
		if limit := 5 * 4 / math.Sqrt(4000); math.Abs(x) > limit {
			t.Errorf("mean of v²/2σ² in column %d is %v off, want at most %v", i, x, limit)
		}
	}
}

// TestEvaluateReals: the log-likelihood of rows is the exact one within cumulantsTolerance, and independent units have
// normal densities, of the same sizes.
func TestEvaluateReals(t *testing.T) {
	m, d := realModel(t), rbmtest.OpenDevice(t, 1)
	rows := &dataset.Rows{
		N: 2, V: 6, Real: []bool{true, true, false, false, false, false},
		Floats: []float32{1.5, -0.3, 0, 1, 0, 1, -2, 0.4, 1, 0, 0, 0},
	}
	e, err := Evaluate(context.Background(), m, d, rows, EvaluateConfig{Method: "exact"})
	if err != nil {
		t.Fatal(err)
	}
	rbmtest.Near(t, "log-likelihood", e.LogLikelihood, m.LogLikelihood(rows.Floats, e.Partition.LogZ), cumulantsTolerance)
	base := m.Independent(1000)
	got, err := Independent(context.Background(), d, base, rows, dataset.Binarization{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	normal := func(x, mean, variance float64) float64 {
		return -((x-mean)*(x-mean)/variance + math.Log(2*math.Pi*variance)) / 2
	}
	rate := func(x, states float64) float64 { return math.Log((x*1000 + 1) / (1000 + states)) }
	want := normal(1.5, 0.4, 2) + normal(-0.3, -0.5, 1) + rate(0.3, 3) + rate(0.6, 2) +
		normal(-2, 0.4, 2) + normal(0.4, -0.5, 1) + rate(0.3, 3) + rate(0.4, 2)
	rbmtest.Near(t, "independent units", got, want/2, cumulantsTolerance)
	_, err = PseudoLikelihoods(context.Background(), m, d, rows, dataset.Binarization{}, 1)
	if err == nil || !strings.Contains(err.Error(), "real states") {
		t.Errorf("pseudo-likelihoods: error %v", err)
	}
	static := EvaluateConfig{Method: "exact", Binarize: dataset.Binarization{Mode: dataset.Static}}
	if _, err := Evaluate(context.Background(), m, d, rows, static); err == nil || !strings.Contains(err.Error(), "binarization static") {
		t.Errorf("a binarization: error %v", err)
	}
}
