package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// tempered returns the model at an inverse temperature of the path of annealing, which is
// an RBM itself.
func tempered(m *rbm.Model, base []float32, beta float32) *rbm.Model {
	scaled := func(x []float32) []float32 {
		y := make([]float32, len(x))
		for i, v := range x {
			y[i] = beta * v
		}
		return y
	}
	t := &rbm.Model{
		Visible: rbm.Layer{Units: m.Visible.Units, Bias: scaled(m.Visible.Bias)},
		Hidden:  rbm.Layer{Units: m.Hidden.Units, Bias: scaled(m.Hidden.Bias)},
		Weights: scaled(m.Weights),
	}
	for i, b := range base {
		t.Visible.Bias[i] += (1 - beta) * b
	}
	return t
}

// TestTemperedChainsReachTheirModels: under parameters that stand still, the hidden states
// at every level have the enumerated frequencies of the model at that temperature. The
// visible states of the negative phase have the frequencies of the model itself. At least
// three of ten exchanges (chosen) are made, so that a wrong probability of exchange would show.
func TestTemperedChainsReachTheirModels(t *testing.T) {
	for i, m := range rbmtest.GibbsModels(t) {
		const chainCount, levels, updates = 2000, 4, 31 // chosen below ladderUpdates: no temperature moves
		c := Config{Algorithm: "pt", GibbsSteps: 1, Chains: chainCount, Temperatures: levels, BatchSize: 4, Updates: updates}
		w := frozen(t, m, c, m.Visible.Rows(rbmtest.SomeRows(m, 4)))
		finish(t, w.Trainer)
		if err := w.adaptLadder(); err != nil {
			t.Fatal(err)
		}
		if least := slices.Min(w.floats(t, graph.Acceptance)); least < 0.3 {
			t.Errorf("model %d: a pair is exchanged at %v of the times, want at least 0.3", i, least)
		}
		_, vm := w.phases(t)
		visible := rbmtest.VisibleProbabilities(t, m)
		rbmtest.ChiSquare(t, fmt.Sprintf("model %d, visible", i), rbmtest.CountStates(vm, m.Visible), visible)
		base, chains := w.floats(t, graph.Base), w.floats(t, graph.Chains)
		betas := ladder{chains: chainCount, levels: levels}.start()[graph.Ladder] // at which the updates were made
		for level, beta := range betas {
			var h []float32
			for n, l := range w.floats(t, graph.Levels) {
				if int(l) == level {
					h = append(h, chains[n*m.Hidden.Len():(n+1)*m.Hidden.Len()]...)
				}
			}
			if got := len(h) / m.Hidden.Len(); got != chainCount {
				t.Errorf("model %d: %d replicas at level %d, want %d", i, got, level, chainCount)
			}
			at := tempered(m, base, beta)
			p := rbmtest.HiddenAfter(at, rbmtest.VisibleProbabilities(t, at))
			rbmtest.ChiSquare(t, fmt.Sprintf("model %d, hidden at β=%v", i, beta), rbmtest.CountStates(h, m.Hidden), p)
		}
	}
}

// twoModes is a model of twelve visible units, about all on where the hidden unit is on and about all off where it is
// off, which is on with probability σ(odds). A Gibbs step crosses between the modes with a probability of some 10⁻⁵ or
// less: about six visible units must differ from the others of their mode, with a probability of σ(-3) each.
func twoModes(odds float32) *rbm.Model {
	const visible, weight = 12, 6
	m := &rbm.Model{
		Visible: rbm.Layer{Bias: make([]float32, visible)},
		Hidden:  rbm.Layer{Bias: []float32{-visible*weight/2 + odds}},
		Weights: make([]float32, visible),
	}
	for i := range visible {
		m.Weights[i], m.Visible.Bias[i] = weight, -weight/2
	}
	return m
}

// onShares returns, for each chain of a frozen run, the share of updates in which most units of
// the negative phase are on. It skips the first updates and counts the given number after them.
func onShares(t *testing.T, w *watched, chains, first, updates int) []float64 {
	t.Helper()
	shares := make([]float64, chains)
	for range first {
		if err := w.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
	}
	w.watch(t)
	for range updates {
		if err := w.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		_, vm := w.phases(t)
		width := len(vm) / chains
		for n := range shares {
			if estimate.Sum(vm[n*width:(n+1)*width]) > float64(width)/2 {
				shares[n] += 1 / float64(updates)
			}
		}
	}
	return shares
}

// TestModesAreVisitedAsOften: on a model with two modes that a Gibbs chain hardly leaves, all chains of PCD stay where
// they began; with other seeds 0.7 of the 100 chains would leave in 1000 steps on average. The chains of parallel
// tempering are in each mode for its share of the time, within three standard errors over the independent chains, which
// one seed in 370 exceeds. A standard error above 0.03, and acceptances that differ by more than a factor of two after
// ten adaptations, are faults of the ladder (bounds chosen).
func TestModesAreVisitedAsOften(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	t.Parallel()
	const chains, first, updates = 100, 300, 700
	const odds = 0.8
	m, want := twoModes(odds), 1/(1+math.Exp(-odds))
	rows := m.Visible.Rows(rbmtest.SomeRows(m, 4))
	run := func(algorithm string) (*watched, float64, float64) {
		c := Config{Algorithm: algorithm, GibbsSteps: 1, Chains: chains, BatchSize: 4, Updates: first + updates}
		w := frozen(t, m, c, rows)
		mean, deviation := stat.MeanStdDev(onShares(t, w, chains, first, updates), nil)
		return w, mean, deviation / math.Sqrt(chains)
	}
	if _, got, _ := run("pcd"); got != 0 {
		t.Errorf("pcd: %v of the time in the mode it does not begin in, want none", got)
	}
	w, got, standardError := run("pt")
	if standardError > 0.03 {
		t.Errorf("pt: the standard error of the time in a mode is %v, want at most 0.03", standardError)
	}
	rbmtest.Near(t, "pt: share of the time in the mode that is on", got, want, 3*standardError)

	metrics, err := w.ladderMetrics()
	if err != nil {
		t.Fatal(err)
	}
	if least, most := slices.Min(metrics.Acceptance), slices.Max(metrics.Acceptance); least < 0.5*most {
		t.Errorf("adapted for %d updates, the acceptances are %v, want the least at least half of the largest",
			first+updates, metrics.Acceptance)
	}
	if metrics.RoundTrips < 1 {
		t.Errorf("%v round trips of a replica in %d updates, want some", metrics.RoundTrips, first+updates)
	}
}

// TestEvenLadder: the inverse temperatures divide the cumulative rejection rate evenly.
func TestEvenLadder(t *testing.T) {
	for _, tc := range []struct {
		betas, acceptance, want []float32
	}{
		{[]float32{1, 0}, []float32{0.3}, []float32{1, 0}},                                   // the ends alone, which stay
		{[]float32{1, 0.75, 0.25, 0}, []float32{0.5, 0.5, 0.5}, []float32{1, 0.75, 0.25, 0}}, // already even
		// Rejections 3/4 and 1/4: half of their sum lies two thirds down the first interval.
		{[]float32{1, 0.5, 0}, []float32{0.25, 0.75}, []float32{1, 1 - 0.5*2/3, 0}},
		// Rejections 1/4 and 3/4: half of their sum lies a third down the second interval.
		{[]float32{1, 0.5, 0}, []float32{0.75, 0.25}, []float32{1, 0.5 * 2 / 3, 0}},
		{[]float32{1, 0.5, 0.25, 0}, []float32{1, 1, 1}, []float32{1, 0.5, 0.25, 0}}, // no rejections: leastRejection for each
	} {
		got := evenLadder(tc.betas, tc.acceptance)
		for i := range tc.want {
			// Of numbers up to 1, the sum and one of its terms are rounded to float32, and so is the wanted number.
			if !(math.Abs(float64(got[i])-float64(tc.want[i])) <= 3*0x1p-25) {
				t.Errorf("%v with acceptances %v: got %v, want %v", tc.betas, tc.acceptance, got, tc.want)
				break
			}
		}
	}
}

// TestLadderResumes: a run that was resumed between two adaptations of its ladder, or at one, ends with the bits and
// the metrics of a run that was not.
func TestLadderResumes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	data := &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, true, true)}
	c := pcdConfig()
	c.Hidden, c.Algorithm, c.Temperatures, c.BatchSize = 4, "pt", 4, 10
	c.Epochs, c.Updates = 0, 2*ladderUpdates+50
	want := newTestTrainer(t, c, data, 2)
	finish(t, want)
	seen := tempering(t, want)
	betas := want.floats(t, graph.Ladder)
	if slices.Equal(betas, want.ladder().start()[graph.Ladder]) {
		t.Errorf("after %d updates the ladder is %v as at the start, want it moved", want.update, betas)
	}
	if acceptance := want.floats(t, graph.Acceptance); slices.Min(acceptance) <= 0 {
		t.Errorf("after %d updates the acceptances are %v, want positive numbers", want.update, acceptance)
	}
	for _, stop := range []int{ladderUpdates - 1, ladderUpdates, ladderUpdates + 50} {
		stopped := newTestTrainer(t, c, data, 1)
		trainTo(t, stopped, stop)
		resumed := saveAndResume(t, path, stopped, data, nil)
		finish(t, resumed)
		wantSameRun(t, fmt.Sprintf("resumed at %d", stop), resumed, want)
		if got := tempering(t, resumed); !reflect.DeepEqual(got, seen) {
			t.Errorf("resumed at %d: metrics %+v, want %+v", stop, got, seen)
		}
	}
}
