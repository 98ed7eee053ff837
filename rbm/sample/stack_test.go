package sample

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// stackRows is a number of rows whose states are counted. Chosen: states of probability 1/800 or more have an expected
// count of 5.
const stackRows = 4000

// TestHiddenStates: the states of repeated rows have the frequencies of p(h|v), and the states of two draws
// are independent. The chi-square tests refuse a right result with the probability that ChiSquare states.
func TestHiddenStates(t *testing.T) {
	for name, s := range rbmtest.SmallStacks(t) {
		m := s[0]
		v := rbmtest.SomeRows(m, 1)
		rows := m.Visible.Rows(slices.Repeat(v, stackRows))
		var draws [2][]float32
		for draw := range draws {
			var err error
			draws[draw], err = HiddenStates(context.Background(), m, rbmtest.OpenDevice(t, 2), rows, dataset.Binarization{}, 3, draw)
			if err != nil {
				t.Fatal(err)
			}
		}
		var p, pairs []float64
		for _, h := range m.Hidden.States() {
			p = append(p, math.Exp(m.LogConditionalHidden(h, v)))
		}
		both := make([]int, len(p)*len(p))
		for n := range stackRows {
			at := func(draw int) int { return m.Hidden.Number(draws[draw][n*m.Hidden.Len() : (n+1)*m.Hidden.Len()]) }
			both[at(0)+len(p)*at(1)]++
		}
		for _, second := range p {
			for _, first := range p {
				pairs = append(pairs, first*second)
			}
		}
		rbmtest.ChiSquare(t, name, rbmtest.CountStates(draws[0], m.Hidden), p)
		rbmtest.ChiSquare(t, name+", two draws", both, pairs)
	}
}

// TestDown: visible states below exact samples of the last model's visible units have the
// probabilities of the stack.
func TestDown(t *testing.T) {
	for name, s := range rbmtest.SmallStacks(t) {
		logZ := rbmtest.BruteLogPartition(s.Top())
		top := rbmtest.DrawStates(stackRows, s.Top().Visible, rbmtest.VisibleProbabilities(t, s.Top()))
		v, err := Down(context.Background(), s, rbmtest.OpenDevice(t, 2), top, false, 5)
		if err != nil {
			t.Fatal(err)
		}
		var p []float64
		for _, v := range s[0].Visible.States() {
			p = append(p, math.Exp(s.LogProbability(v, logZ)))
		}
		rbmtest.ChiSquare(t, name, rbmtest.CountStates(v, s[0].Visible), p)
	}
}

// TestLayerRows: the values are the means of the last hidden layer as probabilities of the state High,
// or states where a unit has several columns; labels and weights go along. Of a stack of one
// model they are its features.
func TestLayerRows(t *testing.T) {
	for name, s := range rbmtest.SmallStacks(t) {
		rows := s[0].Visible.Rows(rbmtest.SomeRows(s[0], 7))
		rows.Labels, rows.Weights = make([]string, rows.N), []float32{1, 2, 3, 4, 5, 6, 7}
		for layers := 1; layers < len(s); layers++ {
			below := s[:layers]
			got, err := LayerRows(context.Background(), below, rbmtest.OpenDevice(t, 1), rows, dataset.Binarization{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			hidden := below.Top().Hidden
			if got.N != rows.N || got.V != hidden.Len() || got.Labels == nil || !slices.Equal(got.Weights, rows.Weights) {
				t.Errorf("%s: %d rows of %d values, want %d of %d, with labels and weights", name, got.N, got.V, rows.N, hidden.Len())
			}
			if several := hidden.Units.Several(); several != got.Binary() {
				t.Errorf("%s: the values are states: %v, want %v", name, got.Binary(), several)
			}
			if layers > 1 || got.Binary() {
				continue
			}
			for n := range rows.N {
				v := make([]float32, rows.V)
				rows.Row(v, n)
				for j, want := range s[0].MeanHidden(nil, v) {
					at := fmt.Sprintf("%s: row %d, unit %d", name, n, j)
					rbmtest.Near(t, at, float64(got.Floats[n*got.V+j]), want, rbmtest.FieldBound(s[0], v, j)/4+0x1p-21)
				}
			}
		}
	}
	if _, err := LayerRows(context.Background(), rbm.Stack{}, nil, nil, dataset.Binarization{}, 1); err == nil {
		t.Error("no models: no error")
	}
}

// TestStackFeatures: the means of a layer are the visible values of the next one. Means of units of
// several columns below the last model are refused. A field of 5 terms that add up to less than 10 is within 6·2⁻²⁴·10 =
// 4e-6, and a mean within a quarter of it and 2⁻²¹, 1.5e-6. Four such means with weights up to 1.5 move the mean
// above by at most 4·1.5/4 times their error, so that the means of three layers are within 1e-5.
func TestStackFeatures(t *testing.T) {
	for name, s := range rbmtest.SmallStacks(t) {
		v := rbmtest.SomeRows(s[0], 6)
		got, err := StackFeatures(context.Background(), s, rbmtest.OpenDevice(t, 1), s[0].Visible.Rows(v), dataset.Binarization{}, 1)
		if several := s[0].Hidden.Units.Several(); several || err != nil {
			if !several || err == nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		for n, row := range slices.Collect(slices.Chunk(v, s[0].Visible.Len())) {
			for _, m := range s {
				next := make([]float32, m.Hidden.Len())
				for j, mean := range m.MeanHidden(nil, row) {
					next[j] = float32(mean)
				}
				row = next
			}
			for j, want := range row {
				rbmtest.Near(t, fmt.Sprintf("%s: row %d, unit %d", name, n, j), float64(got[n*len(row)+j]), float64(want), 1e-5)
			}
		}
	}
}

// TestDownOfReals: below a stack with real visible states, the means are the means of p(v|h), and states drawn
// for one h have its mean and variance, each within five standard errors: one of the four is further off with a
// probability below 3e-6.
func TestDownOfReals(t *testing.T) {
	kind, err := engine.KindNamed("gaussian")
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(engine.NewUnits(kind, 2), nil, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	copy(m.Weights, []float32{0.5, -1, 0.75, 1.5, 0.25, -0.5})
	copy(m.Visible.LogVariance, []float32{0.5, -1})
	s := rbm.Stack{m, rbmtest.RandomModel(t, 3, 2, 1, 1)}
	h := []float32{1, 0, 1}
	want := m.MeanVisible(nil, h)
	for _, means := range []bool{true, false} {
		v, err := Down(context.Background(), s, rbmtest.OpenDevice(t, 1), slices.Repeat(h, stackRows), means, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i, mean := range want {
			var sum, squares float64
			for n := range stackRows {
				x := float64(v[2*n+i]) - mean
				sum, squares = sum+x/stackRows, squares+x*x/stackRows
			}
			variance, root := math.Exp(float64(m.Visible.LogVariance[i])), math.Sqrt(stackRows)
			if means {
				// Means below 4 in size round by 2⁻²³ in each of at most four operations.
				rbmtest.Near(t, fmt.Sprintf("mean of unit %d", i), sum, 0, 1e-6)
				rbmtest.Near(t, fmt.Sprintf("spread of the means of unit %d", i), squares, 0, 1e-12)
				continue
			}
			rbmtest.Near(t, fmt.Sprintf("mean state of unit %d", i), sum, 0, 5*math.Sqrt(variance)/root)
			rbmtest.Near(t, fmt.Sprintf("variance of unit %d", i), squares, variance, 5*math.Sqrt2*variance/root)
		}
	}
}
