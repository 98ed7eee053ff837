package likelihood

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestAISOfHiddenReals: estimates of log Z from both sides hold the exact value, which is a sum over the visible
// states.
func TestAISOfHiddenReals(t *testing.T) {
	m, d := rbmtest.HiddenReals(t), rbmtest.OpenDevice(t, 1)
	exact := rbmtest.LogPartition(t, m)
	samples := rbmtest.DrawStates(2000, m.Visible, rbmtest.VisibleProbabilities(t, m))
	both, err := Bidirectional(context.Background(), m, d, samples, AISConfig{Runs: 2000, Betas: LinearBetas(20), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	down, err := ReverseAIS(context.Background(), m, d, samples, AISConfig{Betas: LinearBetas(20), Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	up := anneal(t, m, AISConfig{Runs: 2000, Betas: LinearBetas(20), Seed: 2})
	// Low and High are three standard errors off; one of three intervals misses with a probability below 1/120.
	for _, p := range []*Partition{both, down, up} {
		wantInterval(t, p, exact)
	}
}

// wantInterval fails the test unless the interval of p holds the exact log Z and is narrow: 2000 weights or more of a
// variance below 5 have a standard error below 0.05, a sixth of the width.
func wantInterval(t *testing.T, p *Partition, exact float64) {
	t.Helper()
	if !(p.Low <= exact && exact <= p.High) {
		t.Errorf("log Z by %s is between %v and %v, want %v between", p.Method, p.Low, p.High, exact)
	}
	if p.High-p.Low > 0.3 {
		t.Errorf("log Z by %s is between %v and %v, want less than 0.3 between", p.Method, p.Low, p.High)
	}
}

// cumulantsTolerance bounds the error of -F of a row with 4 hidden units on a device: each cumulant Γ is within
// 2⁻²⁰·max(1,|Γ|), which add up to less than 5.2·2⁻²⁰ = 5e-6. The 7 terms of a float32 field add up to less than 2.5 in
// size, so that it is within 7·2⁻²⁴·2.5 = 1e-6, and moves Γ by as much times a mean of about 1: 4e-6 in all.
const cumulantsTolerance = 1e-5

// TestEvaluateHiddenReals: log-likelihoods and pseudo-likelihoods are sums over states.
func TestEvaluateHiddenReals(t *testing.T) {
	m, d := rbmtest.HiddenReals(t), rbmtest.OpenDevice(t, 1)
	states := []float32{1, 0, -1, 0, 1, 0, 0, 1, 1, 1, 0, 0}
	rows := m.Visible.Rows(states)
	none := dataset.Binarization{Mode: dataset.None}
	e, err := Evaluate(context.Background(), m, d, rows, EvaluateConfig{Method: "exact"})
	if err != nil {
		t.Fatal(err)
	}
	rbmtest.Near(t, "log-likelihood", e.LogLikelihood, m.LogLikelihood(states, e.Partition.LogZ), cumulantsTolerance)
	logs, err := PseudoLikelihoods(context.Background(), m, d, rows, none, 1)
	if err != nil {
		t.Fatal(err)
	}
	for n, got := range logs {
		v, want := states[n*6:(n+1)*6], 0.0
		for _, unit := range [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 6}} {
			pattern := slices.Clone(v)
			for i := unit[0]; i < unit[1]; i++ {
				pattern[i] = float32(math.NaN())
			}
			want += -m.FreeEnergy(v) - m.LogKnown(pattern)
		}
		// Both are float64 sums of 8 logs of sums below 20, of fewer than 64 terms in all.
		rbmtest.Near(t, "pseudo-likelihood", got, want, 64*20*rbmtest.U)
	}
}
