package rbmtest

import (
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
)

// HiddenReals returns a model with base rates: its visible units are two bits, a spin and one of three categories, in
// 6 columns, and its hidden units a spin and one unit of each kind with real states.
func HiddenReals(t testing.TB) *rbm.Model {
	t.Helper()
	visible, err := engine.ParseUnits("bernoulli:2,spin:1,categorical/3:1", 6)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := engine.ParseUnits("gaussian:1,relu:1,spin:1,drelu:1", 4)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(visible, hidden, 6, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(0.8 * math.Sin(float64(3*i+1)))
	}
	copy(m.Visible.Bias, []float32{0.3, -0.4, 0.2, -0.1, 0.5, 0.2})
	copy(m.Hidden.Bias, []float32{-0.3, 0.6, 0.1, -0.2})
	copy(m.Hidden.LogVariance, []float32{0.3, -0.5, 0, 0.2})
	m.Hidden.Jump[3], m.Hidden.Skew[3] = -0.7, 0.9
	m.BaseRates = []float32{0.6, 0.3, 0.5, 0.25, 0.45, 0.3}
	return m
}

// Gaussians returns a model of Gaussian units in both layers, with base rates. Up to 16 weights are weak enough
// for the energy to have a minimum.
func Gaussians(t testing.TB, visible, hidden int) *rbm.Model {
	t.Helper()
	kind, err := engine.KindNamed("gaussian")
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(engine.NewUnits(kind, visible), engine.NewUnits(kind, hidden), visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(0.4 * math.Sin(float64(3*i+1)))
	}
	for i := range m.Visible.Bias {
		m.Visible.Bias[i], m.Visible.LogVariance[i] = float32(0.5*math.Cos(float64(i))), float32(0.3*math.Sin(float64(2*i)))
		m.BaseRates, m.BaseVariances = append(m.BaseRates, 0.1), append(m.BaseVariances, 1.5)
	}
	for j := range m.Hidden.Bias {
		m.Hidden.Bias[j], m.Hidden.LogVariance[j] = float32(0.4*math.Sin(float64(j+1))), float32(0.2*math.Cos(float64(3*j)))
	}
	return m
}
