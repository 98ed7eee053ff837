package rbm_test

import (
	"iter"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

func TestEnumerate(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		logZ := rbmtest.LogPartition(t, m)
		for layer, test := range map[string]struct {
			of     rbm.Layer
			all    iter.Seq2[[]float32, float64]
			logOne func(x []float32, logZ float64) float64
		}{
			"visible": {m.Visible, m.EnumerateVisible(logZ), m.LogMarginalVisible},
			"hidden":  {m.Hidden, m.EnumerateHidden(logZ), m.LogMarginalHidden},
		} {
			var logs []float64
			for x, logP := range test.all {
				number := 0
				for i, s := range x {
					k := test.of.Units.Of(i)
					if s != k.Low() && s != k.High() || !test.of.IsState(i, s) || test.of.IsState(i, s+0.25) {
						t.Fatalf("%s, %s: unit %d is %v, want %v or %v", name, layer, i, s, k.Low(), k.High())
					}
					if s == k.High() {
						number += 1 << i
					}
				}
				if number != len(logs) || test.of.Number(x) != number {
					t.Fatalf("%s, %s: state %d is %v", name, layer, len(logs), x)
				}
				if want := test.logOne(x, logZ); logP != want {
					t.Errorf("%s, %s: log p(%v) = %v, want %v", name, layer, x, logP, want)
				}
				logs = append(logs, logP)
			}
			if got, want := len(logs), 1<<test.of.StateBits(); got != want {
				t.Errorf("%s, %s: %d states, want %d", name, layer, got, want)
			}
			rbmtest.Near(t, name+", "+layer+": log Σ p", estimate.LogSumExp(logs), 0, rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m))
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
