package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/rbm/likelihood"
)

// weightedSets returns rows with the weights 2, 1, 0 and 3, and the same rows 2, 1, 0 and 3 times.
func weightedSets(visible int) (weighted, repeated *dataset.Set) {
	rows := rbmtest.RandomRows(4, visible, false, true)
	rows.Weights = []float32{2, 1, 0, 3}
	copies := rbmtest.RandomRows(4, visible, false, true).Select([]int{0, 0, 1, 3, 3, 3})
	return &dataset.Set{Train: rows}, &dataset.Set{Train: copies}
}

// TestWeightIsRepetition: from the same variables, a full batch with weights moves all of them where a
// full batch with repeated rows does, within the bounds of both updates: of 6 rows and 11 chains, at the rate times the
// heaviest weight. Without the weights it does not.
func TestWeightIsRepetition(t *testing.T) {
	const visible, rate = 9, 0.5
	weighted, repeated := weightedSets(visible)
	plain := &dataset.Set{Train: &dataset.Rows{N: 4, V: visible, Bytes: weighted.Train.Bytes}}
	for _, algorithm := range []string{"pcd", "fpcd"} {
		for _, center := range []bool{false, true} {
			c := pcdConfig()
			c.Algorithm, c.Center, c.Hidden, c.Chains = algorithm, center, 5, 11
			c.LearningRate, c.Updates, c.L2 = rate, 1, 0
			want := newTestTrainer(t, c, repeated, 1)
			m := rbmtest.RandomModel(t, visible, 5, 1, 1)
			want.setModel(t, m, "")
			want.set(t, graph.VisibleOffset, rbmtest.Offsets(visible, 3))
			want.set(t, graph.HiddenOffset, rbmtest.Offsets(5, 8))
			before := want.savedFloats(t)
			finish(t, want)
			for name, set := range map[string]*dataset.Set{"weighted": weighted, "plain": plain} {
				got := newTestTrainer(t, c, set, 1)
				for variable, values := range before {
					got.set(t, variable, values)
				}
				finish(t, got)
				var excess float64
				for variable := range before {
					after := want.floats(t, variable)
					for i, x := range got.floats(t, variable) {
						bound := 2 * updateBound(m, 6, 11, heaviest*rate, float64(after[i]))
						excess = max(excess, math.Abs(float64(x)-float64(after[i]))/bound)
					}
				}
				if near, wantNear := excess <= 1, name == "weighted"; near != wantNear {
					t.Errorf("%s, center %v, %s rows: %v times the bound from repeated rows, want at most 1: %v",
						algorithm, center, name, excess, wantNear)
				}
			}
		}
	}
}

// TestMonitorsAreWeighted: weighted rows have the monitors and estimates of repeated rows, and the
// plain log-likelihood is the one of the rows without weights.
func TestMonitorsAreWeighted(t *testing.T) {
	weighted, repeated := weightedSets(9)
	weighted.Valid, repeated.Valid = weighted.Train, repeated.Train
	once := &dataset.Set{Train: &dataset.Rows{N: 4, V: 9, Bytes: weighted.Train.Bytes}}
	once.Valid = once.Train
	c := pcdConfig()
	c.Hidden, c.Epochs = 5, 1
	m := rbmtest.RandomModel(t, 9, 5, 1, 1)
	monitor := func(set *dataset.Set) (Metrics, *Online) {
		t.Helper()
		trainer, err := NewFrom(c, m, set, rbmtest.OpenDevice(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := trainer.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		online, err := trainer.Estimate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return metrics, online
	}
	got, gotOnline := monitor(weighted)
	want, wantOnline := monitor(repeated)
	_, plain := monitor(once)
	// Free energies of up to 20 nats in float32 are within some eight roundings of 2⁻²⁰.
	near := func(what string, got, want float64) { t.Helper(); rbmtest.Near(t, what, got, want, 8*0x1p-20) }
	near("free energy", got.FreeEnergyTrain, want.FreeEnergyTrain)
	near("free energy of validation rows", *got.FreeEnergyValid, *want.FreeEnergyValid)
	near("hidden means", got.MeanHidden, want.MeanHidden)
	near("log-likelihood", gotOnline.LogLikelihoodTrain, wantOnline.LogLikelihoodTrain)
	near("log-likelihood of validation rows", *gotOnline.LogLikelihoodValid, *wantOnline.LogLikelihoodValid)
	near("plain log-likelihood", *gotOnline.PlainTrain, plain.LogLikelihoodTrain)
	near("plain log-likelihood of validation rows", *gotOnline.PlainValid, *plain.LogLikelihoodValid)
	if plain.PlainTrain != nil || plain.PlainValid != nil {
		t.Error("rows without weights have a plain log-likelihood beside the other")
	}
	if gotOnline.IndependentTrain == plain.IndependentTrain {
		t.Error("independent units do not depend on the weights")
	}
}

// TestEvaluatedRowsHaveWeight: of rows with missing cells, the few that are evaluated do not all have the weight 0.
func TestEvaluatedRowsHaveWeight(t *testing.T) {
	rows := trainingCase{holes: true}.rows(6, 9)
	rows.Weights = []float32{0, 0, 0, 0, 3, 0}
	c := pcdConfig()
	c.Hidden, c.Updates = 5, 1
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
	if got := trainer.EvaluatedRows(partTrain, 2).Weights; !slices.Equal(got, []float32{3}) {
		t.Errorf("two of six rows have the weights %v, want the only row with a weight", got)
	}
	if e, err := trainer.Evaluate(context.Background(), modelOf(t, trainer), partTrain, 2, likelihood.EvaluateConfig{}); err != nil {
		t.Errorf("evaluation %v, error %v", e, err)
	}
}

// TestChosenRows: the rows that chosenRows chooses are evenly spread, and their total weight is never 0.
func TestChosenRows(t *testing.T) {
	rows := &dataset.Rows{N: 6, Weights: []float32{0, 2, 0, 0, 3, 0}}
	for n, want := range map[int]string{ // numbers and weights
		1: "[1] [2]", 2: "[1 4] [2 3]", // among the two rows with a weight, as rows 0 and 3 have none
		3: "[0 2 4] [0 0 3]", 9: "[0 1 2 3 4 5] [0 2 0 0 3 0]",
	} {
		order, weights := chosenRows(rows, n)
		if got := fmt.Sprint(order, weights); got != want {
			t.Errorf("%d rows: got %s, want %s", n, got, want)
		}
	}
	if order, weights := chosenRows(&dataset.Rows{N: 6}, 3); weights != nil || !slices.Equal(order, []int32{0, 2, 4}) {
		t.Errorf("without weights: got %v, %v", order, weights)
	}
}
