package likelihood

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// allStates returns the visible states of a model as rows of a data set.
func allStates(m *rbm.Model) *dataset.Rows {
	var states []float32
	for _, v := range m.Visible.States() {
		states = append(states, v...)
	}
	return m.Visible.Rows(states)
}

// scoredModels are models of all combinations of units, whose states fit into a batch of 500, and one of more states.
func scoredModels(t *testing.T) map[string]*rbm.Model {
	models := rbmtest.OfAllUnits(t, 6, 4, 2, 1)
	models["more than a batch"] = rbmtest.RandomModel(t, 10, 5, 1, 1)
	return models
}

// TestLogProbabilities: each is the exact log p(v), and the probabilities of all states sum to 1.
// The device's free energies are within a bound b of the exact ones, and log Z within z, so a
// probability is within e^(±(b+z)) of its value and their sum within e^(±(b+z)) of 1.
func TestLogProbabilities(t *testing.T) {
	none := dataset.Binarization{Mode: dataset.None}
	for name, m := range scoredModels(t) {
		rows, logZ := allStates(m), rbmtest.LogPartition(t, m)
		got, err := LogProbabilities(context.Background(), m, rbmtest.OpenDevice(t, 2), rows, none, 1, logZ)
		if err != nil {
			t.Fatal(err)
		}
		var sum, bound float64
		for n, v := range m.Visible.States() {
			within := rbmtest.FreeEnergyBound(m, v) + rbmtest.PartitionBound(m)
			rbmtest.Near(t, name+": "+rbmtest.At("log p", v), got[n], m.LogMarginalVisible(v, logZ), within)
			sum, bound = sum+math.Exp(got[n]), max(bound, within)
		}
		rbmtest.Near(t, name+": sum of the probabilities", sum, 1, math.Expm1(bound)+float64(rows.N)*rbmtest.U)
	}
}

// TestPseudoLikelihoods: each is the sum of the logs of the exact conditionals, which enumeration
// gives as p(v)/(p(v)+p(v')) with v' one unit away. Both sides are sums of V terms, each from two
// free energies in float64 whose error is within LogBound.
func TestPseudoLikelihoods(t *testing.T) {
	none := dataset.Binarization{Mode: dataset.None}
	for name, m := range scoredModels(t) {
		got, err := PseudoLikelihoods(context.Background(), m, rbmtest.OpenDevice(t, 2), allStates(m), none, 1)
		if err != nil {
			t.Fatal(err)
		}
		// One more term is for the roundings of exp, log1p and the sums of V numbers, which are far smaller.
		within := 4 * float64(m.Visible.Len()+1) * rbmtest.LogBound(m)
		for n, v := range m.Visible.States() {
			var want float64
			for i := 0; i < len(v); {
				k := m.Visible.Units.Of(i)
				unit, others := v[i:i+k.Width()], 0.0
				for state := range k.States() {
					if other := slices.Clone(v); state != k.StateOf(unit) {
						k.State(other[i:i+k.Width()], state)
						others += math.Exp(m.FreeEnergy(v) - m.FreeEnergy(other))
					}
				}
				want -= math.Log1p(others)
				i += k.Width()
			}
			rbmtest.Near(t, name+": "+rbmtest.At("pseudo-likelihood", v), got[n], want, within)
		}
	}
}

// TestPseudoLikelihoodsInParts: rows whose states are not held all at once have the states that they have alone.
func TestPseudoLikelihoodsInParts(t *testing.T) {
	m, d := rbmtest.RandomModel(t, 3, 2, 1, 1), rbmtest.OpenDevice(t, 2)
	const edge = pseudoValues / 3 // first row of the second part
	rows, dynamic := rbmtest.RandomRows(edge+100, 3, true, true), dataset.Binarization{Mode: dataset.Dynamic}
	got, err := PseudoLikelihoods(context.Background(), m, d, rows, dynamic, 1)
	if err != nil {
		t.Fatal(err)
	}
	order := []int32{0, edge - 1, edge, edge + 1, edge + 99}
	states, err := graph.Binarize(context.Background(), d, rows, order, dynamic, m.Visible.Units, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range order {
		want := pseudoLikelihood(m, states[3*i:3*i+3], make([]float64, 2), make([]float64, 2))
		if got[n] != want {
			t.Errorf("row %d: got %v, want %v", n, got[n], want)
		}
	}
}

func TestProbabilitiesRefuse(t *testing.T) {
	m, d := rbmtest.RandomModel(t, 3, 2, 1, 1), rbmtest.OpenDevice(t, 1)
	grey, wide := rbmtest.RandomRows(4, 3, true, false), rbmtest.RandomRows(4, 5, false, true)
	none := dataset.Binarization{Mode: dataset.None}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, narrow := LogProbabilities(context.Background(), m, d, wide, none, 1, 0)
	_, stopped := LogProbabilities(cancelled, m, d, grey, none, 1, 0)
	_, pseudoNarrow := PseudoLikelihoods(context.Background(), m, d, wide, none, 1)
	_, fractions := PseudoLikelihoods(context.Background(), m, d, grey, none, 1)
	_, nothing := LogProbabilities(context.Background(), m, d, nil, none, 1, 0)
	_, pseudoNothing := PseudoLikelihoods(context.Background(), m, d, nil, none, 1)
	_, energyNothing := FreeEnergies(context.Background(), m, d, nil, none, 1)
	_, independentNothing := Independent(context.Background(), d, m.Visible, nil, none, 1)
	for _, tc := range []struct {
		err  error
		want string
	}{
		{narrow, "likelihood: log-probabilities: rows of 5 values for a model of 3 visible units"},
		{stopped, "likelihood: log-probabilities: context canceled"},
		{pseudoNarrow, "likelihood: pseudo-likelihoods: rows of 5 values for a model of 3 visible units"},
		{nothing, "likelihood: log-probabilities: dataset: no rows: nil"},
		{pseudoNothing, "likelihood: pseudo-likelihoods: dataset: no rows: nil"},
		{energyNothing, "likelihood: free energies: dataset: no rows: nil"},
		{independentNothing, "likelihood: independent units: dataset: no rows: nil"},
		{fractions, "likelihood: pseudo-likelihoods: rows of fractions, want states or a binarization that makes them"},
	} {
		if tc.err == nil || tc.err.Error() != tc.want {
			t.Errorf("got error %v, want %q", tc.err, tc.want)
		}
	}
}
