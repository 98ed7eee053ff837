package train

import (
	"slices"

	"gorgonia.org/gorgonia"

	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// massGraph returns the graph of the free energies of a batch of rows, with the rows.
func massGraph(b *graph.Builder, s graph.Source) (*gorgonia.ExprGraph, monitors) {
	v, freeEnergy := b.FreeEnergies(s)
	b.Tick()
	return b.Graph, monitors{visible: v, freeEnergy: freeEnergy}
}

// logMass returns the log of the total probability of the distinct monitored training rows,
// log Σ e^(-F(v))/Z, in nats. Distinct states have a total probability of at most 1, so a
// value above 0 proves that log Z is too low. The result is nil if a value of a row is neither
// 0 nor 1.
func (t *Trainer) logMass(logPartition float64) (*float64, error) {
	w := t.monitoring.mass
	if err := w.measure(0); err != nil { // missing cells hold the same draws at each record
		return nil, err
	}
	rows := make([]float32, w.rows*w.visible)
	if err := w.plan.Read(w.results.visible, rows); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(rows, func(v float32) bool { return v != 0 && v != 1 }) {
		return nil, nil
	}
	var logs []float64
	for _, n := range distinctRows(rows, w.visible) {
		logs = append(logs, -w.buffer[n]-logPartition)
	}
	mass := estimate.LogSumExp(logs)
	return &mass, nil
}

// distinctRows returns the number of each row of states x (n,width), all 0 or 1, that equals no row
// before it.
func distinctRows(x []float32, width int) []int {
	var distinct []int
	seen := map[string]bool{}
	key := make([]byte, width)
	for n := range len(x) / width {
		for i, v := range x[n*width : (n+1)*width] {
			key[i] = byte(v)
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			distinct = append(distinct, n)
		}
	}
	return distinct
}
