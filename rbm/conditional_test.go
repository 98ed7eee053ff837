package rbm_test

import (
	"math"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// side is one layer of a model, given a state of the other layer.
type side struct {
	layer, other   rbm.Layer
	logJoint       func(x, given []float32) float64
	logConditional func(x, given []float32) float64
	mean           func(dst []float64, given []float32) []float64
}

func sides(m *rbm.Model) map[string]side {
	return map[string]side{
		"hidden given visible": {m.Hidden, m.Visible,
			func(h, v []float32) float64 { return -m.Energy(v, h) }, m.LogConditionalHidden, m.MeanHidden},
		"visible given hidden": {m.Visible, m.Hidden,
			func(v, h []float32) float64 { return -m.Energy(v, h) }, m.LogConditionalVisible, m.MeanVisible},
	}
}

// TestConditionalsAreRatiosOfJoints compares the conditionals with Σ p(v,h)
// over the states in question divided by Σ p(v,h) over all of one layer. Each side is a difference of two logs,
// each within LogBound.
func TestConditionalsAreRatiosOfJoints(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		tolerance := 4 * rbmtest.LogBound(m)
		for direction, s := range sides(m) {
			for _, given := range s.other.States() {
				var all []float64
				high := make([][]float64, s.layer.Len())
				for _, x := range s.layer.States() {
					joint := s.logJoint(x, given)
					all = append(all, joint)
					for n, value := range x {
						if value == s.layer.Units.Of(n).High() {
							high[n] = append(high[n], joint)
						}
					}
				}
				evidence := estimate.LogSumExp(all)
				mean := s.mean(nil, given)
				for n := range high {
					k := s.layer.Units.Of(n)
					low, span := float64(k.Low()), float64(k.High())-float64(k.Low())
					// |e^x - e^y| ≤ |x - y| for logs of probabilities.
					rbmtest.Near(t, rbmtest.At(name+", "+direction+": mean", given), mean[n],
						low+span*math.Exp(estimate.LogSumExp(high[n])-evidence), tolerance*max(1, span))
				}
				for n, x := range s.layer.States() {
					rbmtest.Near(t, rbmtest.At(name+", "+direction+": log conditional", x, given),
						s.logConditional(x, given), all[n]-evidence, tolerance)
				}
			}
		}
	}
}

// TestLayersAreIndependent holds the bipartite restriction: p(x|given) of a layer is the product of the probabilities
// of its units, with the tolerance of TestConditionalsAreRatiosOfJoints.
func TestLayersAreIndependent(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 5, 4, 2, 1) {
		for direction, s := range sides(m) {
			for _, given := range s.other.States() {
				var all []float64
				for _, x := range s.layer.States() {
					all = append(all, s.logJoint(x, given))
				}
				evidence := estimate.LogSumExp(all)
				mean := s.mean(nil, given)
				for n, x := range s.layer.States() {
					product := 1.0
					for i, mean := range mean {
						k := s.layer.Units.Of(i)
						p := (mean - float64(k.Low())) / float64(k.High()-k.Low())
						if x[i] == k.Low() {
							if k.Several() {
								continue // another column of the unit has the state
							}
							p = 1 - p
						}
						product *= p
					}
					want := math.Exp(all[n] - evidence)
					rbmtest.Near(t, rbmtest.At(name+", "+direction, x, given), product, want, 4*rbmtest.LogBound(m))
				}
			}
		}
	}
}

// TestMeansOverwrite checks that dst is used, overwritten and returned.
func TestMeansOverwrite(t *testing.T) {
	m := rbmtest.RandomModel(t, 3, 2, 1, 1)
	v, h := []float32{1, 0, 1}, []float32{0, 1}
	for name, test := range map[string]struct {
		units int
		call  func(dst []float64) []float64
	}{
		"HiddenField":  {2, func(dst []float64) []float64 { return m.HiddenField(dst, v) }},
		"VisibleField": {3, func(dst []float64) []float64 { return m.VisibleField(dst, h) }},
		"MeanHidden":   {2, func(dst []float64) []float64 { return m.MeanHidden(dst, v) }},
		"MeanVisible":  {3, func(dst []float64) []float64 { return m.MeanVisible(dst, h) }},
	} {
		want := test.call(nil)
		dst := make([]float64, test.units)
		dst[0] = math.NaN()
		got := test.call(dst)
		if &got[0] != &dst[0] {
			t.Errorf("%s: result is not dst", name)
		}
		for n := range want {
			if got[n] != want[n] {
				t.Errorf("%s: unit %d: got %v, want %v", name, n, got[n], want[n])
			}
		}
	}
}

// TestFieldOfMeans: fields are defined for means of units too. These are exact: -1 + 4/2 + 8/4 and 2 + 8/2.
func TestFieldOfMeans(t *testing.T) {
	m := &rbm.Model{Visible: rbm.Layer{Bias: []float32{1, 2}}, Hidden: rbm.Layer{Bias: []float32{-1}}, Weights: []float32{4, 8}}
	if got, want := m.HiddenField(nil, []float32{0.5, 0.25})[0], 3.0; got != want {
		t.Errorf("hidden field %v, want %v", got, want)
	}
	if got, want := m.VisibleField(nil, []float32{0.5})[1], 6.0; got != want {
		t.Errorf("visible field %v, want %v", got, want)
	}
}
