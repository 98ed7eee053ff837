package rbm_test

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// joint returns the table p(v,h) by state numbers, from energies alone.
func joint(m *rbm.Model) [][]float64 {
	logZ := rbmtest.BruteLogPartition(m)
	p := make([][]float64, m.Visible.CountStates())
	for n, v := range m.Visible.States() {
		for _, h := range m.Hidden.States() {
			p[n] = append(p[n], math.Exp(-m.Energy(v, h)-logZ))
		}
	}
	return p
}

// gibbsByJoint is GibbsStep written with ratios of the joint table.
func gibbsByJoint(p [][]float64, start []float64) []float64 {
	visible, hidden := make([]float64, len(p)), make([]float64, len(p[0]))
	for n := range p {
		for k, x := range p[n] {
			visible[n] += x
			hidden[k] += x
		}
	}
	next := make([]float64, len(p))
	for n0, weight := range start {
		for k := range hidden {
			for n1 := range p {
				next[n1] += weight * p[n0][k] / visible[n0] * p[n1][k] / hidden[k]
			}
		}
	}
	return next
}

// chainModels are models of at most 11 columns and of all combinations of units. The largest energies are below 100,
// so that no state's probability is near underflow.
func chainModels(t *testing.T) map[string]*rbm.Model {
	models := map[string]*rbm.Model{}
	for _, shape := range []struct {
		visible, hidden int
		weight          float64
	}{{1, 1, 1}, {4, 3, 2}, {3, 5, 2}, {7, 4, 1}} {
		maps.Copy(models, rbmtest.OfAllUnits(t, shape.visible, shape.hidden, shape.weight, 1))
	}
	return models
}

// TestGibbsStep: from an uneven distribution, a step is the double sum over the joint table. Both sides are means of
// probabilities, each within gradientBound.
func TestGibbsStep(t *testing.T) {
	for name, m := range chainModels(t) {
		table := joint(m)
		start := make([]float64, m.Visible.CountStates())
		var sum float64
		for n := range start {
			start[n] = float64(n*n%5 + 1)
			sum += start[n]
		}
		for n := range start {
			start[n] /= sum
		}
		got, want := m.GibbsStep(start), gibbsByJoint(table, start)
		for n := range want {
			rbmtest.Near(t, fmt.Sprintf("%s: p'(%d)", name, n), got[n], want[n], 2*gradientBound(m))
		}
	}
}

// TestModelIsFixedPointOfGibbsStep has the tolerance of TestGibbsStep.
func TestModelIsFixedPointOfGibbsStep(t *testing.T) {
	for name, m := range chainModels(t) {
		var want []float64
		for _, logP := range m.EnumerateVisible(rbmtest.LogPartition(t, m)) {
			want = append(want, math.Exp(logP))
		}
		got := m.GibbsStep(want)
		for n := range want {
			rbmtest.Near(t, fmt.Sprintf("%s: p(%d)", name, n), got[n], want[n], 2*gradientBound(m))
		}
	}
}

// TestExpectedCDGradientByFullEnumeration: the gradient of CD-k is the moments of the data less the moments after k
// Gibbs steps by the joint table. Each step adds gradientBound on either side.
func TestExpectedCDGradientByFullEnumeration(t *testing.T) {
	for name, m := range chainModels(t) {
		rows := rbmtest.SomeRows(m, 5)
		table := joint(m)
		chain := make([]float64, m.Visible.CountStates())
		for r := range 5 {
			chain[m.Visible.Number(rows[r*m.Visible.Len():(r+1)*m.Visible.Len()])] += 1.0 / 5
		}
		positive := m.PositivePhase(rows)
		for steps := 1; steps <= 3; steps++ {
			chain = gibbsByJoint(table, chain)
			want := rbm.NewGradient(m)
			rbm.AddMoments(want, 1, positive.VisibleBias, make([]float64, m.Hidden.Len()))
			rbm.AddMoments(want, 1, make([]float64, m.Visible.Len()), positive.HiddenBias)
			copy(want.Weights, positive.Weights)
			for n, v := range m.Visible.States() {
				rbm.AddMoments(want, -chain[n], v, m.MeanHidden(nil, v))
			}
			got, err := m.ExpectedCDGradient(rows, steps)
			if err != nil {
				t.Fatal(err)
			}
			nearGradient(t, fmt.Sprintf("%s, k=%d", name, steps), got, want, float64(2*steps)*gradientBound(m))
		}
	}
}

// TestExpectedCDGradientWithoutWeights: with W = 0 one step forgets the start,
// and CD-1 is the likelihood gradient.
func TestExpectedCDGradientWithoutWeights(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 4, 3, 0, 2) {
		rows := rbmtest.SomeRows(m, 5)
		got, err := m.ExpectedCDGradient(rows, 1)
		if err != nil {
			t.Fatal(err)
		}
		nearGradient(t, name, got, logLikelihoodGradient(t, m, rows), 2*gradientBound(m))
	}
}

func TestExpectedCDGradientRefuses(t *testing.T) {
	small, large := rbmtest.RandomModel(t, 3, 2, 1, 1), rbmtest.RandomModel(t, 11, 10, 1, 1)
	for name, test := range map[string]struct {
		m     *rbm.Model
		rows  []float32
		steps int
		want  string
	}{
		"no steps":  {small, make([]float32, 3), 0, "0 Gibbs steps, want at least 1"},
		"too large": {large, make([]float32, 11), 1, "2^21 states, want at most 2^20"},
		"grey":      {small, []float32{0, 1, 0, 0, 0.5, 1}, 1, "value 4 is 0.5, want 0 or 1"},
		"NaN":       {small, []float32{0, 1, float32(math.NaN())}, 1, "value 2 is NaN, want 0 or 1"},
	} {
		_, err := test.m.ExpectedCDGradient(test.rows, test.steps)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// TestExpectedCDGradientRefusesValues: a value between the two states of a column is refused.
func TestExpectedCDGradientRefusesValues(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 3, 2, 1, 1) {
		rows, k := rbmtest.SomeRows(m, 2), m.Visible.Units.Of(2)
		rows[5] = (k.Low() + 3*k.High()) / 4
		_, err := m.ExpectedCDGradient(rows, 1)
		want := fmt.Sprintf("value 5 is %v, want %v or %v", rows[5], k.Low(), k.High())
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
}
