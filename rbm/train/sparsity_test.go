package train

import (
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// activities returns the means (H) of the hidden units of a run over its training rows.
func activities(t *testing.T, trainer *Trainer) []float64 {
	t.Helper()
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m.PositivePhase(slices.Concat(floatRows(trainer.data.Train)...)).HiddenBias
}

// TestSparsityHoldsActivities: on digits the activities of the hidden units are nearer to their target the more it costs
// to miss it, by a fifth at least from one cost to the next (chosen).
func TestSparsityHoldsActivities(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	t.Parallel()
	set, err := dataset.Open("mnist", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data := &dataset.Set{Train: set.Train.Slice(0, 1000)}
	const hidden, target = 40, 0.1
	// The mean distance of the activities from the target, in logits.
	distance := func(cost float64) float64 {
		c := pcdConfig()
		c.Hidden, c.Algorithm, c.GibbsSteps, c.BatchSize, c.Epochs, c.Binarize = hidden, "cd", 1, 50, 20, "none"
		c.SparsityTarget, c.SparsityCost = target, cost
		trainer := newTestTrainer(t, c, data, 1)
		finish(t, trainer)
		var sum float64
		for _, q := range activities(t, trainer) {
			sum += math.Abs(math.Log(q/(1-q)) - math.Log(target/(1-target)))
		}
		return sum / hidden
	}
	none, low, high := distance(1e-6), distance(1), distance(3) // a cost near 0, as 0 means the default
	if !(high < 0.8*low && low < 0.8*none) {
		t.Errorf("the activities are %v logits from their target at cost 3, %v at cost 1 and %v at cost 1e-6, want each below "+
			"0.8 of the next",
			high, low, none)
	}
}

// TestSparsityBegins: the hidden units begin at their target (Hinton 2010, §8), and a cost
// of 0 means a tenth.
func TestSparsityBegins(t *testing.T) {
	data := &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, false, true)}
	c := pcdConfig()
	c.Hidden, c.Epochs, c.SparsityTarget = 3, 2, 0.2
	byDefault := newTestTrainer(t, c, data, 1)
	for name, want := range map[string]float64{graph.HiddenBias: math.Log(0.25), graph.HiddenOffset: 0.2, graph.Activity: 0.2} {
		for _, got := range byDefault.floats(t, name) {
			rbmtest.Near(t, name, float64(got), want, 0x1p-24*math.Abs(want)) // one rounding to float32
		}
	}
	c.SparsityCost = 0.1
	given := newTestTrainer(t, c, data, 1)
	finish(t, byDefault)
	finish(t, given)
	wantSameRun(t, "cost 0", byDefault, given)
}
