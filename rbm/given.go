package rbm

import "harmonium/rbm/estimate"

// EnumerateGiven returns log p(free | known) of all states of the free visible units, given the known
// ones: pattern (V) has the state of each known unit and NaN for a free one. The result lists the k
// free units in rising order and the 2^k log-probabilities, where unit free[i] is High in those
// whose index has bit i. The hidden units are summed out,
//
//	log p(free | known) = Σ_i a_i v_i + Σ_j Γ_j(b_j + Σ_i v_i w_ij) + constant,
//
// with the fields added up in the order of the units, known ones first. The cost is 2^k·H
// cumulants and the memory 2^k numbers. EnumerateGiven panics above 30 free units, and if the
// pattern has another length.
func (m *Model) EnumerateGiven(pattern []float32) (free []int, logs []float64) {
	m.Visible.mustHold(len(pattern))
	known := make([]float32, len(pattern)) // 0 where free
	for i, x := range pattern {
		if x != x {
			free = append(free, i)
		} else {
			known[i] = x
		}
	}
	if len(free) > MaxPartitionUnits {
		panic("rbm: more than 30 units to enumerate")
	}
	g := given{Model: m, free: free, fields: make([][]float64, len(free)+1), logs: make([]float64, 1<<len(free))}
	for depth := range g.fields {
		g.fields[depth] = make([]float64, m.Hidden.Len())
	}
	m.HiddenField(g.fields[0], known)
	g.visit(0, 0, 0)
	total := estimate.LogSumExp(g.logs)
	for n := range g.logs {
		g.logs[n] -= total
	}
	return free, g.logs
}

// given walks through the states of the free units.
type given struct {
	*Model
	free   []int
	fields [][]float64 // (k+1,H): of the hidden units, with the first free units added one by one
	logs   []float64   // (2^k)
}

// visit sets the logs of all states that begin with the given bits of the first units. The sum
// holds the terms of these units' biases.
func (g *given) visit(depth, bits int, sum float64) {
	fields := g.fields[depth]
	if depth == len(g.free) {
		g.logs[bits] = sum + g.Hidden.Cumulant(fields)
		return
	}
	unit := g.free[depth]
	k := g.Visible.Units.Of(unit)
	for bit, s := range [2]float64{float64(k.Low()), float64(k.High())} {
		for j, w := range g.weightsOf(unit) {
			g.fields[depth+1][j] = fields[j] + s*float64(w)
		}
		g.visit(depth+1, bits|bit<<depth, sum+s*float64(g.Visible.Bias[unit]))
	}
}
