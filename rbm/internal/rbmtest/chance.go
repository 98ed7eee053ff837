package rbmtest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"harmonium/rbm"

	"gonum.org/v1/gonum/stat/distuv"
)

// FalseAlarm is the probability with which each statistical test of this package fails
// although nothing is wrong, were its seed drawn anew.
const FalseAlarm = 1e-6

// ManyChains is a number of independent chains whose states are counted. Chosen: a state of probability 1/1600 or more
// has an expected count of 5, in a second of a test.
const ManyChains = 8000

// ChiSquare fails the test if counts of independent draws do not come from p.
func ChiSquare(t *testing.T, what string, counts []int, p []float64) {
	t.Helper()
	square, limit := ChiSquareOf(counts, p)
	if square > limit {
		t.Errorf("%s: chi-square is %v, want at most %v", what, square, limit)
	}
}

// ChiSquareOf returns the chi-square of counts of independent draws from p, and the limit that it exceeds with the
// probability FalseAlarm. States of an expected count below 5, where the count is far from normal, make one cell, which
// counts if 5 or more are expected in it.
func ChiSquareOf(counts []int, p []float64) (square, limit float64) {
	var n int
	for _, c := range counts {
		n += c
	}
	freedom := -1.0 // one less than there are cells
	var rare, rareExpected float64
	add := func(count, expected float64) {
		square += (count - expected) * (count - expected) / expected
		freedom++
	}
	for i, c := range counts {
		if expected := p[i] * float64(n); expected >= 5 {
			add(float64(c), expected)
		} else {
			rare += float64(c)
			rareExpected += expected
		}
	}
	if rareExpected >= 5 {
		add(rare, rareExpected)
	}
	return square, distuv.ChiSquared{K: freedom}.Quantile(1 - FalseAlarm)
}

// CountStates counts rows of states by their numbers. A row holds a state of each layer; the
// first layer has the lowest digits of the number.
func CountStates(x []float32, layers ...rbm.Layer) []int {
	columns, all := 0, 1
	for _, l := range layers {
		columns += l.Len()
		all *= l.CountStates()
	}
	counts := make([]int, all)
	for row := range slices.Chunk(x, columns) {
		state, place, from := 0, 1, 0
		for _, l := range layers {
			state += place * l.Number(row[from:from+l.Len()])
			place *= l.CountStates()
			from += l.Len()
		}
		counts[state]++
	}
	return counts
}

// VisibleProbabilities are the enumerated p(v), by the numbers of the states.
func VisibleProbabilities(t *testing.T, m *rbm.Model) []float64 {
	var p []float64
	for _, logP := range m.EnumerateVisible(LogPartition(t, m)) {
		p = append(p, math.Exp(logP))
	}
	return p
}

// HiddenAfter are the probabilities Σ_v p(h|v) p(v) of the hidden states, given any p(v).
func HiddenAfter(m *rbm.Model, p []float64) []float64 {
	q := make([]float64, m.Hidden.CountStates())
	for n, v := range m.Visible.States() {
		for k, h := range m.Hidden.States() {
			q[k] += p[n] * math.Exp(m.LogConditionalHidden(h, v))
		}
	}
	return q
}

// DrawStates draws n states of a layer with probabilities p, one for each state by its number. The random numbers are
// math/rand's, not from the devices under test, and their seed depends on the number of columns alone.
func DrawStates(n int, l rbm.Layer, p []float64) []float32 {
	r := rand.New(rand.NewPCG(7, uint64(l.Len())))
	states := make([][]float32, len(p))
	for k, s := range l.States() {
		states[k] = slices.Clone(s)
	}
	x := make([]float32, 0, n*l.Len())
	for range n {
		state, rest := 0, r.Float64()
		for rest -= p[0]; rest > 0 && state < len(p)-1; rest -= p[state] {
			state++
		}
		x = append(x, states[state]...)
	}
	return x
}
