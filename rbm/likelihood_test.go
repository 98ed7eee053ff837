package rbm_test

import (
	"math"
	"testing"

	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// TestLogLikelihood: the mean of log Σ_h e^(-E) - log Z over rows. Either side has two logs of sums within LogBound.
func TestLogLikelihood(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		logZ := rbmtest.BruteLogPartition(m)
		rows := rbmtest.SomeRows(m, 3)
		var want float64
		for r := range 3 {
			var logs []float64
			for _, h := range m.Hidden.States() {
				logs = append(logs, -m.Energy(rows[r*m.Visible.Len():(r+1)*m.Visible.Len()], h))
			}
			want += (estimate.LogSumExp(logs) - logZ) / 3
		}
		rbmtest.Near(t, name, m.LogLikelihood(rows, logZ), want, 4*rbmtest.LogBound(m))
	}
}

// TestLogLikelihoodOfZeroModel: a model without parameters gives every state the same probability, 2^-V with two states
// a unit. Its 7 rows and their sum are within LogBound each.
func TestLogLikelihoodOfZeroModel(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 5, 3, 0, 0) {
		got := m.LogLikelihood(rbmtest.SomeRows(m, 7), rbmtest.LogPartition(t, m))
		rbmtest.Near(t, name, got, -m.Visible.Bits()*math.Ln2, rbmtest.PartitionBound(m)+8*rbmtest.LogBound(m))
	}
}
