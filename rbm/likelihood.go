package rbm

import (
	"fmt"
	"slices"
)

// LogLikelihood returns the mean of log p(v) = -F(v) - log Z, in nats per row,
// over rows (N,V), N ≥ 1. It panics if rows does not hold whole rows, or none.
func (m *Model) LogLikelihood(rows []float32, logZ float64) float64 {
	n := m.checkRows(rows)
	var sum float64
	for v := range slices.Chunk(rows, m.Visible.Len()) {
		sum += m.LogMarginalVisible(v, logZ)
	}
	return sum / float64(n)
}

// checkRows returns the number of rows, at least 1.
func (m *Model) checkRows(rows []float32) int {
	if len(rows) == 0 || len(rows)%m.Visible.Len() != 0 {
		panic(fmt.Sprintf("rbm: %d values in rows, want a positive multiple of %d", len(rows), m.Visible.Len()))
	}
	return len(rows) / m.Visible.Len()
}
