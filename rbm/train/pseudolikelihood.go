package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// measurePseudoLikelihood sets the mean log-pseudo-likelihood of a watch over a model with couplings or real hidden
// states, estimated from one random unit of each row, as [engine.PseudoLikelihood] does for other models.
func (t *Trainer) measurePseudoLikelihood(w *watch) error {
	v := make([]float32, w.rows*w.visible)
	if err := w.plan.Read(w.results.visible, v); err != nil {
		return err
	}
	m, err := t.Model()
	if err != nil {
		return err
	}
	w.pseudoLikelihood, err = meanPseudoLikelihood(m, v, w.weights, t.seedNow(graph.SeedLook))
	return err
}

// meanPseudoLikelihood returns the mean over rows v (N,V), weighted if they have weights, of V·log p(v_i | the
// other visible units), with a unit i drawn for each row and V the number of units.
func meanPseudoLikelihood(m *rbm.Model, v, weights []float32, seed uint64) (float64, error) {
	random := rand.New(rand.NewPCG(seed, uint64(graph.StreamUnit))) // for the rows one by one, on the host
	nan := float32(math.NaN())
	var firsts []int // the first column of each unit
	for i := range m.Visible.Len() {
		if _, first := m.Visible.Units.At(i); i == first {
			firsts = append(firsts, i)
		}
	}
	var logs []float64
	for row := range slices.Chunk(v, m.Visible.Len()) {
		i := firsts[random.IntN(len(firsts))]
		k, _ := m.Visible.Units.At(i)
		pattern := slices.Clone(row)
		for a := range k.Width() {
			pattern[i+a] = nan // the unit is free, all others are given
		}
		state := k.StateOf(row[i : i+k.Width()])
		if state < 0 {
			return 0, fmt.Errorf("column %d: values that are no state of its unit", i+1)
		}
		_, given := m.EnumerateGiven(pattern)
		logs = append(logs, float64(len(firsts))*given[state])
	}
	mean, _ := estimate.WeightedMean(logs, weights)
	return mean, nil
}
