package train

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// Couplings among the visible units make a semi-restricted machine, and without hidden units a pairwise model
// (see [rbm.Model]). A Gibbs step draws h given v and then sweeps the visible units, each given h and the
// others. The chains of such a run are visible states, as a sweep begins with them.

// newBuilder returns a builder of a graph over the model of the run.
func (t *Trainer) newBuilder(seed uint64) *graph.Builder {
	b := graph.NewBuilder(t.visible, t.hidden, seed)
	b.Coupled = t.config.Lateral
	return b
}

// chained returns the layer of the chains' states and the name of their variable: hidden states, or with
// couplings visible ones.
func (t *Trainer) chained() (graph.Layer, string) {
	if t.config.Lateral {
		return t.visible, graph.Visible
	}
	return t.hidden, graph.Chains
}

// chainVariable describes the variable of the chains' states.
func (t *Trainer) chainVariable() variable {
	layer, name := t.chained()
	return variable{name, tensor.Float32, []int{t.replicas(), layer.Len}, true}
}

// enumeratedUnits returns the number of units of the layer whose states the exact log Z enumerates.
func (t *Trainer) enumeratedUnits() int {
	if t.config.Lateral {
		return t.visible.Len
	}
	return min(t.visible.Len, t.hidden.Len)
}

// weightCount returns the number of weights and of couplings of a model with the given columns.
func (c Config) weightCount(visible int) int {
	count := visible * c.Hidden
	if c.Lateral {
		count += visible * (visible - 1) / 2
	}
	return count
}

// chains returns the states of the chains, a row for each replica: (rows,H), or with couplings (rows,V).
func (b builder) chains(l ladder) *gorgonia.Node {
	if b.Coupled {
		return b.ofChains(l, graph.Visible, b.Visible)
	}
	return b.ofChains(l, graph.Chains, b.Hidden)
}

// pairPenalties are the decays of the weights, for couplings. Penalties of hidden units do not concern them.
func (m move) pairPenalties() penalties {
	return penalties{l1: m.weightPenalties.l1, l2: m.weightPenalties.l2}
}

// noPath is the path of chains without tempering, which stay at the model itself.
func noPath(bool) engine.Path { return engine.Path{} }

// coupledSteps returns the phase after steps Gibbs steps from visible states v (B,V), on a path.
func (b builder) coupledSteps(v *gorgonia.Node, steps int, path func(visible bool) engine.Path) graph.Phase {
	p := graph.Phase{Visible: v}
	for step := range steps {
		p = b.CoupledStep(p.Visible, path, graph.StreamHidden, graph.StreamVisible, step)
	}
	return p
}

// pairUpdate moves the couplings along their gradient, and returns bias, the gradient of the visible biases,
// corrected for the centering of the couplings. If offset (V) is nil, neither gradient is centered. difference
// (V) is the difference of the visible means.
func (b builder) pairUpdate(bias *gorgonia.Node, all batch, offset, difference *gorgonia.Node, m move) *gorgonia.Node {
	if !b.Coupled {
		return bias
	}
	pairs := all.sum(func(s *sides) *gorgonia.Node { return b.gradient(s, s.data.visible, s.chains.visible) })
	all.total(&pairs)
	g := engine.NewPairGradient(pairs, offset, difference, b.VisibleUnits)
	b.ascend(b.Couplings(), g, nil, m.pairPenalties(), m)
	if offset == nil {
		return bias
	}
	return engine.NewPairShift(bias, g, offset)
}

// pairwiseUpdate moves the parameters of a model without hidden units, and the offsets if the gradient is
// centered.
func (b builder) pairwiseUpdate(all batch, m move) {
	data := all.sum(func(s *sides) *gorgonia.Node { return s.data.mean(s.data.visible) })
	chains := all.sum(func(s *sides) *gorgonia.Node { return s.chains.mean(s.chains.visible) })
	all.total(&data, &chains)
	difference := engine.NewDifference(data, chains)
	var offset *gorgonia.Node
	if m.center {
		offset = b.Variable(graph.VisibleOffset, tensor.Float32, b.Visible)
	}
	b.ascend(b.VisibleBias(), b.pairUpdate(difference, all, offset, difference, m), nil, m.biasPenalties, m)
	if m.center {
		engine.Assign(offset, engine.NewBlend(offset, data, chains, engine.Blend{Rate: m.blend}))
	}
}
