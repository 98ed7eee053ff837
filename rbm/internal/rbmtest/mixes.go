package rbmtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
)

// RandomMixes returns n small models of random groups of units of random kinds, with base rates. Of three models one
// has discrete units alone, one has real states among its visible units, and one among its hidden units. None has real
// states in both layers, where e^(-E) may not be integrable. The ranges of the parameters are chosen so small that chains
// mix within ten steps and log-weights of annealing vary little, on which tests of package likelihood rely.
func RandomMixes(t testing.TB, n int) []*rbm.Model {
	t.Helper()
	r := rand.New(rand.NewPCG(20, 26))
	var models []*rbm.Model
	for model := range n {
		var visibleReals, hiddenReals []string
		switch model % 3 {
		case 1:
			visibleReals = engine.VisibleRealKindNames()
		case 2:
			hiddenReals = engine.RealKindNames()
		}
		visible, hidden := randomUnits(t, r, visibleReals), randomUnits(t, r, hiddenReals)
		m, err := rbm.NewModelOf(visible, hidden, visible[len(visible)-1].To, hidden[len(hidden)-1].To)
		if err != nil {
			t.Fatal(err)
		}
		number := func(from, to float64) float32 { return float32(from + (to-from)*r.Float64()) }
		for _, x := range [][]float32{m.Weights, m.Visible.Bias, m.Hidden.Bias} {
			for i := range x {
				x[i] = number(-0.7, 0.7)
			}
		}
		for _, l := range []rbm.Layer{m.Visible, m.Hidden} {
			for j := range l.Len() {
				switch kind := l.Units.Of(j); {
				case kind.Sides():
					l.Jump[j], l.Skew[j] = number(-0.5, 0.5), number(-0.8, 0.8)
					fallthrough
				case kind.Real():
					l.LogVariance[j] = number(-0.9, 0.3)
				}
			}
		}
		if m.BaseRates = make([]float32, m.Visible.Len()); visible.Real() {
			m.BaseVariances = make([]float32, m.Visible.Len())
		}
		for i := range m.BaseRates {
			kind, _ := visible.At(i)
			// The rates of a unit of several columns need not sum to 1: only their ratios matter.
			m.BaseRates[i] = number(0.3, 0.7) / float32(kind.Width())
			if kind.Real() {
				m.BaseVariances[i] = number(0.5, 1.5)
			}
		}
		models = append(models, m)
	}
	return models
}

// A layer of RandomMixes has fewestColumns to mostColumns. Chosen: room for two groups of units of one column or more,
// and at most 2⁷ states of a discrete layer to sum over.
const fewestColumns, mostColumns = 4, 7

// randomUnits returns the units of a layer in random groups of one to three units. Where reals names kinds, the first
// group is of one of them, and each further group with probability 1/2.
func randomUnits(t testing.TB, r *rand.Rand, reals []string) engine.Units {
	var units engine.Units
	kinds := engine.Kinds()
	for to := 0; to < fewestColumns; {
		k := kinds[r.IntN(len(kinds))]
		if k.Several() {
			stem, _, _ := strings.Cut(k.String(), "/")
			k = kindOf(t, fmt.Sprintf("%s/%d", stem, 2+r.IntN(3))) // at most 4 columns: one unit always fits
		}
		if len(reals) > 0 && (to == 0 || r.IntN(2) == 0) {
			k = kindOf(t, reals[r.IntN(len(reals))])
		}
		count := 1 + r.IntN(3)
		for count > 1 && to+count*k.Width() > mostColumns {
			count--
		}
		units = append(units, engine.Group{Kind: k, From: to, To: to + count*k.Width()})
		to += count * k.Width()
	}
	return units
}

func kindOf(t testing.TB, name string) engine.Kind {
	t.Helper()
	k, err := engine.KindNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
