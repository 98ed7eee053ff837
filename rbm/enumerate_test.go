package rbm_test

import (
	"iter"
	"slices"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// TestEnumerate: the states of a layer come in the order of their numbers, whose lowest digit is the state of the
// first unit, each with its log-probability, and the probabilities sum to 1.
func TestEnumerate(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		logZ := rbmtest.LogPartition(t, m)
		for side, test := range map[string]struct {
			layer  rbm.Layer
			all    iter.Seq2[[]float32, float64]
			logOne func(x []float32, logZ float64) float64
		}{
			"visible": {m.Visible, m.EnumerateVisible(logZ), m.LogMarginalVisible},
			"hidden":  {m.Hidden, m.EnumerateHidden(logZ), m.LogMarginalHidden},
		} {
			var logs []float64
			for x, logP := range test.all {
				number, place := 0, 1
				for i := 0; i < len(x); {
					k := test.layer.Units.Of(i)
					unit := x[i : i+k.Width()]
					digit, highs := slices.Index(unit, k.High()), 0
					for _, s := range unit {
						if s == k.High() {
							highs++
						} else if s != k.Low() {
							t.Fatalf("%s, %s: column %d is %v, want %v or %v", name, side, i, s, k.Low(), k.High())
						}
					}
					if k.Several() && highs != 1 {
						t.Fatalf("%s, %s: a unit is %v, want one %v", name, side, unit, k.High())
					}
					if !k.Several() {
						digit++
					}
					number += place * digit
					place *= k.States()
					i += k.Width()
				}
				if number != len(logs) || test.layer.Number(x) != number {
					t.Fatalf("%s, %s: state %d is %v", name, side, len(logs), x)
				}
				if want := test.logOne(x, logZ); logP != want {
					t.Errorf("%s, %s: log p(%v) = %v, want %v", name, side, x, logP, want)
				}
				logs = append(logs, logP)
			}
			if got, want := len(logs), test.layer.CountStates(); got != want {
				t.Errorf("%s, %s: %d states, want %d", name, side, got, want)
			}
			rbmtest.Near(t, name+", "+side+": log Σ p", estimate.LogSumExp(logs), 0, rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m))
		}
	}
}

func TestEnumerateStopsEarly(t *testing.T) {
	m := rbmtest.RandomModel(t, 3, 3, 1, 1)
	for name, all := range map[string]iter.Seq2[[]float32, float64]{
		"visible": m.EnumerateVisible(0), "hidden": m.EnumerateHidden(0),
	} {
		seen := 0
		for range all {
			if seen++; seen == 2 {
				break
			}
		}
		if seen != 2 {
			t.Errorf("%s: %d states after a break at 2", name, seen)
		}
	}
}
