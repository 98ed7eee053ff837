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
)

// weightedSets returns rows with the weights 2, 1, 0 and 3, and the same rows 2, 1, 0 and 3 times.
func weightedSets(visible int) (weighted, repeated *dataset.Set) {
	rows := rbmtest.RandomRows(4, visible, false, true)
	rows.Weights = []float32{2, 1, 0, 3}
	return &dataset.Set{Train: rows}, &dataset.Set{Train: rbmtest.RandomRows(4, visible, false, true).Select([]int{0, 0, 1, 3, 3, 3})}
}

// TestWeightIsRepetition: from the same variables, a full batch with weights moves all of them where a
// full batch with repeated rows does, within the bounds of both updates. Without the weights it does
// not.
func TestWeightIsRepetition(t *testing.T) {
	const visible, rate = 9, 0.5
	weighted, repeated := weightedSets(visible)
	plain := &dataset.Set{Train: &dataset.Rows{N: 4, V: visible, Bytes: weighted.Train.Bytes}}
	for _, algorithm := range []string{"pcd", "fpcd"} {
		for _, center := range []bool{false, true} {
			c := pcdConfig()
			c.Algorithm, c.Center, c.Hidden, c.Chains, c.LearningRate, c.Updates, c.L2 = algorithm, center, 5, 11, rate, 1, 0
			want := newTestTrainer(t, c, repeated, 1)
			m := rbmtest.RandomModel(t, visible, 5, 1, 1)
			for name, values := range map[string][]float32{
				graph.Weights: m.Weights, graph.VisibleBias: m.Visible.Bias, graph.HiddenBias: m.Hidden.Bias,
				graph.VisibleOffset: rbmtest.Offsets(visible, 3), graph.HiddenOffset: rbmtest.Offsets(5, 8),
			} {
				if err := want.state.Set(name, values); err != nil {
					t.Fatal(err)
				}
			}
			before := map[string][]float32{}
			for _, v := range want.variables() {
				if v.saved {
					before[v.name] = want.floats(t, v.name)
				}
			}
			finish(t, want)
			for name, set := range map[string]*dataset.Set{"weighted": weighted, "plain": plain} {
				got := newTestTrainer(t, c, set, 1)
				for variable, values := range before {
					if err := got.state.Set(variable, values); err != nil {
						t.Fatal(err)
					}
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
				if near := excess <= 1; near != (name == "weighted") {
					t.Errorf("%s, center %v, %s rows: %v times the bound from repeated rows", algorithm, center, name, excess)
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
	look := func(set *dataset.Set) (Metrics, *Online) {
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
	got, gotOnline := look(weighted)
	want, wantOnline := look(repeated)
	_, plain := look(once)
	const tolerance = 1e-5 // of sums of a few numbers up to 20 in float32
	for name, pair := range map[string][2]float64{
		"free energy": {got.FreeEnergyTrain, want.FreeEnergyTrain}, "of validation rows": {*got.FreeEnergyValid, *want.FreeEnergyValid},
		"hidden means": {got.MeanHidden, want.MeanHidden},
		"estimate":     {gotOnline.LogLikelihoodTrain, wantOnline.LogLikelihoodTrain}, "of validation": {*gotOnline.LogLikelihoodValid, *wantOnline.LogLikelihoodValid},
		"plain": {*gotOnline.PlainTrain, plain.LogLikelihoodTrain}, "plain of validation": {*gotOnline.PlainValid, *plain.LogLikelihoodValid},
	} {
		rbmtest.Near(t, name, pair[0], pair[1], tolerance)
	}
	if plain.PlainTrain != nil || plain.PlainValid != nil {
		t.Error("rows without weights have a plain log-likelihood beside the other")
	}
	if gotOnline.IndependentTrain == plain.IndependentTrain {
		t.Error("independent units do not depend on the weights")
	}
}

// TestChosenRows are evenly spread. They never have a total weight of 0.
func TestChosenRows(t *testing.T) {
	rows := &dataset.Rows{N: 6, Weights: []float32{0, 2, 0, 0, 3, 0}}
	for n, want := range map[int]string{1: "[1] [2]", 2: "[1 4] [2 3]", 3: "[0 2 4] [0 0 3]", 9: "[0 1 2 3 4 5] [0 2 0 0 3 0]"} {
		order, weights := chosenRows(rows, n)
		if got := fmt.Sprint(order, weights); got != want {
			t.Errorf("%d rows: got %s, want %s", n, got, want)
		}
	}
	if order, weights := chosenRows(&dataset.Rows{N: 6}, 3); weights != nil || !slices.Equal(order, []int32{0, 2, 4}) {
		t.Errorf("without weights: got %v, %v", order, weights)
	}
}
