package train

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// trainingGraph returns the graph of one update. The algorithm is
//
//	CD-k                              if the ladder has no chains
//	FPCD-k                            if the move is fast (Tieleman and Hinton 2009)
//	parallel tempering                if the ladder has more than one level
//	parallel trajectory tempering     if its chains exchange with a reservoir
//	PCD-k                             otherwise
//
// Only training may round the factors of its products to fewer bits: likelihoods and samples
// use the exact weights.
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

// update moves the parameters along the gradient of two phases, with their velocities and
// offsets.
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

// sparse returns the means of the data's hidden units minus the slope of the sparsity
// penalty. The slope with respect to a unit's field is the same for all rows. Subtracted from
// the means, it moves both the bias and the weights of the unit, centered or not; Hinton
// (2010, §11) warns of applying it to the bias alone.
func (b builder) sparse(means *gorgonia.Node, s engine.Sparsity) *gorgonia.Node {
	activity := b.Variable(graph.Activity, tensor.Float32, 1, b.Hidden)
	next := engine.NewMoment(activity, engine.NewMeans(means), engine.Moment{Decay: activityDecay})
	engine.Assign(activity, next)
	return engine.NewSparsity(means, next, s)
}

// layer holds the terms of one layer in the centered gradient: the offsets, the weighted
// means over data and chains, and the difference of the plain means.
type layer struct{ offset, data, chains, difference *gorgonia.Node }

// centeredLayer returns the terms of the layer with values x, over data and chains. y are the
// values of the other layer and other its offsets. Each row has the weight (y-other)·other, so
// that the weighted means equal the product of the centered gradient with the other layer's
// offsets, and the gradient need not be computed first.
func (b builder) centeredLayer(offset, other *gorgonia.Node, x, y [2]*gorgonia.Node) layer {
	means := func(side int) *gorgonia.Node {
		return engine.NewWeightedMeans(x[side], engine.NewCenteredDot(y[side], other))
	}
	l := layer{offset: offset, data: means(0), chains: means(1)}
	l.difference = engine.NewDifference(l.data, l.chains)
	return l
}

// centeredUpdate moves the parameters along the centered gradient (Montavon and Müller 2012;
// Melchior, Fischer and Wiskott 2016), and then the offsets. The hidden offsets follow
// activities, the means on the data without the slope of a sparsity penalty.
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
