package rbm_test

import (
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestUnitsOfTwoStatesAreBits writes models of all units as models of the default kind, whose
// states are 0 and 1: s = Low + (High-Low)t with
//
//	a'_i = (High-Low)_i (a_i + Σ_j w_ij Low_j),    w'_ij = (High-Low)_i w_ij (High-Low)_j,
//
// b' like a'. All states have the same probability in both, and the logs of Z differ by
// Σ_i a_i Low_i + Σ_j b_j Low_j + Σ_ij Low_i w_ij Low_j.
func TestUnitsOfTwoStatesAreBits(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		if m.Visible.Units.Several() || m.Hidden.Units.Several() {
			continue
		}
		bits, constant, lost := asBits(m)
		tolerance := lost + rbmtest.PartitionBound(m) + rbmtest.PartitionBound(bits) +
			4*rbmtest.LogBound(m) + 4*rbmtest.LogBound(bits)
		logZ, bitsLogZ := rbmtest.LogPartition(t, m), rbmtest.LogPartition(t, bits)
		rbmtest.Near(t, name+": log Z", logZ, bitsLogZ+constant, tolerance)

		// State n of a layer is state n of bits.
		hiddenBits := make([][]float32, m.Hidden.CountStates())
		for k, h := range bits.Hidden.States() {
			hiddenBits[k] = append(hiddenBits[k], h...)
		}
		visibleBits := make([][]float32, m.Visible.CountStates())
		for n, v := range bits.Visible.States() {
			visibleBits[n] = append(visibleBits[n], v...)
		}
		for n, v := range m.Visible.States() {
			rbmtest.Near(t, rbmtest.At(name+": log p", v), m.LogMarginalVisible(v, logZ),
				bits.LogMarginalVisible(visibleBits[n], bitsLogZ), 2*tolerance)
			for k, h := range m.Hidden.States() {
				rbmtest.Near(t, rbmtest.At(name+": log p", v, h), m.LogJoint(v, h, logZ),
					bits.LogJoint(visibleBits[n], hiddenBits[k], bitsLogZ), 2*tolerance)
			}
		}
	}
}

// asBits returns a model of the default kind with the distribution of m, the difference of
// their log Z, and a bound on how far energies are off by rounding the parameters to float32.
func asBits(m *rbm.Model) (bits *rbm.Model, constant, lost float64) {
	bits = &rbm.Model{
		Visible: rbm.Layer{Bias: make([]float32, m.Visible.Len())},
		Hidden:  rbm.Layer{Bias: make([]float32, m.Hidden.Len())},
		Weights: make([]float32, len(m.Weights)),
	}
	round := func(x float64) float32 {
		lost += math.Abs(x - float64(float32(x)))
		return float32(x)
	}
	states := func(l rbm.Layer, i int) (low, span float64) {
		k := l.Units.Of(i)
		return float64(k.Low()), float64(k.High()) - float64(k.Low())
	}
	hidden := make([]float64, m.Hidden.Len())
	for j, b := range m.Hidden.Bias {
		low, _ := states(m.Hidden, j)
		hidden[j] = float64(b)
		constant += low * float64(b)
	}
	for i, a := range m.Visible.Bias {
		low, span := states(m.Visible, i)
		field := float64(a)
		for j := range m.Hidden.Len() {
			w := float64(m.Weights[i*m.Hidden.Len()+j])
			hiddenLow, hiddenSpan := states(m.Hidden, j)
			field += w * hiddenLow
			hidden[j] += w * low
			bits.Weights[i*m.Hidden.Len()+j] = round(span * w * hiddenSpan)
		}
		constant += low * field
		bits.Visible.Bias[i] = round(span * field)
	}
	for j, b := range hidden {
		_, span := states(m.Hidden, j)
		bits.Hidden.Bias[j] = round(span * b)
	}
	return bits, constant, lost
}

// TestTwoCategoriesAreBits: a categorical unit of two states has the p(v) of a unit with the states 0 and
// 1 whose parameters are the differences of its second column and its first:
//
//	a'_i = a_i1 - a_i0,    w'_ij = w_i1j - w_i0j,    b'_j = b_j + Σ_i w_i0j.
//
// The logs of Z differ by Σ_i a_i0.
func TestTwoCategoriesAreBits(t *testing.T) {
	const visible, hidden = 5, 4
	pairs := engine.NewUnits(kindNamed("categorical/2"), 2*visible)
	m, err := rbm.NewModelOf(pairs, nil, 2*visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	random := rbmtest.RandomModel(t, 2*visible, hidden, 2, 1) // sums of its parameters are exact
	copy(m.Weights, random.Weights)
	copy(m.Visible.Bias, random.Visible.Bias)
	copy(m.Hidden.Bias, random.Hidden.Bias)
	bits, err := rbm.NewModel(visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	copy(bits.Hidden.Bias, m.Hidden.Bias)
	var constant float64
	for i := range visible {
		bits.Visible.Bias[i] = m.Visible.Bias[2*i+1] - m.Visible.Bias[2*i]
		constant += float64(m.Visible.Bias[2*i])
		for j := range hidden {
			low := m.Weights[2*i*hidden+j]
			bits.Weights[i*hidden+j] = m.Weights[(2*i+1)*hidden+j] - low
			bits.Hidden.Bias[j] += low
		}
	}
	tolerance := rbmtest.PartitionBound(m) + rbmtest.PartitionBound(bits) + 4*rbmtest.LogBound(m) + 4*rbmtest.LogBound(bits)
	logZ, bitsLogZ := rbmtest.LogPartition(t, m), rbmtest.LogPartition(t, bits)
	rbmtest.Near(t, "log Z", logZ, bitsLogZ+constant, tolerance)
	for n, v := range bits.Visible.States() {
		pair := make([]float32, 2*visible)
		m.Visible.SetState(pair, n)
		rbmtest.Near(t, rbmtest.At("log p", v), m.LogMarginalVisible(pair, logZ), bits.LogMarginalVisible(v, bitsLogZ), 2*tolerance)
	}
}
