package sample

import (
	"context"
	"fmt"
	"math"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestSamplesAreDividedAmongRanks: chains and filled rows are the same bits on any number of ranks, also
// where some ranks have no chain or row.
func TestSamplesAreDividedAmongRanks(t *testing.T) {
	ctx := context.Background()
	units, err := engine.ParseUnits("gaussian:2,categorical/3:1,bernoulli:1", 6)
	if err != nil {
		t.Fatal(err)
	}
	reals, err := rbm.NewModelOf(units, nil, 6, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range reals.Weights {
		reals.Weights[i] = float32(0.8 * math.Sin(float64(3*i+1)))
	}
	for name, m := range map[string]*rbm.Model{
		"mixed":        rbmtest.OfAllUnits(t, 6, 4, 1, 1)["6x4, mixed by mixed, weights to 1"],
		"real":         reals,
		"hidden reals": rbmtest.HiddenReals(t),
		"coupled":      rbmtest.SomeCoupledModels(t, 6, 4, 0.5)["mixed"],
	} {
		rows, units := holes(m)
		rows = append(rows, rows...)
		rbmtest.SameOnRanks(t, name, func(d engine.Device) (string, error) {
			pattern := make([]float32, 4*6)
			for i := range pattern {
				pattern[i] = float32(math.NaN())
			}
			k := m.Visible.Units.Of(0)
			k.State(pattern[2*6:2*6+k.Width()], 0)
			chains, err := NewChains(m, d, rbmtest.SomeRows(m, 4), pattern, 5)
			if err == nil {
				err = chains.Run(ctx, 3)
			}
			if err != nil {
				return "", err
			}
			features, err := Features(ctx, m, d, m.Visible.Rows(rbmtest.SomeRows(m, 1003)), dataset.Binarization{Mode: dataset.None}, 1)
			if err != nil {
				return "", err
			}
			states, err := chains.Visible()
			if err != nil {
				return "", err
			}
			means, err := chains.MeanVisible()
			if err != nil {
				return "", err
			}
			done := 0
			c := ImputeConfig{Chains: 3, Steps: 4, BurnIn: 2, ExactCells: units[1], Seed: 7, Progress: func(n, _ int) { done = n }}
			if m.Visible.Units.Real() {
				c.ExactCells = -1
			}
			filled, err := Impute(ctx, m, d, rows, c)
			if err != nil {
				return "", err
			}
			if want := 6; done != want { // rows with missing cells
				t.Errorf("%s: %d rows were reported, want %d", name, done, want)
			}
			return fmt.Sprintf("%v\n%v\n%+v\n%v", states, means, *filled, features), nil
		})
	}
}
