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
	b.update(positive, negative, b.weighting(s, l.chains > 0), m)
	b.Tick()
	return b.Graph
}

// update moves the parameters along the gradient of two phases, weighted by w, with their velocities
// and offsets.
func (b builder) update(positive, negative graph.Phase, w weighting, m move) {
	activities := graph.Weighed(positive.Means, w.data)
	if m.sparsity.Cost > 0 {
		positive.Means = b.sparse(positive.Means, activities, m.sparsity)
	}
	data, chains := weighedPhase(positive, w.data), weighedPhase(negative, w.chains)
	if b.VisibleUnits.Real() {
		b.varianceUpdate(data, chains, w, m)
	}
	if m.center {
		b.centeredUpdate(activities, [2]weighed{data, chains}, m)
		return
	}
	difference := func(data, chains *gorgonia.Node) *gorgonia.Node {
		return engine.NewDifference(engine.NewMeans(data), engine.NewMeans(chains))
	}
	b.ascend(b.Weights(), b.weightGradient(data, chains), nil, m.weightPenalties, m)
	b.ascend(b.VisibleBias(), difference(data.visible, chains.visible), nil, m.biasPenalties, m)
	b.ascend(b.HiddenBias(), difference(data.means, chains.means), nil, m.biasPenalties, m)
}

// weighed is a phase with its states and means times the weights of their rows. Without weights these
// are the states and means themselves.
type weighed struct {
	graph.Phase
	visible, means *gorgonia.Node
}

func weighedPhase(p graph.Phase, weights *gorgonia.Node) weighed {
	return weighed{p, graph.Weighed(p.Visible, weights), graph.Weighed(p.Means, weights)}
}

// weightGradient returns the gradient of the weights. The weights of rows are in the means, so that the
// visible states remain states.
func (b builder) weightGradient(data, chains weighed) *gorgonia.Node {
	return engine.NewGradient(data.Visible, data.means, chains.Visible, chains.means, b.VisibleUnits)
}

// sparse returns the means of the data's hidden units minus the slope of the sparsity
// penalty. The slope with respect to a unit's field is the same for all rows. Subtracted from
// the means, it moves both the bias and the weights of the unit, centered or not; Hinton
// (2010, §11) warns of applying it to the bias alone. activities are the means times the weights of
// the rows.
func (b builder) sparse(means, activities *gorgonia.Node, s engine.Sparsity) *gorgonia.Node {
	activity := b.Variable(graph.Activity, tensor.Float32, 1, b.Hidden)
	next := engine.NewMoment(activity, engine.NewMeans(activities), engine.Moment{Decay: activityDecay})
	engine.Assign(activity, next)
	return engine.NewSparsity(means, next, s)
}

// layer holds the terms of one layer in the centered gradient: the offsets, the weighted
// means over data and chains, and the difference of the plain means.
type layer struct{ offset, data, chains, difference *gorgonia.Node }

// centeredLayer returns the terms of the layer with values x, over data and chains, which have the
// weights of their rows in them. y are the values of the other layer and other its offsets. Each row has
// the factor (y-other)·other, so that the weighted means equal the product of the centered gradient with
// the other layer's offsets, and the gradient need not be computed first.
func (b builder) centeredLayer(offset, other *gorgonia.Node, x, y [2]*gorgonia.Node) layer {
	means := func(side int) *gorgonia.Node {
		return engine.NewWeightedMeans(x[side], engine.NewCenteredDot(y[side], other))
	}
	l := layer{offset: offset, data: means(0), chains: means(1)}
	l.difference = engine.NewDifference(l.data, l.chains)
	return l
}

// centeredUpdate moves the parameters along the centered gradient (Montavon and Müller 2012;
// Melchior, Fischer and Wiskott 2016) of data and chains, and then the offsets. The hidden offsets
// follow activities, the weighed means on the data without the slope of a sparsity penalty. Any offsets
// give a gradient of the same likelihood, so they may follow batches of different weight.
func (b builder) centeredUpdate(activities *gorgonia.Node, phases [2]weighed, m move) {
	visibleOffset := b.Variable(graph.VisibleOffset, tensor.Float32, b.Visible)
	hiddenOffset := b.Variable(graph.HiddenOffset, tensor.Float32, b.Hidden)
	of := func(f func(weighed) *gorgonia.Node) [2]*gorgonia.Node {
		return [2]*gorgonia.Node{f(phases[0]), f(phases[1])}
	}
	visible := b.centeredLayer(visibleOffset, hiddenOffset, of(func(p weighed) *gorgonia.Node { return p.visible }),
		of(func(p weighed) *gorgonia.Node { return p.Means }))
	hidden := b.centeredLayer(hiddenOffset, visibleOffset, of(func(p weighed) *gorgonia.Node { return p.means }),
		of(func(p weighed) *gorgonia.Node { return p.Visible }))

	b.ascend(b.Weights(), b.weightGradient(phases[0], phases[1]), &engine.Centering{
		VisibleOffset: visible.offset, HiddenOffset: hidden.offset,
		VisibleDifference: visible.difference, HiddenDifference: hidden.difference,
	}, m.weightPenalties, m)
	bias := func(own, other layer) *gorgonia.Node {
		return engine.NewBiasGradient(own.difference, own.data, own.chains, own.offset, other.difference, other.offset)
	}
	b.ascend(b.VisibleBias(), bias(visible, hidden), nil, m.biasPenalties, m)
	b.ascend(b.HiddenBias(), bias(hidden, visible), nil, m.biasPenalties, m)
	active := hidden.data
	if activities != phases[0].means {
		active = engine.NewMeans(activities)
	}
	blend := engine.Blend{Rate: m.blend}
	engine.Assign(visible.offset, engine.NewBlend(visible.offset, visible.data, visible.chains, blend))
	engine.Assign(hidden.offset, engine.NewBlend(hidden.offset, active, hidden.chains, blend))
}
