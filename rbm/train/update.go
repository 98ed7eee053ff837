package train

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// trainingGraph is one update by PCD-k, by FPCD-k (Tieleman and Hinton 2009) where the
// move is fast, by parallel tempering where the ladder has more than one level, by parallel
// trajectory tempering where its chains exchange with a reservoir, or by CD-k if there are
// no chains. Its products, and no others, may be reduced: likelihoods and samples are those
// of the weights.
func trainingGraph(b builder, s graph.Source, l ladder, steps int, m move) *gorgonia.ExprGraph {
	b.Reduced = true
	positive := b.PositivePhase(s)
	var negative graph.Phase
	switch {
	case m.fast:
		negative = b.onFast().persistentPhase(l.chains, steps)
	case l.exchanges > 0:
		negative = b.trajectoryPhase(l, steps)
	case l.levels > 1:
		negative = b.temperedPhase(l, steps)
	case l.chains > 0:
		negative = b.persistentPhase(l.chains, steps)
	default:
		negative = b.contrastivePhase(positive, steps)
	}
	b.update(positive, negative, m)
	b.Tick()
	return b.Graph
}

// update assigns the parameters moved along the gradient of two phases, and the
// velocities and offsets that go with them.
func (b builder) update(positive, negative graph.Phase, m move) {
	activities := positive.Means
	if m.sparsity.Cost > 0 {
		positive.Means = b.sparse(activities, m.sparsity)
	}
	if m.center {
		b.centeredUpdate(activities, positive, negative, m)
		return
	}
	difference := func(data, chains *gorgonia.Node) *gorgonia.Node {
		return engine.NewDifference(engine.NewMeans(data), engine.NewMeans(chains))
	}
	b.ascend(b.Weights(), b.weightGradient(positive, negative), nil, engine.Ascend{L1: m.l1, L2: m.l2}, m)
	b.ascend(b.VisibleBias(), difference(positive.Visible, negative.Visible), nil, engine.Ascend{}, m)
	b.ascend(b.HiddenBias(), difference(positive.Means, negative.Means), nil, engine.Ascend{}, m)
}

func (b builder) weightGradient(positive, negative graph.Phase) *gorgonia.Node {
	return engine.NewGradient(positive.Visible, positive.Means, negative.Visible, negative.Means, b.VisibleUnits)
}

// sparse returns the means of the data's hidden units with the slope of the sparsity penalty
// taken off. The slope in the field of a unit is the same for all rows, so that it reaches
// the bias and the weights of the unit, centered or not, as every other part of its means
// does (Hinton 2010, §11, who warns of applying it to the bias alone).
func (b builder) sparse(means *gorgonia.Node, s engine.Sparsity) *gorgonia.Node {
	activity := b.Variable(graph.Activity, tensor.Float32, 1, b.Hidden)
	next := engine.NewMoment(activity, engine.NewMeans(means), engine.Moment{Decay: activityDecay})
	engine.Assign(activity, next)
	return engine.NewSparsity(means, next, s)
}

// layer is what the centered gradient needs of one layer: its offsets, the weighted
// means of data and chains, and the difference of their plain means.
type layer struct{ offset, data, chains, difference *gorgonia.Node }

// centeredLayer returns the layer whose values are x, where y are the other layer's
// values and other its offsets. Each row is weighted by (y-other)·other, which makes
// the weighted means a product of the centered gradient with the other offsets without
// having to compute that gradient first.
func (b builder) centeredLayer(offset, other *gorgonia.Node, x, y [2]*gorgonia.Node) layer {
	means := func(side int) *gorgonia.Node {
		return engine.NewWeightedMeans(x[side], engine.NewCenteredDot(y[side], other))
	}
	l := layer{offset: offset, data: means(0), chains: means(1)}
	l.difference = engine.NewDifference(l.data, l.chains)
	return l
}

// centeredUpdate is update along the centered gradient (Montavon and Müller 2012;
// Melchior, Fischer and Wiskott 2016). The offsets move after the parameters. The offsets
// of the hidden units follow activities, the means on the data without the slope of a
// sparsity penalty.
func (b builder) centeredUpdate(activities *gorgonia.Node, positive, negative graph.Phase, m move) {
	visibleOffset := b.Variable(graph.VisibleOffset, tensor.Float32, b.Visible)
	hiddenOffset := b.Variable(graph.HiddenOffset, tensor.Float32, b.Hidden)
	states := [2]*gorgonia.Node{positive.Visible, negative.Visible}
	means := [2]*gorgonia.Node{positive.Means, negative.Means}
	visible := b.centeredLayer(visibleOffset, hiddenOffset, states, means)
	hidden := b.centeredLayer(hiddenOffset, visibleOffset, means, states)

	b.ascend(b.Weights(), b.weightGradient(positive, negative), &engine.Centering{
		VisibleOffset: visible.offset, HiddenOffset: hidden.offset,
		VisibleDifference: visible.difference, HiddenDifference: hidden.difference,
	}, engine.Ascend{L1: m.l1, L2: m.l2}, m)
	bias := func(own, other layer) *gorgonia.Node {
		return engine.NewBiasGradient(own.difference, own.data, own.chains, own.offset, other.difference, other.offset)
	}
	b.ascend(b.VisibleBias(), bias(visible, hidden), nil, engine.Ascend{}, m)
	b.ascend(b.HiddenBias(), bias(hidden, visible), nil, engine.Ascend{}, m)
	active := hidden.data
	if activities != positive.Means {
		active = engine.NewMeans(activities)
	}
	blend := engine.Blend{Rate: m.blend}
	engine.Assign(visible.offset, engine.NewBlend(visible.offset, visible.data, visible.chains, blend))
	engine.Assign(hidden.offset, engine.NewBlend(hidden.offset, active, hidden.chains, blend))
}
