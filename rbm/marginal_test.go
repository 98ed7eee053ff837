package rbm

import (
	"testing"

	"harmonium/rbm/estimate"
)

func TestFreeEnergySumsOutTheOtherLayer(t *testing.T) {
	for name, m := range smallModels(t) {
		for _, v := range States(m.Visible) {
			var logs []float64
			for _, h := range States(m.Hidden) {
				logs = append(logs, -m.Energy(v, h))
			}
			near(t, at(name+": F", v), m.FreeEnergy(v), -estimate.LogSumExp(logs), 2*logBound(m))
		}
		for _, h := range States(m.Hidden) {
			var logs []float64
			for _, v := range States(m.Visible) {
				logs = append(logs, -m.Energy(v, h))
			}
			near(t, at(name+": F of h", h), m.FreeEnergyHidden(h), -estimate.LogSumExp(logs), 2*logBound(m))
		}
	}
}

// TestProductRule checks log p(v,h) = log p(v) + log p(h|v) = log p(h) + log p(v|h).
func TestProductRule(t *testing.T) {
	m := randomModel(t, 4, 5, 3, 2)
	logZ := logPartition(t, m)
	for _, v := range States(m.Visible) {
		for _, h := range States(m.Hidden) {
			want := m.LogJoint(v, h, logZ)
			near(t, at("p(v) p(h|v)", v, h),
				m.LogMarginalVisible(v, logZ)+m.LogConditionalHidden(h, v), want, 4*logBound(m))
			near(t, at("p(h) p(v|h)", v, h),
				m.LogMarginalHidden(h, logZ)+m.LogConditionalVisible(v, h), want, 4*logBound(m))
		}
	}
}
