package rbm_test

import (
	"testing"

	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// TestFreeEnergySumsOutTheOtherLayer: both sides are within LogBound.
func TestFreeEnergySumsOutTheOtherLayer(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		for _, v := range m.Visible.States() {
			var logs []float64
			for _, h := range m.Hidden.States() {
				logs = append(logs, -m.Energy(v, h))
			}
			rbmtest.Near(t, rbmtest.At(name+": F", v), m.FreeEnergy(v), -estimate.LogSumExp(logs), 2*rbmtest.LogBound(m))
		}
		for _, h := range m.Hidden.States() {
			var logs []float64
			for _, v := range m.Visible.States() {
				logs = append(logs, -m.Energy(v, h))
			}
			rbmtest.Near(t, rbmtest.At(name+": F of h", h), m.FreeEnergyHidden(h), -estimate.LogSumExp(logs), 2*rbmtest.LogBound(m))
		}
	}
}

// TestProductRule checks log p(v,h) = log p(v) + log p(h|v) = log p(h) + log p(v|h), of at most 4 logs within LogBound.
func TestProductRule(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 4, 5, 3, 2) {
		logZ := rbmtest.LogPartition(t, m)
		for _, v := range m.Visible.States() {
			for _, h := range m.Hidden.States() {
				want := m.LogJoint(v, h, logZ)
				rbmtest.Near(t, rbmtest.At(name+": p(v) p(h|v)", v, h),
					m.LogMarginalVisible(v, logZ)+m.LogConditionalHidden(h, v), want, 4*rbmtest.LogBound(m))
				rbmtest.Near(t, rbmtest.At(name+": p(h) p(v|h)", v, h),
					m.LogMarginalHidden(h, logZ)+m.LogConditionalVisible(v, h), want, 4*rbmtest.LogBound(m))
			}
		}
	}
}
