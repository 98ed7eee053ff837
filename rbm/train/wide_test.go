package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestCorrelation: the correlation of two columns together, by covariances and variances of four rows that are easy to
// check; sums of four numbers have some ten roundings. It is NaN where all rows are alike.
func TestCorrelation(t *testing.T) {
	x := []float32{
		0, 1,
		1, 1,
		0, 0,
		1, 1,
	}
	for _, c := range []struct {
		y    []float32
		want float64
	}{
		{x, 1},
		{[]float32{1, 0, 0, 0, 1, 1, 0, 0}, -1}, // 1-x
		// Both have columns of the variances 1/3 and 1/4. The covariances of the columns are 0 and 1/4.
		{[]float32{0, 1, 0, 1, 1, 0, 1, 1}, 0.25 / math.Sqrt((1.0/3+0.25)*(1.0/3+0.25))},
	} {
		rbmtest.Near(t, "correlation", correlation(x, c.y, 2), c.want, 10*0x1p-53)
	}
	if got := correlation(x, make([]float32, 8), 2); !math.IsNaN(got) {
		t.Errorf("rows that are all alike: a correlation of %v, want none", got)
	}
}

// TestForgets: chains of independent units forget their states, and chains that hardly any Gibbs step takes to
// the other mode do not. The correlation of independent states of 1000 chains has the standard error 1/√1000, a
// sixth of forgetCorrelation, which is hardly ever exceeded by chance.
func TestForgets(t *testing.T) {
	modes := twoModes(0.2)
	free := twoModes(0.2)
	clear(free.Weights)
	free.Hidden.Bias[0] = 0
	for _, c := range []struct {
		m    *rbm.Model
		want bool
	}{{modes, false}, {free, true}} {
		w := frozenAbove(t, modes, c.m, Config{Algorithm: "ptt", GibbsSteps: 1, Chains: 1000, BatchSize: 4, Updates: 1})
		states := modeStates(1000, 0.5, rand.New(rand.NewPCG(1, 2)))
		got, err := w.forgets(states)
		if err != nil || got != c.want {
			t.Errorf("weights of %v: chains forget: %v, %v, want %v", c.m.Weights[0], got, err, c.want)
		}
	}
}

// modeStates returns hidden states of n samples of a model of two modes, in which the hidden unit is on with probability
// share.
func modeStates(n int, share float64, r *rand.Rand) []float32 {
	states := make([]float32, n)
	for i := range states {
		if r.Float64() < share {
			states[i] = 1
		}
	}
	return states
}

// TestWideCrossing takes samples of models that are nearer to independent units to the models of
// [rbmtest.GibbsModels]. They then have the enumerated frequencies, and log(Z/Z_frozen) is the exact
// one: the squares of its errors in 10 runs, in standard errors, have a sum with the chi-square distribution
// of 10 degrees of freedom, or below it, above 29.6 in at most one of 1000 tests.
func TestWideCrossing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	t.Parallel()
	const runs, n = 10, 400
	for i, m := range rbmtest.GibbsModels(t) {
		rows := m.Visible.Rows(rbmtest.SomeRows(m, 4))
		below := path(m, rows, 0.4)[0]
		w := frozen(t, m, Config{Algorithm: "ptt", GibbsSteps: 1, Chains: n / reservoirShare, BatchSize: 4, Updates: runs}, rows)
		w.setModel(t, below, graph.SuffixFrozen)
		exact := rbmtest.LogPartition(t, m) - rbmtest.LogPartition(t, below)
		var square float64
		for run := range runs {
			states, err := w.samples()
			if err == nil {
				states, err = w.refreshed(states)
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := w.newBridge(n, w.seedNow(graph.SeedSettle))
			if err != nil {
				t.Fatal(err)
			}
			c, err := b.crossWide(states)
			if err != nil {
				t.Fatal(err)
			}
			square += math.Pow(c.ratio-exact, 2) / c.variance / runs
			if c.gap > mostGap {
				t.Errorf("model %d: the two estimates differ by %v nats, want at most %v", i, c.gap, mostGap)
			}
			if run == 0 {
				p := rbmtest.HiddenAfter(m, rbmtest.VisibleProbabilities(t, m))
				rbmtest.ChiSquare(t, "hidden states of the current model", rbmtest.CountStates(c.states, m.Hidden), p)
			}
			w.update++ // other random numbers
		}
		if square > 29.6/runs {
			t.Errorf("model %d: the mean square of the errors of log Z is %v in standard errors, want at most %v", i, square, 29.6/runs)
		}
	}
}

// TestWideCrossingSeesModes: where one of two modes gains the factor e^d of weight, samples with the frozen
// model's share p of that mode give
//
//	log((1-p+p·e^d)·(1-p+p·e^-d))
//
// more by the way there than by the way back. Each factor has the standard error of the mean of n
// terms of two values. Both factors are of the same samples, so that three standard errors of each are allowed
// together. 100 differences of free energies of some 50 nats in float32 are within 1e-3.
func TestWideCrossingSeesModes(t *testing.T) {
	const n = 1000
	for _, odds := range []float32{frozenOdds, -2.5, 4} {
		below, m := twoModes(frozenOdds), twoModes(odds)
		w := frozenAbove(t, below, m, Config{Algorithm: "ptt", GibbsSteps: 1, Chains: n, BatchSize: 4, Updates: 1})
		p, d := onShare(t, below), float64(odds)-frozenOdds
		b, err := w.newBridge(n, w.seedNow(graph.SeedSettle))
		if err != nil {
			t.Fatal(err)
		}
		c, err := b.crossWide(modeStates(n, p, rand.New(rand.NewPCG(5, 6))))
		if err != nil {
			t.Fatal(err)
		}
		var want, tolerance float64
		for _, d := range []float64{d, -d} {
			mean := 1 - p + p*math.Exp(d)
			want += math.Log(mean)
			tolerance += 3 * math.Sqrt(p*(1-p)/n) * math.Abs(math.Expm1(d)) / mean
		}
		rbmtest.Near(t, "difference of the estimates", c.gap, want, tolerance+1e-3)
		if got, want := c.gap > mostGap, odds != frozenOdds; got != want {
			t.Errorf("odds %v: the estimates differ by %v nats, want more than %v: %v", odds, c.gap, mostGap, want)
		}
	}
}
