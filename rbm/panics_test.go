package rbm_test

import (
	"testing"

	"harmonium/rbm/internal/rbmtest"
)

// TestWrongLengthPanics: v of 3 units in place of h of 2, or the other way round, and layers too large to enumerate.
func TestWrongLengthPanics(t *testing.T) {
	m := rbmtest.RandomModel(t, 3, 2, 1, 1)
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
		"Layer.Energy":            func() { m.Visible.Energy(h) },
		"Layer.Cumulant":          func() { m.Visible.Cumulant(make([]float64, 2)) },
		"Layer.Means":             func() { m.Visible.Means(make([]float64, 4)) },
		"LogProbability states":   func() { m.Visible.LogProbability(h, make([]float64, 3)) },
		"LogProbability fields":   func() { m.Visible.LogProbability(v, make([]float64, 2)) },
		"Layer.Number":            func() { m.Visible.Number(h) },
		"GibbsStep":               func() { m.GibbsStep(make([]float64, 4)) },
		"EnumerateVisible, large": func() { rbmtest.RandomModel(t, 31, 1, 1, 1).EnumerateVisible(0) },
		"EnumerateHidden, large":  func() { rbmtest.RandomModel(t, 1, 31, 1, 1).EnumerateHidden(0) },
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
