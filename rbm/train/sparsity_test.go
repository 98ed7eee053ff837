package train

import (
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// activities are the means (H) of the hidden units of a run on its training rows.
func activities(t *testing.T, trainer *Trainer) []float64 {
	t.Helper()
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m.PositivePhase(slices.Concat(floatRows(trainer.data.Train)...)).HiddenBias
}

// TestSparsityHoldsActivities: on digits a target draws the hidden units towards it, and the
// more so the more it costs to miss it.
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
	// The mean distance of the activities from the target, in logits.
	distance := func(cost float64) float64 {
		c := pcdConfig()
		c.Hidden, c.Algorithm, c.GibbsSteps, c.BatchSize, c.Epochs, c.Binarize = 40, "cd", 1, 50, 20, "none"
		c.SparsityTarget, c.SparsityCost = 0.1, cost
		trainer := newTestTrainer(t, c, data, 1)
		finish(t, trainer)
		var sum float64
		for _, q := range activities(t, trainer) {
			sum += math.Abs(math.Log(q/(1-q)) - math.Log(0.1/0.9))
		}
		return sum / 40
	}
	free, near, nearer := distance(1e-6), distance(1), distance(3)
	if !(nearer < 0.8*near && near < 0.8*free) {
		t.Errorf("the activities are %v logits from their target at cost 3, %v at cost 1 and %v when free, want each four fifths of the next at most",
			nearer, near, free)
	}
}

// TestSparsityBegins: the hidden units begin at their target (Hinton 2010, §8), and a cost
// that is left open is a tenth.
func TestSparsityBegins(t *testing.T) {
	data := &dataset.Set{Train: rbmtest.RandomRows(23, 9, false, true)}
	c := pcdConfig()
	c.Hidden, c.Epochs, c.SparsityTarget = 3, 2, 0.2
	open := newTestTrainer(t, c, data, 1)
	for name, want := range map[string]float64{graph.HiddenBias: math.Log(0.25), graph.HiddenOffset: 0.2, graph.Activity: 0.2} {
		for _, got := range open.floats(t, name) {
			rbmtest.Near(t, name, float64(got), want, 0x1p-22)
		}
	}
	c.SparsityCost = 0.1
	given := newTestTrainer(t, c, data, 1)
	finish(t, open)
	finish(t, given)
	wantSameRun(t, "cost 0", open, given)
}
