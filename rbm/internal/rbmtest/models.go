package rbmtest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
)

// U is the unit roundoff of float64.
const U = 0x1p-53

// RandomModel returns a model whose weights and biases are drawn from
// [-weight,weight] and [-bias,bias]. They are multiples of 2⁻¹⁰, so that sums
// of them are exact in float32 too as long as they stay below 2¹³.
func RandomModel(t testing.TB, visible, hidden int, weight, bias float64) *rbm.Model {
	t.Helper()
	m, err := rbm.NewModel(visible, hidden)
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

// SmallModels returns models of all proportions, at most 12 units each.
func SmallModels(t *testing.T) map[string]*rbm.Model {
	return map[string]*rbm.Model{
		"1x1":         RandomModel(t, 1, 1, 2, 1),
		"7x4":         RandomModel(t, 7, 4, 2, 1),
		"4x7":         RandomModel(t, 4, 7, 2, 1),
		"6x6":         RandomModel(t, 6, 6, 1, 3),
		"strong 7x5":  RandomModel(t, 7, 5, 50, 300),
		"strong 5x7":  RandomModel(t, 5, 7, 50, 300),
		"coupled 6x5": RandomModel(t, 6, 5, 50, 1),
		"zero 5x3":    RandomModel(t, 5, 3, 0, 0),
	}
}

// GibbsModels mix within twenty steps: TestChainsReachTheModel would fail otherwise.
func GibbsModels(t *testing.T) []*rbm.Model {
	return []*rbm.Model{RandomModel(t, 6, 5, 1, 1), RandomModel(t, 4, 7, 1.5, 0.5), RandomModel(t, 7, 2, 2, 1)}
}

// LogBound bounds the error of one log-probability, energy or field of m, given
// exact inputs: every one of them is a sum of at most V·H + V + H products and
// V + H softplus or exponentials, each within 4u, with no intermediate beyond
// S + V + H in size, S being the sum of the absolute parameters.
func LogBound(m *rbm.Model) float64 {
	terms := float64(m.Visible*m.Hidden + m.Visible + m.Hidden)
	return U * (terms + 16) * (absoluteSum(m) + float64(m.Visible+m.Hidden))
}

// absoluteSum returns Σ|a_i| + Σ|b_j| + Σ|w_ij|.
func absoluteSum(m *rbm.Model) float64 {
	var sum float64
	for _, values := range [][]float32{m.VisibleBias, m.HiddenBias, m.Weights} {
		for _, x := range values {
			sum += math.Abs(float64(x))
		}
	}
	return sum
}

// PartitionBound is the error bound that LogPartition states.
func PartitionBound(m *rbm.Model) float64 {
	k, l := float64(min(m.Visible, m.Hidden)), float64(max(m.Visible, m.Hidden))
	return U * (1024 + k + l + 16) * (absoluteSum(m) + 4*l)
}

// BruteLogPartition sums e^(-E) over both layers.
func BruteLogPartition(m *rbm.Model) float64 {
	var logs []float64
	for _, v := range rbm.States(m.Visible) {
		for _, h := range rbm.States(m.Hidden) {
			logs = append(logs, -m.Energy(v, h))
		}
	}
	return estimate.LogSumExp(logs)
}

func LogPartition(t testing.TB, m *rbm.Model) float64 {
	t.Helper()
	logZ, err := m.LogPartition(context.Background(), rbm.PartitionConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return logZ
}

// Flipped returns the model with p'(1-v,h) = p(v,h):
//
//	W' = -W,  a' = -a,  b' = b + Wᵀ1.
func Flipped(m *rbm.Model) *rbm.Model {
	f := &rbm.Model{
		Visible: m.Visible, Hidden: m.Hidden,
		Weights:     make([]float32, len(m.Weights)),
		VisibleBias: make([]float32, m.Visible),
		HiddenBias:  slices.Clone(m.HiddenBias),
	}
	for n, w := range m.Weights {
		f.Weights[n] = -w
		f.HiddenBias[n%m.Hidden] += w
	}
	for i, a := range m.VisibleBias {
		f.VisibleBias[i] = -a
	}
	return f
}

// Offsets returns some offsets in (0,1), multiples of 1/16.
func Offsets(units, seed int) []float32 {
	x := make([]float32, units)
	for n := range x {
		x[n] = float32((n*5+seed)%15+1) / 16
	}
	return x
}

// SomeRows returns n rows, few of them alike, in {0,1} of m's width.
func SomeRows(m *rbm.Model, n int) []float32 {
	rows := make([]float32, n*m.Visible)
	for k := range rows {
		rows[k] = float32(k * k % 7 & 1)
	}
	return rows
}

// WithBaseRates gives a model base rates off its own means.
func WithBaseRates(m *rbm.Model) *rbm.Model {
	m.BaseRates = make([]float32, m.Visible)
	for i := range m.BaseRates {
		m.BaseRates[i] = 0.2 + 0.6*float32(i)/float32(m.Visible)
	}
	return m
}
