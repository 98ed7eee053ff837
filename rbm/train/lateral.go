package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
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
	width, name := t.config.Hidden, graph.Chains
	if t.config.Lateral {
		width, name = t.data.Train.V, graph.Visible
	}
	return variable{name, tensor.Float32, []int{t.replicas(), width}, true}
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

// noPath is the model itself.
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

// pseudoLikelihood sets the mean log-pseudo-likelihood of a watch over a model with couplings or real hidden
// states, estimated from one random unit of each row, as [engine.PseudoLikelihood] does for other models.
func (t *Trainer) pseudoLikelihood(w *watch) error {
	v := make([]float32, w.rows*w.visible)
	if err := w.plan.Read(w.results.visible, v); err != nil {
		return err
	}
	m, err := t.Model()
	if err != nil {
		return err
	}
	w.pseudoLikelihood, err = meanPseudoLikelihood(m, v, w.weights, t.seedNow(graph.SeedLook))
	return err
}

// layerOf returns a layer without biases.
func layerOf(l graph.Layer) rbm.Layer {
	return rbm.Layer{Units: l.Units, Bias: make([]float32, l.Len)}
}

// meanPseudoLikelihood returns the mean over rows v (N,V), weighted if they have weights, of V·log p(v_i | the
// other visible units), with a unit i drawn for each row and V the number of units.
func meanPseudoLikelihood(m *rbm.Model, v, weights []float32, seed uint64) (float64, error) {
	random := rand.New(rand.NewPCG(seed, uint64(graph.StreamUnit)))
	nan := float32(math.NaN())
	var firsts []int // the first column of each unit
	for i := range m.Visible.Len() {
		if _, first := m.Visible.Units.At(i); i == first {
			firsts = append(firsts, i)
		}
	}
	var logs []float64
	for row := range slices.Chunk(v, m.Visible.Len()) {
		i := firsts[random.IntN(len(firsts))]
		k, _ := m.Visible.Units.At(i)
		pattern := slices.Clone(row)
		for a := range k.Width() {
			pattern[i+a] = nan // the unit is free, all others are given
		}
		state := k.StateOf(row[i : i+k.Width()])
		if state < 0 {
			return 0, fmt.Errorf("values of unit %d that are no state", i)
		}
		_, given := m.EnumerateGiven(pattern)
		logs = append(logs, float64(len(firsts))*given[state])
	}
	mean, _ := estimate.WeightedMean(logs, weights)
	return mean, nil
}
