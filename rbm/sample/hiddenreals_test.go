package sample

import (
	"context"
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestChainsOfHiddenReals: Gibbs steps through hidden units with real states leave the distribution of the visible
// ones as it is, and lead to it from fair coins within 60 steps (chosen: three times what rbmtest.GibbsModels take).
func TestChainsOfHiddenReals(t *testing.T) {
	m := rbmtest.HiddenReals(t)
	p := rbmtest.VisibleProbabilities(t, m)
	for _, c := range []struct {
		what  string
		start []float32
		steps int
	}{
		{"from the model", rbmtest.DrawStates(rbmtest.ManyChains, m.Visible, p), 1},
		{"from coins", RandomVisible(m, rbmtest.ManyChains, 1), 60},
	} {
		chains, err := NewChains(m, rbmtest.OpenDevice(t, 2), c.start, nil, 5)
		if err != nil {
			t.Fatal(err)
		}
		if err := chains.Run(context.Background(), c.steps); err != nil {
			t.Fatal(err)
		}
		v, err := chains.Visible()
		if err != nil {
			t.Fatal(err)
		}
		rbmtest.ChiSquare(t, c.what, rbmtest.CountStates(v, m.Visible), p)
	}
}
