package sample

import (
	"context"
	"math"
	"slices"
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestCoupledChains: from exact samples of models with couplings, a step keeps p(v), and the pairs of one state
// and the next have the enumerated frequencies. Each comparison fails a right program with a probability of 1e-6.
func TestCoupledChains(t *testing.T) {
	for name, m := range rbmtest.SomeCoupledModels(t, 4, 2, 0.7) {
		p := rbmtest.VisibleProbabilities(t, m)
		start := rbmtest.DrawStates(rbmtest.ManyChains, m.Visible, p)
		chains, err := NewChains(m, rbmtest.OpenDevice(t, 1), start, nil, 5)
		if err != nil {
			t.Fatal(err)
		}
		if err := chains.Run(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		v, err := chains.Visible()
		if err != nil {
			t.Fatal(err)
		}
		rbmtest.ChiSquare(t, name, rbmtest.CountStates(v, m.Visible), p)
		pairs := rbmtest.CountStates(interleave(start, v, m.Visible.Len()), m.Visible, m.Visible)
		rbmtest.ChiSquare(t, name+", pairs", pairs, transitions(m, p))
		means, err := chains.MeanVisible()
		if err != nil {
			t.Fatal(err)
		}
		// The means are conditional means of units given the others at equilibrium: their mean is the model's.
		width := m.Visible.Len()
		for i := range width {
			var sum, squares, want float64
			for n := i; n < len(means); n += width {
				sum += float64(means[n])
				squares += float64(means[n]) * float64(means[n])
			}
			mean := sum / rbmtest.ManyChains
			for n, s := range m.Visible.States() {
				want += p[n] * float64(s[i])
			}
			// Five standard errors are exceeded with probability 6e-7. The variance is at least 1e-9, as means that are all
			// the same differ from the exact one by roundings of float32.
			variance := max(squares/rbmtest.ManyChains-mean*mean, 1e-9)
			rbmtest.Near(t, name+": mean", mean, want, 5*math.Sqrt(variance/rbmtest.ManyChains))
		}
	}
}

// TestCoupledChainsHold: clamped units keep their states during a sweep, and the others reach their enumerated
// distribution given them in 25 steps. Each comparison fails a right program with a probability of 1e-6.
func TestCoupledChainsHold(t *testing.T) {
	nan := float32(math.NaN())
	for name, m := range rbmtest.SomeCoupledModels(t, 5, 2, 0.7) {
		width := m.Visible.Len()
		row := slices.Clone(rbmtest.SomeRows(m, 3)[2*width:])
		for _, i := range []int{0, 4} {
			k, first := m.Visible.Units.At(i)
			for a := range k.Width() {
				row[first+a] = nan
			}
		}
		pattern := slices.Repeat(row, rbmtest.ManyChains)
		chains, err := NewChains(m, rbmtest.OpenDevice(t, 1), RandomVisible(m, rbmtest.ManyChains, 1), pattern, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := chains.Run(context.Background(), 25); err != nil {
			t.Fatal(err)
		}
		v, err := chains.Visible()
		if err != nil {
			t.Fatal(err)
		}
		free, logs := m.EnumerateGiven(row)
		counts, p := make([]int, len(logs)), make([]float64, len(logs))
		for n, l := range logs {
			p[n] = math.Exp(l)
		}
		for state := range slices.Chunk(v, width) {
			number, place := 0, 1
			for _, i := range free {
				k := m.Visible.Units.Of(i)
				number += place * k.StateOf(state[i:i+k.Width()])
				place *= k.States()
			}
			counts[number]++
			for i, x := range row {
				if x == x && state[i] != x {
					t.Fatalf("%s: column %d is %v, want %v", name, i, state[i], x)
				}
			}
		}
		rbmtest.ChiSquare(t, name, counts, p)
	}
}
