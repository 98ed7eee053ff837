package rbm

import (
	"math"
	"testing"

	"harmonium/rbm/estimate"
)

func TestLogLikelihood(t *testing.T) {
	for name, m := range smallModels(t) {
		logZ := bruteLogPartition(m)
		rows := someRows(m, 3)
		var want float64
		for r := range 3 {
			var logs []float64
			for _, h := range States(m.Hidden) {
				logs = append(logs, -m.Energy(rows[r*m.Visible:(r+1)*m.Visible], h))
			}
			want += (estimate.LogSumExp(logs) - logZ) / 3
		}
		near(t, name, m.LogLikelihood(rows, logZ), want, 4*logBound(m))
	}
}

// TestLogLikelihoodOfZeroModel: it gives every row 2^-V.
func TestLogLikelihoodOfZeroModel(t *testing.T) {
	m := randomModel(t, 5, 3, 0, 0)
	near(t, "zero model", m.LogLikelihood(someRows(m, 7), logPartition(t, m)), -5*math.Ln2, partitionBound(m)+8*logBound(m))
}
