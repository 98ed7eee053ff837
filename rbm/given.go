package rbm

import (
	"math"

	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// EnumerateGiven returns log p(free | known) of all states of the free visible units, given the known
// ones: pattern (V) has the state of each known unit and NaN in all columns of a free one. The result
// lists the first columns of the free units in rising order and the log-probabilities of all their
// states. The digits of an index are the states of the units, as in [Layer.States]: with units of two
// states, unit free[i] is High where bit i is 1. The hidden units are summed out,
//
//	log p(free | known) = Σ_i a_i v_i + ½ vᵀLv + Σ_j Γ_j(b_j + Σ_i v_i w_ij) + constant,
//
// with the fields added up in the order of the units, known ones first. A state costs H cumulants, and
// one number of memory. EnumerateGiven panics above 2^30 states, if the pattern has another
// length, or if the values of a unit are neither all NaN nor one of its states.
func (m *Model) EnumerateGiven(pattern []float32) (free []int, logs []float64) {
	g := m.enumerateFree(pattern)
	total := estimate.LogSumExp(g.logs)
	for n := range g.logs {
		g.logs[n] -= total
	}
	return g.free, g.logs
}

// LogKnown returns log p*(known) = log Σ_free e^(-F(v)), with the sum over all states of the free visible
// units, given the known ones: pattern (V) has the state of each known unit and NaN for a free one. It
// is the log of the probability of the known units plus log Z. Cost and panics are as in
// EnumerateGiven.
func (m *Model) LogKnown(pattern []float32) float64 {
	var sum float64
	known := make([]float32, len(pattern))
	for i, x := range pattern {
		if x == x {
			known[i] = x
			sum += float64(m.Visible.Bias[i]) * float64(x)
		}
	}
	sum -= m.Visible.realEnergy(known)
	g := m.enumerateFree(pattern)
	return sum - m.LateralEnergy(known) + estimate.LogSumExp(g.logs)
}

// LogBaseKnown returns log p*(known) under the base model: [Model.LogBasePartition] plus the log of the
// probability of the known units in pattern (V), which is NaN for a free unit. The base rates must be
// known.
func (m *Model) LogBaseKnown(pattern []float32) float64 {
	base := m.Base()
	return LogBasePartition(base, m.Hidden) + base.LogProbabilityKnown(pattern)
}

// LogProbabilityKnown returns Σ (s_i θ_i - Γ_i(θ_i) - U_i(s_i)) over the units that have a state in pattern (Len),
// which is NaN for the others: the log of the probability of these states of independent units. U_i is s²/2σ² for units
// with real states, which have a density, and else 0. It panics if the pattern has another length.
func (l Layer) LogProbabilityKnown(pattern []float32) float64 {
	l.mustHold(len(pattern))
	var fields []float64
	var sum float64
	l.eachUnit(func(k engine.Kind, from, to int) {
		if !isFree(pattern[from:to]) {
			fields = fields[:0]
			for _, b := range l.Bias[from:to] {
				fields = append(fields, float64(b))
			}
			sum += logProbability(k, pattern[from:to], fields, l.shape(from))
		}
	})
	return sum
}

// enumerateFree returns the logs of e^(-F(v)) of all states of the free units, but without the terms of the
// known units alone: their biases, the energies U_i of real states, and their couplings to each other.
func (m *Model) enumerateFree(pattern []float32) given {
	m.Visible.mustHold(len(pattern))
	known := make([]float32, len(pattern)) // 0 where free
	var free []int
	states, bits := 1, m.FreeBits(pattern)
	if bits > MaxPartitionUnits {
		panic("rbm: more than 2^30 states to enumerate")
	}
	m.Visible.eachUnit(func(k engine.Kind, from, to int) {
		switch unit := pattern[from:to]; {
		case isFree(unit):
			free = append(free, from)
			states *= k.States()
		case !isState(k, unit):
			panic("rbm: values of a unit that are no state")
		default:
			copy(known[from:], unit)
		}
	})
	g := given{
		Model: m, free: free, state: known,
		fields: make([][]float64, len(free)+1), logs: make([]float64, states),
	}
	for depth := range g.fields {
		g.fields[depth] = make([]float64, m.Hidden.Len())
	}
	m.HiddenField(g.fields[0], known)
	g.visit(0, 0, 1, 0)
	return g
}

// FreeBits returns log2 of the number of states of the free units of a pattern (V): n for n units of
// two states, and +Inf if any of them are real. It panics if the pattern has another length.
func (m *Model) FreeBits(pattern []float32) float64 {
	m.Visible.mustHold(len(pattern))
	var bits float64
	m.Visible.eachUnit(func(k engine.Kind, from, to int) {
		switch {
		case !isFree(pattern[from:to]):
		case k.Real():
			bits = math.Inf(1)
		default:
			bits += math.Log2(float64(k.States()))
		}
	})
	return bits
}

// given walks through the states of the free units.
type given struct {
	*Model
	free   []int       // the first column of each free unit
	state  []float32   // (V): the known units and the free ones that are set, else 0
	fields [][]float64 // (len(free)+1,H): row d has the hidden fields with the first d free units set
	logs   []float64   // of all states
}

// visit sets the logs of all states in which the first depth free units are as in g.state. Together these
// units have `place` states, and g.state has the number `number` among them. sum holds the terms of their biases and
// couplings.
func (g *given) visit(depth, number, place int, sum float64) {
	fields := g.fields[depth]
	if depth == len(g.free) {
		g.logs[number] = sum + g.Hidden.Cumulant(fields)
		return
	}
	first := g.free[depth]
	k := g.Visible.Units.Of(first)
	unit := make([]float32, k.Width())
	for n := range k.States() {
		k.State(unit, n)
		next, bias := g.fields[depth+1], 0.0
		copy(next, fields)
		for a, s := range unit {
			if s == 0 {
				continue
			}
			for j, w := range g.weightsOf(first + a) {
				next[j] += float64(s) * float64(w)
			}
			bias += float64(s) * float64(g.Visible.Bias[first+a])
			if g.Coupled() {
				bias += float64(s) * dot(g.couplingsOf(first+a), g.state)
			}
		}
		copy(g.state[first:], unit)
		g.visit(depth+1, number+n*place, place*k.States(), sum+bias)
		clear(g.state[first : first+k.Width()])
	}
}
