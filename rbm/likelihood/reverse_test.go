package likelihood

import (
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/sample"

	"gonum.org/v1/gonum/stat/distuv"
)

// modelSamples draws n visible states (n,V) from the enumerated p(v).
func modelSamples(t *testing.T, m *rbm.Model, n int, seed uint64) []float32 {
	t.Helper()
	choose := distuv.NewCategorical(rbmtest.VisibleProbabilities(t, m), rand.NewPCG(seed, 1))
	v := make([]float32, 0, n*m.Visible.Len())
	for range n {
		v = append(v, make([]float32, m.Visible.Len())...)
		m.Visible.SetState(v[len(v)-m.Visible.Len():], int(choose.Rand()))
	}
	return v
}

// annealedModels are small models whose base rates are not the rates of their samples, so that log w
// varies.
func annealedModels(t *testing.T) map[string]*rbm.Model {
	models := map[string]*rbm.Model{
		"6x5":   rbmtest.RandomModel(t, 6, 5, 1, 1),
		"4x8":   rbmtest.RandomModel(t, 4, 8, 1, 0.5),
		"8x2":   rbmtest.RandomModel(t, 8, 2, 1.5, 1),
		"mixed": mixedModel(t),
	}
	for _, m := range models {
		m.BaseRates = make([]float32, m.Visible.Len())
		for i := range m.BaseRates {
			m.BaseRates[i] = float32(i+1) / float32(m.Visible.Len()+2)
		}
	}
	return models
}

// TestReverseIsUnbiased: from samples of the model the mean of w' is Z_0/Z on any schedule, however short. If
// the runs start at states that are equally likely, it is another number; this is asked on the schedule with one step,
// where the start counts most. 20,000 runs make the mean nearly normal.
func TestReverseIsUnbiased(t *testing.T) {
	const runs = 20000
	limit := distuv.UnitNormal.Quantile(1 - rbmtest.FalseAlarm/2)
	d := rbmtest.OpenDevice(t, 1)
	for name, m := range annealedModels(t) {
		for _, steps := range []int{1, 3, 10} {
			c := AISConfig{Betas: LinearBetas(steps), Seed: 3}
			exact := rbmtest.LogPartition(t, m)
			off := func(samples []float32) float64 {
				p, err := ReverseAIS(context.Background(), m, d, samples, c)
				if err != nil {
					t.Fatal(err)
				}
				// The mean of w'·Z/Z_0, whose expectation is 1.
				mean := math.Exp(exact - p.LogZ)
				return (mean - 1) / (mean * math.Sqrt(estimate.RelativeVariance(p.LogWeights)))
			}
			if z := off(modelSamples(t, m, runs, 1)); math.Abs(z) > limit {
				t.Errorf("%s, %d steps: mean weight is off by %v standard errors, want at most %v", name, steps, z, limit)
			}
			if steps > 1 {
				continue
			}
			if z := off(sample.RandomVisible(m, runs, 1)); math.Abs(z) < limit {
				t.Errorf("%s: runs from equally likely states are off by %v standard errors, want the test to refuse them above %v",
					name, z, limit)
			}
		}
	}
}

// TestReverseUndoesForward: Bennett's ratio from the runs up and the runs down is Z/Z_0, which holds only if
// the one path is the other in reverse (Crooks 2000). The squared errors in units of the standard
// error, over the models, schedules and seeds, add up to a chi-square within quantiles of rbmtest.FalseAlarm. They
// are independent, as each has a seed of its own.
func TestReverseUndoesForward(t *testing.T) {
	const runs, seeds = 500, 10
	d := rbmtest.OpenDevice(t, 1)
	var squares, count float64
	models := annealedModels(t)
	var seed uint64
	for _, name := range slices.Sorted(maps.Keys(models)) {
		m := models[name]
		exact := rbmtest.LogPartition(t, m) - m.LogBasePartition()
		for range seeds {
			for _, steps := range []int{1, 2, 5} {
				seed++
				c := AISConfig{Runs: runs, Betas: LinearBetas(steps), Seed: seed}
				up, err := AIS(context.Background(), m, d, c)
				if err != nil {
					t.Fatal(err)
				}
				down, err := ReverseAIS(context.Background(), m, d, modelSamples(t, m, runs, seed), c)
				if err != nil {
					t.Fatal(err)
				}
				ratio, standardError, err := estimate.Bennett(up.LogWeights, negated(down.LogWeights))
				if err != nil {
					t.Fatal(err)
				}
				squares += math.Pow((ratio-exact)/standardError, 2)
				count++
			}
		}
	}
	want := distuv.ChiSquared{K: count}
	if low, high := want.Quantile(rbmtest.FalseAlarm/2), want.Quantile(1-rbmtest.FalseAlarm/2); squares < low || squares > high {
		t.Errorf("sum of %v squared errors is %v, want %v to %v", count, squares, low, high)
	}
}

// TestEquilibrium: the check of the burn-in passes chains that start as samples of the model, and fails samples whose
// first half was replaced by fair coins.
func TestEquilibrium(t *testing.T) {
	const chains, seeds = 400, 20
	m := annealedModels(t)["6x5"]
	d := rbmtest.OpenDevice(t, 1)
	reached := func(samples []float32, seed uint64) bool {
		p, err := ReverseAIS(context.Background(), m, d, samples, AISConfig{Betas: LinearBetas(20), Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		e, err := equilibrium(context.Background(), m, d, samples, p.LogWeights)
		if err != nil {
			t.Fatal(err)
		}
		return e.Reached()
	}
	missed := 0
	for seed := range uint64(seeds) {
		samples, err := Equilibrate(context.Background(), m, d, modelSamples(t, m, chains, seed), 3, seed)
		if err != nil {
			t.Fatal(err)
		}
		if !reached(samples, seed) {
			missed++
		}
	}
	// Each fails with probability below 1/100, three of twenty below 1/800.
	if missed > 2 {
		t.Errorf("%d of %d equilibria were not recognised, want at most 2", missed, seeds)
	}
	half := chains / 2 * m.Visible.Len()
	mixed := append(sample.RandomVisible(m, chains, 5)[:half], modelSamples(t, m, chains, 6)[half:]...)
	if reached(mixed, 1) {
		t.Error("fair coins in one half were taken for an equilibrium")
	}
}

// TestEquilibrate: the first half of the rows has made burnIn steps and the second twice as many, each with a seed of
// its own.
func TestEquilibrate(t *testing.T) {
	m := rbmtest.RandomModel(t, 20, 6, 1, 1)
	d := rbmtest.OpenDevice(t, 2)
	start := sample.RandomVisible(m, 7, 1)
	for _, burnIn := range []int{1, 3} {
		got, err := Equilibrate(context.Background(), m, d, start, burnIn, 9)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(start) {
			t.Fatalf("%d values, want %d", len(got), len(start))
		}
		for _, part := range []struct {
			from, to, steps int
			seed            uint64
		}{{0, 3, burnIn, graph.SeedShortBurnIn}, {3, 7, 2 * burnIn, graph.SeedLongBurnIn}} {
			from, to := part.from*m.Visible.Len(), part.to*m.Visible.Len()
			chains, err := sample.NewChains(m, d, start[from:to], nil, graph.ChildSeed(9, part.seed))
			if err != nil {
				t.Fatal(err)
			}
			if err := chains.Run(context.Background(), part.steps); err != nil {
				t.Fatal(err)
			}
			want, err := chains.Visible()
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range want {
				if got[from+i] != x {
					t.Fatalf("burn-in %d: value %d is %v, want %v", burnIn, from+i, got[from+i], x)
				}
			}
		}
	}
}

func TestReverseRefuses(t *testing.T) {
	m := annealedModels(t)["6x5"]
	d := rbmtest.OpenDevice(t, 1)
	unknown := rbmtest.RandomModel(t, 6, 5, 1, 1)
	for name, test := range map[string]struct {
		m       *rbm.Model
		samples []float32
		c       AISConfig
		want    string
	}{
		"one row":       {m, make([]float32, 6), AISConfig{}, "want at least 2 rows of 6 values"},
		"ragged":        {m, make([]float32, 15), AISConfig{}, "15 values"},
		"other runs":    {m, make([]float32, 12), AISConfig{Runs: 3}, "12 values for Runs 3"},
		"no base rates": {unknown, make([]float32, 12), AISConfig{}, "no base rates"},
		"falling":       {m, make([]float32, 12), AISConfig{Betas: []float32{0, 0.5, 0.2, 1}}, "Betas falls"},
	} {
		_, err := ReverseAIS(context.Background(), test.m, d, test.samples, test.c)
		if err == nil || !strings.HasPrefix(err.Error(), "likelihood: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// TestStatesAreRefused: a negative burn-in, samples with a value that is no state, and samples that are no rows.
func TestStatesAreRefused(t *testing.T) {
	m, ctx, d := rbmtest.WithBaseRates(rbmtest.RandomModel(t, 3, 2, 1, 1)), context.Background(), rbmtest.OpenDevice(t, 1)
	if _, err := Equilibrate(ctx, m, d, sample.RandomVisible(m, 4, 1), -1, 1); err == nil {
		t.Error("a burn-in of -1: no error")
	}
	grey := []float32{0, 1, 1, 0, 0.5, 1}
	_, err := ReverseAIS(ctx, m, d, grey, AISConfig{Runs: 2})
	if err == nil || !strings.Contains(err.Error(), "value 4 is 0.5, want 0 or 1") {
		t.Errorf("reverse AIS from a grey value: got error %v", err)
	}
	_, err = Bidirectional(ctx, m, d, grey, AISConfig{Runs: 2})
	if err == nil || !strings.Contains(err.Error(), "value 4 is 0.5, want 0 or 1") {
		t.Errorf("annealing from both sides with a grey value: got error %v", err)
	}
	for want, samples := range map[string][]float32{"0 values, want rows of 3": nil, "5 values, want rows of 3": grey[:5]} {
		if _, err := Bidirectional(ctx, m, d, samples, AISConfig{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("annealing from both sides: got error %v, want %q", err, want)
		}
	}
	if _, err := RAISE(ctx, m, d, grey, AISConfig{Runs: 2}); err == nil || !strings.Contains(err.Error(), "is 0.5, want 0 or 1") {
		t.Errorf("the conservative likelihood of a grey value: got error %v", err)
	}
}
