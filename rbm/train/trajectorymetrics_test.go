package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// twoModeRows returns the visible states of twoModes in which all units but at most one are on, or off.
func twoModeRows(visible int) *dataset.Rows {
	rows := &dataset.Rows{V: visible}
	for _, on := range []uint8{0, 255} {
		for flipped := -1; flipped < visible; flipped++ {
			row := slices.Repeat([]uint8{on}, visible)
			if flipped >= 0 {
				row[flipped] = 255 - on
			}
			rows.Bytes = append(rows.Bytes, row...)
			rows.N++
		}
	}
	return rows
}

// standing returns a run by parallel trajectory tempering of a model that stands still above
// itself, with a reservoir of its own samples. Its number of chains is a multiple of 100, see hiddenSamples.
func standing(t *testing.T, m *rbm.Model, rows *dataset.Rows, updates int) *watched {
	t.Helper()
	const chains = 200
	c := Config{Algorithm: "ptt", GibbsSteps: 1, Chains: chains, BatchSize: rows.N, Updates: updates}
	w := frozen(t, m, c, rows)
	w.setModel(t, m, graph.SuffixFrozen)
	p := rbmtest.VisibleProbabilities(t, m)
	w.set(t, graph.Reservoir, hiddenSamples(m, p, reservoirShare*chains))
	w.set(t, graph.Chains, hiddenSamples(m, p, chains))
	w.trajectory.LogPartition = rbmtest.LogPartition(t, m)
	return w
}

// hiddenSamples returns n hidden states of a model of one hidden unit whose visible states have
// the probabilities p. The frequency of each state is its probability rounded to a hundredth.
func hiddenSamples(m *rbm.Model, p []float64, n int) []float32 {
	on := rbmtest.HiddenAfter(m, p)[1]
	h := make([]float32, n)
	for i := range h {
		if float64(i%100)+0.5 < 100*on {
			h[i] = 1
		}
	}
	return h
}

// onlyOff sets the chains and the reservoir of a run to samples of the mode in which the hidden unit is off.
func (w *watched) onlyOff(t *testing.T) {
	t.Helper()
	for _, name := range []string{graph.Reservoir, graph.Chains} {
		w.set(t, name, make([]float32, len(w.floats(t, name))))
	}
}

// warningsOf returns the metrics of the trajectory and the warnings of a run.
func warningsOf(t *testing.T, w *watched) (*TrajectoryMetrics, string) {
	t.Helper()
	m, err := w.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	return m.Trajectory, strings.Join(m.Warnings, "\n")
}

// TestDriftIsSeen: of a model with two modes between which a Gibbs chain crosses in some
// two hundred steps, samples with the right shares do not drift. If the ladder below leads
// to one mode only, its samples drift to the other mode, by the difference of the modes'
// energies. The samples of a model that is frozen above that ladder drift as well. One seed in 370 finds a drift of the
// right samples.
func TestDriftIsSeen(t *testing.T) {
	const odds, updates = 4, 1 // none is made
	m := twoModes(odds)
	for i := range m.Weights { // 4 in place of 6 lowers the barrier between the modes
		m.Weights[i] /= 1.5
		m.Visible.Bias[i] /= 1.5
	}
	m.Hidden.Bias[0] = (m.Hidden.Bias[0]-odds)/1.5 + odds
	for _, broken := range []bool{false, true} {
		w := standing(t, m, twoModeRows(m.Visible.Len()), updates)
		if broken {
			w.onlyOff(t)
		}
		if err := w.freeze(); err != nil {
			t.Fatal(err)
		}
		metrics, warnings := warningsOf(t, w)
		if got := strings.Contains(warnings, "not at its equilibrium"); got != broken {
			t.Errorf("broken=%v: drift of %v ± %v, warnings %q", broken, metrics.EnergyDrift, metrics.EnergyDriftError, warnings)
		}
	}
}

// TestDriftIsSilentByChance: of samples at equilibrium, one test in 370 finds a drift, and more than two of 60
// find one with a probability of 1/1,660.
func TestDriftIsSilentByChance(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	m := rbmtest.GibbsModels(t)[0]
	rows := rbmtest.RandomRows(4, m.Visible.Len(), false, true)
	c := Config{GibbsSteps: 1, Chains: 100, BatchSize: 4, Updates: 1}
	w := frozenLadder(t, m, c, rows, path(m, rows, 0.5), func(*watched, int) {})
	const tests = 60
	found := 0
	for range tests {
		if err := w.freeze(); err != nil {
			t.Fatal(err)
		}
		d, err := w.reservoirDrift(w.floats(t, graph.Reservoir))
		if err != nil {
			t.Fatal(err)
		}
		if d.significant() {
			found++
		}
		w.update++ // other random numbers
	}
	if found > 2 {
		t.Errorf("a drift was found in %d of %d tests of samples at equilibrium, want at most 2", found, tests)
	}
}

// massRounding allows for free energies of up to 36 nats in float32: five roundings of up to 2⁻¹⁹ each (chosen).
const massRounding = 1e-5

// TestMassIsSeen: the rows have most of the mass of a model of two modes under the right log Z, so that the mass is
// near 1 and not above. If ladder and chains have only ever been in one mode, the estimate is log Z of this mode alone,
// and the mass is above 1, which is impossible. The estimate is within three standard errors, which one seed in 370 exceeds.
func TestMassIsSeen(t *testing.T) {
	const odds, updates = 0.8, 5
	m := twoModes(odds)
	rows := twoModeRows(m.Visible.Len())
	var mass float64
	row := make([]float32, m.Visible.Len())
	for n := range rows.N {
		rows.Row(row, n)
		mass += math.Exp(-m.FreeEnergy(row) - rbmtest.LogPartition(t, m))
	}
	share := 1 / (1 + math.Exp(odds)) // of the mode that is off
	for _, broken := range []bool{false, true} {
		want := math.Log(mass)
		w := standing(t, m, rows, updates)
		if broken {
			w.onlyOff(t)
			w.trajectory.LogPartition += math.Log(share)
			want -= math.Log(share)
		}
		finish(t, w.Trainer)
		metrics, warnings := warningsOf(t, w)
		rbmtest.Near(t, "log mass", *metrics.LogMass, want, 3*metrics.StandardError+massRounding)
		if got := strings.Contains(warnings, "which is impossible"); got != broken {
			t.Errorf("broken=%v: a mass of e^%v with log Z %v ± %v, warnings %q",
				broken, *metrics.LogMass, metrics.LogPartition, metrics.StandardError, warnings)
		}
	}
}

// TestMassCountsDistinctRows: rows that come again count once.
func TestMassCountsDistinctRows(t *testing.T) {
	x := []float32{0, 1, 1, 1, 0, 1, 1, 0, 1, 1}
	if got, want := distinctRows(x, 2), []int{0, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("distinct rows of %v are %v, want %v", x, got, want)
	}
	m := twoModes(0.8)
	rows := twoModeRows(m.Visible.Len())
	twice := &dataset.Rows{N: 2 * rows.N, V: rows.V, Bytes: append(slices.Clone(rows.Bytes), rows.Bytes...)}
	once, _ := warningsOf(t, standing(t, m, rows, 1)) // no update is made
	again, _ := warningsOf(t, standing(t, m, twice, 1))
	tolerance := 3*(once.StandardError+again.StandardError) + massRounding
	rbmtest.Near(t, "log mass of rows that come twice", *again.LogMass, *once.LogMass, tolerance)
}

// TestMassWantsStates: rows of values between 0 and 1 have no mass, and no warning of it.
func TestMassWantsStates(t *testing.T) {
	c := trajectoryConfig()
	c.Updates, c.Epochs = 1, 0
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rbmtest.RandomRows(23, 12, true, true)}, 1)
	m, err := trainer.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	if m.Trajectory.LogMass != nil || len(m.Warnings) > 0 {
		t.Errorf("a log mass of %v and warnings %q of rows of grey", m.Trajectory.LogMass, m.Warnings)
	}
}

// TestStallIsSeen: a learning rate that was halved ten times, to below slowFactor, gives a warning.
func TestStallIsSeen(t *testing.T) {
	for halvings, want := range map[int]bool{0: false, 9: false, 10: true} {
		m := &TrajectoryMetrics{RateFactor: math.Pow(0.5, float64(halvings))}
		if got := strings.Contains(strings.Join(m.warnings(), ""), "may stall"); got != want {
			t.Errorf("%d halvings: warnings %q, want one of a stall: %v", halvings, m.warnings(), want)
		}
	}
}
