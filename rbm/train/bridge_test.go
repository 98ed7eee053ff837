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

// frozenOdds are the odds (see twoModes) of the frozen model in the tests of crossings.
const frozenOdds = 0.8

// TestBridgeCrosses takes samples of a model of two modes to one with other shares of the modes,
// between which no Gibbs step moves a sample. The squares of the errors of log(Z/Z_frozen) in 60 runs, in
// standard errors, have a sum with the chi-square distribution of 60 degrees of freedom: it is above 99.6 in
// one of 1000 tests, and below 6 in less than one of 10^18. The bound of 99.6 also holds for the errors of the
// modes' shares. The share p of one mode has the error of the shares of n weighted samples of the frozen model, and
// systematic resampling adds at most p(1-p)/n, the variance of n samples, for each stage.
func TestBridgeCrosses(t *testing.T) {
	t.Parallel()
	const runs, n = 60, 1000
	for _, tc := range []struct {
		odds    float32
		several bool // stages that the way takes
	}{{-2.5, true}, {0.2, false}, {4, true}} {
		odds := tc.odds
		below, m := twoModes(frozenOdds), twoModes(odds)
		c := Config{Algorithm: "ptt", GibbsSteps: 1, Chains: n, BatchSize: 4, Updates: runs}
		w := frozenAbove(t, below, m, c)
		before, after := onShare(t, below), onShare(t, m)
		exact := rbmtest.LogPartition(t, m) - rbmtest.LogPartition(t, below)
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
			if (got.stages > 1) != tc.several {
				t.Errorf("odds %v: %d stages, want several: %v", odds, got.stages, tc.several)
			}
			ratios += math.Pow(got.ratio-exact, 2) / got.variance / runs
			on := 0.0
			for _, h := range got.states {
				on += float64(h) / n
			}
			// The weight of one mode is e^(odds-frozenOdds) times the other's: the ratio p/(1-p) of the shares has
			// the same relative error before and after.
			ofRatio := 1 / (before * (1 - before) * n) // variance of log(p/(1-p))
			variance := after * after * (1 - after) * (1 - after) * ofRatio
			variance += float64(got.stages) * after * (1 - after) / n
			shares += math.Pow(on-after, 2) / variance / runs
			w.update++ // other random numbers
		}
		if ratios > 99.6/runs {
			t.Errorf("odds %v: the mean square of the errors of log Z is %v, want at most %v", odds, ratios, 99.6/runs)
		}
		if shares > 99.6/runs {
			t.Errorf("odds %v: the mean square of the errors of the shares is %v, want at most %v", odds, shares, 99.6/runs)
		}
		if ratios < 6./runs {
			t.Errorf("odds %v: the mean square of the errors of log Z is %v, want at least 0.1: the standard error is too large",
				odds, ratios)
		}
	}
}

// frozenAbove returns a run whose current model m stands still above the last frozen model, below.
func frozenAbove(t *testing.T, below, m *rbm.Model, c Config) *watched {
	w := frozen(t, m, c, twoModeRows(m.Visible.Len()))
	w.setModel(t, below, graph.SuffixFrozen)
	return w
}

// onShare returns the probability that the hidden unit of a model is on.
func onShare(t *testing.T, m *rbm.Model) float64 {
	return rbmtest.HiddenAfter(m, rbmtest.VisibleProbabilities(t, m))[1]
}

// TestResampled: each sample is drawn n·w times, rounded down or up, in rising order. The roundings of the
// exponentials of numbers up to 12, beside e⁻⁸⁰⁰, which is 0, and of the sums of at most 7 shares leave n·w within
// 7·100·2⁻⁵³ < 1e-13.
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
				if math.Abs(got-want) >= 1+1e-13 {
					t.Errorf("weights e^%v, offset %v: sample %d %v times, want %v rounded", logs, offset, i, got, want)
				}
			}
		}
	}
}

// TestStagesOfNormalWeights: normal log-weights of deviation s take s/√(log(1+stageVariance)) stages, rounded up. For
// s = 2 these are 4.2, far enough from a whole number for the error of s by 100,000 samples, a 450th.
func TestStagesOfNormalWeights(t *testing.T) {
	const s = 2
	r := rand.New(rand.NewPCG(7, 8))
	logs := make([]float64, 100_000)
	for i := range logs {
		logs[i] = s * r.NormFloat64()
	}
	if got, want := stagesOf(logs), math.Ceil(s/math.Sqrt(math.Log1p(stageVariance))); got != want {
		t.Errorf("normal log-weights: %v stages, want %v", got, want)
	}
}

// TestStagesOf: if one of n samples has a log-weight x above the others, the weights of one of m stages have the mean
// 1+d and the variance n(1-1/n)d², where d = (e^(x/m)-1)/n. Equal weights take one stage, and log-weights that are
// not finite or far too wide infinitely many.
func TestStagesOf(t *testing.T) {
	const n, x = 1000, 40
	one := make([]float64, n)
	one[3] = x
	want := 1.0
	for ; ; want++ {
		d := math.Expm1(x/want) / n
		if d*d*n*(1-1.0/n) <= stageVariance*(1+d)*(1+d) {
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
// origin count as one: with the shares N_i of four samples it is Σ(N_i-1)²/16.
func TestOriginVariance(t *testing.T) {
	const tolerance = 1e-14 // some ten roundings, by 2⁻⁵³ = 1.1e-16, of exponentials and sums up to 8
	logs := []float64{0.3, -1, 2, 0}
	sum := estimate.LogSumExp(logs)
	rbmtest.Near(t, "one stage", originVariance(logs, sum, []int{0, 1, 2, 3}), estimate.RelativeVariance(logs), tolerance)
	equal := []float64{0, 0, 0, 0}
	// Shares 0, 2, 0, 2 and 0, 0, 4, 0.
	rbmtest.Near(t, "equal weights, two origins", originVariance(equal, math.Log(4), []int{1, 1, 3, 3}), (1+1+1+1)/16.0, tolerance)
	rbmtest.Near(t, "equal weights, one origin", originVariance(equal, math.Log(4), []int{2, 2, 2, 2}), (1+1+9+1)/16.0, tolerance)
}
