package rbm

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// Boltzmann is a Boltzmann machine over any graph: a Markov random field of discrete units x whose energy is a sum
// over the nodes and the edges of the graph,
//
//	E(x) = -Σ_i θ_i x_i - Σ_edges x_i c_ij x_j,    p(x) = e^(-E(x)) / Z.
//
// A [Model] is the case of two layers in which no edge joins two hidden units and, without couplings, no
// two visible ones: see [Model.Boltzmann] and [Boltzmann.Model]. All of its functions are exact sums, for
// small machines. Its slices are owned by the machine.
//
// Source: Ackley, Hinton and Sejnowski, A Learning Algorithm for Boltzmann Machines, 1985.
type Boltzmann struct {
	Nodes Layer // the units and their biases θ (N), by columns
	Edges []Edge
}

// Edge joins two columns of different units with a coupling c. A pair of columns has at most one edge.
type Edge struct {
	I, J     int // I < J
	Coupling float32
}

// Check returns an error if the units do not cover the columns or have real states, for the first bias that is
// not finite, and for the first edge that does not have two columns I < J of different units, whose pair has an
// edge already, or whose coupling is not finite.
func (b *Boltzmann) Check() error {
	n := b.Nodes.Len()
	if err := b.Nodes.Units.Check(n); err != nil {
		return fmt.Errorf("rbm: Boltzmann machine: %w", err)
	}
	if b.Nodes.Units.Real() {
		return errors.New("rbm: Boltzmann machine of units with real states, want discrete units")
	}
	for i, theta := range b.Nodes.Bias {
		if finite(i, float64(theta)) != "" {
			return fmt.Errorf("rbm: the bias of column %d is %v, want a finite number", i, theta)
		}
	}
	seen := map[[2]int]bool{}
	for k, e := range b.Edges {
		pair := [2]int{e.I, e.J}
		switch {
		case e.I < 0 || e.J >= n || e.I >= e.J:
			return fmt.Errorf("rbm: edge %d joins columns %d and %d, want two of %d in rising order", k, e.I, e.J, n)
		case b.Nodes.sameUnit(e.I, e.J):
			return fmt.Errorf("rbm: edge %d joins columns %d and %d of one unit, want two units", k, e.I, e.J)
		case seen[pair]:
			return fmt.Errorf("rbm: edge %d joins columns %d and %d again, want one edge for a pair", k, e.I, e.J)
		case finite(k, float64(e.Coupling)) != "":
			return fmt.Errorf("rbm: edge %d has the coupling %v, want a finite number", k, e.Coupling)
		}
		seen[pair] = true
	}
	return nil
}

// Cliques yields the cliques of the graph with their parts of the energy in the state x (N): first the
// nodes, each one column, and then the edges, each two columns. The slice is reused. The energy is the
// sum of the parts, and e^(-E) the product of the potentials e^(-part). Cliques panics if x has another
// length.
func (b *Boltzmann) Cliques(x []float32) iter.Seq2[[]int, float64] {
	b.Nodes.mustHold(len(x))
	return func(yield func([]int, float64) bool) {
		clique := make([]int, 2)
		for i, theta := range b.Nodes.Bias {
			clique[0] = i
			if !yield(clique[:1], -float64(theta)*float64(x[i])) {
				return
			}
		}
		for _, e := range b.Edges {
			clique[0], clique[1] = e.I, e.J
			if !yield(clique, -float64(x[e.I])*float64(e.Coupling)*float64(x[e.J])) {
				return
			}
		}
	}
}

// Energy returns E(x) of the state x (N). It panics if x has another length.
func (b *Boltzmann) Energy(x []float32) float64 {
	var energy float64
	for _, part := range b.Cliques(x) {
		energy += part
	}
	return energy
}

// Fields writes to dst (N) the fields θ_i + Σ_j c_ij x_j of all columns, each given the other units of x
// (N), and returns dst. A nil dst is allocated. It panics if a slice has another length.
func (b *Boltzmann) Fields(dst []float64, x []float32) []float64 {
	b.Nodes.mustHold(len(x))
	if dst == nil {
		dst = make([]float64, len(x))
	}
	b.Nodes.mustHold(len(dst))
	for i, theta := range b.Nodes.Bias {
		dst[i] = float64(theta)
	}
	for _, e := range b.Edges {
		dst[e.I] += float64(e.Coupling) * float64(x[e.J])
		dst[e.J] += float64(e.Coupling) * float64(x[e.I])
	}
	return dst
}

// LogConditional returns log p(x_i | the other units) of the unit that has column i, at most 0, in the state
// x (N). It depends on the unit's neighbours in the graph alone. It panics if x has another length.
func (b *Boltzmann) LogConditional(i int, x []float32) float64 {
	k, first := b.Nodes.Units.At(i)
	end := first + k.Width()
	return logProbability(k, x[first:end], b.Fields(nil, x)[first:end], engine.Shape{})
}

// States yields all states x with -E(x) - logZ, in the order of [Layer.States]: log p(x) if logZ is the machine's
// log Z. The slice of the state is reused. It panics above 2^30 states.
func (b *Boltzmann) States(logZ float64) iter.Seq2[[]float32, float64] {
	return enumerate(b.Nodes, func(x []float32) float64 { return -b.Energy(x) - logZ })
}

// LogPartition returns log Z, the log of the sum of e^(-E) over all states. It panics above 2^30 states. The
// cost is an energy for each state.
func (b *Boltzmann) LogPartition() float64 {
	var logs []float64
	for _, log := range b.States(0) {
		logs = append(logs, log)
	}
	return estimate.LogSumExp(logs)
}

// Marginals returns ⟨x⟩ (N) and ⟨x xᵀ⟩ (N,N), the means over all states. For a column of a categorical unit,
// or a unit with values 0 and 1, ⟨x_i⟩ is the marginal probability of the value 1, and ⟨x_i x_j⟩ the probability
// that both columns have it. It panics above 2^30 states.
func (b *Boltzmann) Marginals() (means, pairs []float64) {
	n := b.Nodes.Len()
	means, pairs = make([]float64, n), make([]float64, n*n)
	for x, log := range b.States(b.LogPartition()) {
		p := math.Exp(log)
		for i, xi := range x {
			means[i] += p * float64(xi)
			for j, xj := range x {
				pairs[i*n+j] += p * float64(xi) * float64(xj)
			}
		}
	}
	return means, pairs
}

// Boltzmann returns the model as a machine over its graph, with the visible columns first and an edge for
// each weight and each coupling that is not 0. p(v,h) and log Z are the model's. It panics if units have real
// states.
func (m *Model) Boltzmann() *Boltzmann {
	if m.Visible.Units.Real() || m.Hidden.Units.Real() {
		panic("rbm: a Boltzmann machine of units with real states")
	}
	visible, hidden := m.Visible.Len(), m.Hidden.Len()
	b := &Boltzmann{Nodes: Layer{Bias: append(append([]float32(nil), m.Visible.Bias...), m.Hidden.Bias...)}}
	if !m.Visible.Units.Default() || !m.Hidden.Units.Default() {
		b.Nodes.Units = append(append(engine.Units(nil), m.Visible.groups()...), m.Hidden.groupsFrom(visible)...)
	}
	for i := range visible {
		if m.Coupled() {
			for k, c := range m.couplingsOf(i)[i+1:] {
				if c != 0 {
					b.Edges = append(b.Edges, Edge{i, i + 1 + k, c})
				}
			}
		}
		for j := range hidden {
			if w := m.weightsOf(i)[j]; w != 0 {
				b.Edges = append(b.Edges, Edge{i, visible + j, w})
			}
		}
	}
	return b
}

// groupsFrom returns the groups of the layer, with its columns numbered from first on; none for no columns.
func (l Layer) groupsFrom(first int) engine.Units {
	var moved engine.Units
	for _, g := range l.groups() {
		if g.To > g.From {
			moved = append(moved, engine.Group{Kind: g.Kind, From: first + g.From, To: first + g.To})
		}
	}
	return moved
}

// Model returns the machine as a model whose last hidden columns are the hidden layer. The model has
// couplings if an edge joins two visible columns; p and log Z stay the same. It is an error if an edge joins
// two hidden columns, which no model has, if the layers would divide a unit, or if Check returns one.
func (b *Boltzmann) Model(hidden int) (*Model, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	visible := b.Nodes.Len() - hidden
	if visible < 1 || hidden < 0 {
		return nil, fmt.Errorf("rbm: %d hidden columns of %d, want 0 to %d", hidden, b.Nodes.Len(), b.Nodes.Len()-1)
	}
	if hidden > 0 && b.Nodes.sameUnit(visible-1, visible) {
		return nil, fmt.Errorf("rbm: columns %d and %d belong to one unit, want a layer that begins with a unit", visible-1, visible)
	}
	part := func(from, to int) engine.Units {
		var units engine.Units
		for _, g := range b.Nodes.Units {
			if low, high := max(g.From, from), min(g.To, to); low < high {
				units = append(units, engine.Group{Kind: g.Kind, From: low - from, To: high - from})
			}
		}
		return units
	}
	m, err := NewModelOf(part(0, visible), part(visible, visible+hidden), visible, hidden)
	if err != nil {
		return nil, err
	}
	copy(m.Visible.Bias, b.Nodes.Bias)
	copy(m.Hidden.Bias, b.Nodes.Bias[visible:])
	for _, e := range b.Edges {
		switch {
		case e.I >= visible:
			return nil, fmt.Errorf("rbm: an edge joins columns %d and %d, both hidden, want none within the hidden layer", e.I, e.J)
		case e.J >= visible:
			m.Weights[e.I*hidden+e.J-visible] = e.Coupling
		default:
			if !m.Coupled() {
				m.Lateral = make([]float32, visible*visible)
			}
			m.Lateral[e.I*visible+e.J], m.Lateral[e.J*visible+e.I] = e.Coupling, e.Coupling
		}
	}
	return m, nil
}
