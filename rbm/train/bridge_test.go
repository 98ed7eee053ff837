package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// TestBridgeCrosses takes samples of a model of two modes to one with other shares of the modes,
// between which no Gibbs step moves a sample. The squares of the errors of log(Z/Z_frozen) in 60 runs, in
// standard errors, have a sum with the chi-square distribution of 60 degrees of freedom: it is above 99.6 in
// one of 1000 tests. The same holds for the errors of the modes' shares. The share p of one mode has
// the error of the shares of n weighted samples of the frozen model, and systematic resampling adds
// at most p(1-p)/n, the variance of n samples, for each stage.
func TestBridgeCrosses(t *testing.T) {
	t.Parallel()
	const runs, n = 60, 1000
	for _, odds := range []float32{-2.5, 0.2, 4} {
		frozen, m := twoModes(0.8), twoModes(odds)
		c := Config{Algorithm: "ptt", GibbsSteps: 1, Chains: n, BatchSize: 4, Updates: runs}
		w := frozenAbove(t, frozen, m, c)
		before, after := onShare(t, frozen), onShare(t, m)
		exact := rbmtest.LogPartition(t, m) - rbmtest.LogPartition(t, frozen)
		r := rand.New(rand.NewPCG(3, 4))
		var ratios, shares float64
		for range runs {
			states := make([]float32, n)
			for i := range states {
				if r.Float64() < before {
					states[i] = 1
				}
			}
			b, err := w.newBridge(n, w.seedNow(graph.SeedSettle))
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.cross(states)
			if err != nil {
				t.Fatal(err)
			}
			// The odds 0.2 are 0.6 from the frozen model's, which takes one stage; the others are over 3 away.
			if shift := math.Abs(float64(odds) - 0.8); (got.stages > 1) != (shift > 1.2) {
				t.Errorf("odds %v: %d stages", odds, got.stages)
			}
			ratios += math.Pow(got.ratio-exact, 2) / got.variance / runs
			on := 0.0
			for _, h := range got.states {
				on += float64(h) / n
			}
			// The weight of one mode is e^(odds-0.8) times the other's: the ratio of the shares has the same
			// relative error before and after.
			odd := 1 / (before * (1 - before) * n)
			variance := after * after * (1 - after) * (1 - after) * odd
			variance += float64(got.stages) * after * (1 - after) / n
			shares += math.Pow(on-after, 2) / variance / runs
			w.update++ // other random numbers
		}
		if bound := 99.6 / runs; ratios > bound || shares > bound {
			t.Errorf("odds %v: mean squares of the errors %v of log Z and %v of the shares, want at most %v", odds, ratios, shares, bound)
		}
		if ratios < 0.1 {
			t.Errorf("odds %v: the mean square of the errors of log Z is %v: the standard error is far too large", odds, ratios)
		}
	}
}

// frozenAbove returns a run with a frozen model and another current one.
func frozenAbove(t *testing.T, below, m *rbm.Model, c Config) *watched {
	w := frozen(t, m, c, twoModeRows(m.Visible.Len()))
	w.setModel(t, below, graph.SuffixFrozen)
	return w
}

// onShare returns the probability that the hidden unit of a model is on.
func onShare(t *testing.T, m *rbm.Model) float64 {
	return rbmtest.HiddenAfter(m, rbmtest.VisibleProbabilities(t, m))[1]
}

// TestResampled: each sample is drawn n·w times, rounded down or up, in rising order.
func TestResampled(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, logs := range [][]float64{
		{0}, {1, 1, 1, 1}, {-800, 0, -800}, {math.Inf(-1), 2, 3}, {3, 2, math.Inf(-1)},
		{-1, -2, -0.5, 0.3, 4, -7, 1.5},
	} {
		for _, offset := range []float64{0, 0.5, 1 - 1.0/(1<<53), r.Float64()} {
			sum, counts := estimate.LogSumExp(logs), make([]float64, len(logs))
			rows := resampled(logs, sum, offset)
			for i, row := range rows {
				counts[row]++
				if i > 0 && row < rows[i-1] {
					t.Errorf("weights e^%v, offset %v: rows %v do not rise", logs, offset, rows)
				}
			}
			if len(rows) != len(logs) {
				t.Errorf("weights e^%v, offset %v: %d rows, want %d", logs, offset, len(rows), len(logs))
			}
			for i, got := range counts {
				want := float64(len(logs)) * math.Exp(logs[i]-sum)
				if math.Abs(got-want) >= 1+1e-12 {
					t.Errorf("weights e^%v, offset %v: sample %d %v times, want %v rounded", logs, offset, i, got, want)
				}
			}
		}
	}
}

// TestStagesOf: normal log-weights of deviation s take s/√(log(1+stageVariance)) stages, rounded up. If one of n
// samples has a log-weight x above the others, the weights of one of m stages have the mean 1+d and the variance
// n(1-1/n)d², where d = (e^(x/m)-1)/n.
func TestStagesOf(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n = 100_000
	logs := make([]float64, n)
	for i := range logs {
		logs[i] = 2 * r.NormFloat64()
	}
	if got, want := stagesOf(logs), math.Ceil(2/math.Sqrt(math.Log1p(stageVariance))); got != want {
		t.Errorf("normal log-weights: %v stages, want %v", got, want)
	}
	one := make([]float64, 1000)
	one[3] = 40
	want := 1.0
	for ; ; want++ {
		d := math.Expm1(40/want) / 1000
		if d*d*1000*(1-1.0/1000) <= stageVariance*(1+d)*(1+d) {
			break
		}
	}
	if got := stagesOf(one); got != want {
		t.Errorf("one great weight: %v stages, want %v", got, want)
	}
	for _, logs := range [][]float64{{0, math.NaN()}, {0, math.Inf(1)}, {0, 1e9}} {
		if got := stagesOf(logs); !math.IsInf(got, 1) {
			t.Errorf("log-weights %v: %v stages, want infinitely many", logs, got)
		}
	}
	if got := stagesOf([]float64{5, 5, 5}); got != 1 {
		t.Errorf("equal weights: %v stages, want 1", got)
	}
}

// TestOriginVariance: of one stage it is the variance of the mean weight, and samples with one
// origin count as one.
func TestOriginVariance(t *testing.T) {
	logs := []float64{0.3, -1, 2, 0}
	sum := estimate.LogSumExp(logs)
	rbmtest.Near(t, "one stage", originVariance(logs, sum, []int{0, 1, 2, 3}), estimate.RelativeVariance(logs), 1e-12)
	equal := []float64{0, 0, 0, 0}
	rbmtest.Near(t, "equal weights, two origins", originVariance(equal, math.Log(4), []int{1, 1, 3, 3}), 4.0/16, 1e-12)
	rbmtest.Near(t, "equal weights, one origin", originVariance(equal, math.Log(4), []int{2, 2, 2, 2}), 12.0/16, 1e-12)
}
