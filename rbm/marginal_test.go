package rbm_test

import (
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

func TestFreeEnergySumsOutTheOtherLayer(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		for _, v := range rbm.States(m.Visible) {
			var logs []float64
			for _, h := range rbm.States(m.Hidden) {
				logs = append(logs, -m.Energy(v, h))
			}
			rbmtest.Near(t, rbmtest.At(name+": F", v), m.FreeEnergy(v), -estimate.LogSumExp(logs), 2*rbmtest.LogBound(m))
		}
		for _, h := range rbm.States(m.Hidden) {
			var logs []float64
			for _, v := range rbm.States(m.Visible) {
				logs = append(logs, -m.Energy(v, h))
			}
			rbmtest.Near(t, rbmtest.At(name+": F of h", h), m.FreeEnergyHidden(h), -estimate.LogSumExp(logs), 2*rbmtest.LogBound(m))
		}
	}
}

// TestProductRule checks log p(v,h) = log p(v) + log p(h|v) = log p(h) + log p(v|h).
func TestProductRule(t *testing.T) {
	m := rbmtest.RandomModel(t, 4, 5, 3, 2)
	logZ := rbmtest.LogPartition(t, m)
	for _, v := range rbm.States(m.Visible) {
		for _, h := range rbm.States(m.Hidden) {
			want := m.LogJoint(v, h, logZ)
			rbmtest.Near(t, rbmtest.At("p(v) p(h|v)", v, h),
				m.LogMarginalVisible(v, logZ)+m.LogConditionalHidden(h, v), want, 4*rbmtest.LogBound(m))
			rbmtest.Near(t, rbmtest.At("p(h) p(v|h)", v, h),
				m.LogMarginalHidden(h, logZ)+m.LogConditionalVisible(v, h), want, 4*rbmtest.LogBound(m))
		}
	}
}
