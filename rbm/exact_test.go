package rbm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// unit roundoff of float64.
const u = 0x1p-53

// randomModel returns a model whose weights and biases are drawn from
// [-weight,weight] and [-bias,bias]. They are multiples of 2⁻¹⁰, so that sums
// of them are exact in float32 too as long as they stay below 2¹³.
func randomModel(t testing.TB, visible, hidden int, weight, bias float64) *Model {
	t.Helper()
	m, err := NewModel(visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(visible), uint64(hidden)))
	fill := func(x []float32, scale float64) {
		for n := range x {
			x[n] = float32(math.Round((2*random.Float64()-1)*scale*1024) / 1024)
		}
	}
	fill(m.Weights, weight)
	fill(m.VisibleBias, bias)
	fill(m.HiddenBias, bias)
	return m
}

// smallModels returns models of all proportions, at most 12 units each.
func smallModels(t *testing.T) map[string]*Model {
	return map[string]*Model{
		"1x1":         randomModel(t, 1, 1, 2, 1),
		"7x4":         randomModel(t, 7, 4, 2, 1),
		"4x7":         randomModel(t, 4, 7, 2, 1),
		"6x6":         randomModel(t, 6, 6, 1, 3),
		"strong 7x5":  randomModel(t, 7, 5, 50, 300),
		"strong 5x7":  randomModel(t, 5, 7, 50, 300),
		"coupled 6x5": randomModel(t, 6, 5, 50, 1),
		"zero 5x3":    randomModel(t, 5, 3, 0, 0),
	}
}

// logBound bounds the error of one log-probability, energy or field of m, given
// exact inputs: every one of them is a sum of at most V·H + V + H products and
// V + H softplus or exponentials, each within 4u, with no intermediate beyond
// S + V + H in size, S being the sum of the absolute parameters.
func logBound(m *Model) float64 {
	terms := float64(m.Visible*m.Hidden + m.Visible + m.Hidden)
	return u * (terms + 16) * (m.absoluteSum() + float64(m.Visible+m.Hidden))
}

// partitionBound is the error bound that LogPartition states.
func partitionBound(m *Model) float64 {
	k, l := float64(min(m.Visible, m.Hidden)), float64(max(m.Visible, m.Hidden))
	return u * (blockStates + k + l + 16) * (m.absoluteSum() + 4*l)
}

// bruteLogPartition sums e^(-E) over both layers.
func bruteLogPartition(m *Model) float64 {
	var logs []float64
	for _, v := range states(m.Visible) {
		for _, h := range states(m.Hidden) {
			logs = append(logs, -m.Energy(v, h))
		}
	}
	return logSumExp(logs)
}

func logPartition(t testing.TB, m *Model) float64 {
	t.Helper()
	logZ, err := m.LogPartition(context.Background(), PartitionConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return logZ
}

// near fails the test unless got is within tolerance of want.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %v, want %v ± %.3g", what, got, want, tolerance)
	}
}

func TestWrongLengthPanics(t *testing.T) {
	m := randomModel(t, 3, 2, 1, 1)
	v, h := make([]float32, 3), make([]float32, 2)
	for name, call := range map[string]func(){
		"Energy v":                func() { m.Energy(h, h) },
		"Energy h":                func() { m.Energy(v, v) },
		"Cliques":                 func() { m.Cliques(h, v) },
		"HiddenField":             func() { m.HiddenField(nil, h) },
		"HiddenField dst":         func() { m.HiddenField(make([]float64, 3), v) },
		"VisibleField":            func() { m.VisibleField(nil, v) },
		"VisibleField dst":        func() { m.VisibleField(make([]float64, 2), h) },
		"LogConditionalHidden":    func() { m.LogConditionalHidden(v, v) },
		"LogConditionalVisible":   func() { m.LogConditionalVisible(h, h) },
		"FreeEnergy":              func() { m.FreeEnergy(h) },
		"FreeEnergyHidden":        func() { m.FreeEnergyHidden(v) },
		"LogLikelihood ragged":    func() { m.LogLikelihood(make([]float32, 4), 0) },
		"LogLikelihood no rows":   func() { m.LogLikelihood(nil, 0) },
		"GibbsStep":               func() { m.GibbsStep(make([]float64, 4)) },
		"EnumerateVisible, large": func() { randomModel(t, 31, 1, 1, 1).EnumerateVisible(0) },
		"EnumerateHidden, large":  func() { randomModel(t, 1, 31, 1, 1).EnumerateHidden(0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

// at names a pair of states in a failure.
func at(what string, x ...[]float32) string { return what + fmt.Sprint(x) }
