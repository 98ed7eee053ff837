package likelihood

import (
	"context"
	"math"
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
		if !(p.Low <= exact && exact <= p.High) || p.High-p.Low > 0.3 {
			t.Errorf("log Z by %s: %v to %v, want %v", p.Method, p.Low, p.High, exact)
		}
	}
}

// TestEvaluateHiddenReals: log-likelihoods and pseudo-likelihoods are sums over states. The 4 cumulants of a row on a
// device are within 2⁻²⁰ of themselves, 5e-6 in all, and move by less than 4e-6 with the rounding of their fields.
func TestEvaluateHiddenReals(t *testing.T) {
	m, d := rbmtest.HiddenReals(t), rbmtest.OpenDevice(t, 1)
	states := []float32{1, 0, -1, 0, 1, 0, 0, 1, 1, 1, 0, 0}
	rows := m.Visible.Rows(states)
	none := dataset.Binarization{Mode: dataset.None}
	e, err := Evaluate(context.Background(), m, d, rows, EvaluateConfig{Method: "exact"})
	if err != nil {
		t.Fatal(err)
	}
	rbmtest.Near(t, "log-likelihood", e.LogLikelihood, m.LogLikelihood(states, e.Partition.LogZ), 1e-5)
	logs, err := PseudoLikelihoods(context.Background(), m, d, rows, none, 1)
	if err != nil {
		t.Fatal(err)
	}
	for n, got := range logs {
		v, want := states[n*6:(n+1)*6], 0.0
		for _, unit := range [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 6}} {
			pattern := append([]float32(nil), v...)
			for i := unit[0]; i < unit[1]; i++ {
				pattern[i] = float32(math.NaN())
			}
			want += -m.FreeEnergy(v) - m.LogKnown(pattern)
		}
		rbmtest.Near(t, "pseudo-likelihood", got, want, 1e-10)
	}
}
