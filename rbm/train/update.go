package train

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// trainingGraph returns the graph of one update, of a run without shards. The algorithm is
//
//	CD-k                              if the ladder has no chains
//	FPCD-k                            if the move is fast (Tieleman and Hinton 2009)
//	parallel tempering                if the ladder has more than one level
//	parallel trajectory tempering     if its chains exchange with a reservoir
//	PCD-k                             otherwise
//
// Only training lets a device round the factors of its products to fewer bits (b.Reduced): likelihoods and
// samples use the exact weights.
func trainingGraph(b builder, s graph.Source, l ladder, steps int, m move) *gorgonia.ExprGraph {
	b.Reduced = true
	positive := b.PositivePhase(s)
	negative := b.negativePhase(positive, l, steps, m)
	b.update(batch{[]sides{sidesOf(positive, negative, b.weighting(s, l.chains > 0), nil, nil)}, 1}, m)
	b.Tick()
	return b.Graph
}

// negativePhase returns the chains' visible states, with the fields and the means of the hidden units given
// them, by the algorithm of trainingGraph.
func (b builder) negativePhase(positive graph.Phase, l ladder, steps int, m move) graph.Phase {
	switch {
	case m.fast:
		return b.onFast().persistentPhase(l, steps)
	case l.exchanges > 0:
		return b.trajectoryPhase(l, steps)
	case l.levels > 1:
		return b.temperedPhase(l, steps)
	case l.chains > 0:
		return b.persistentPhase(l, steps)
	}
	return b.contrastivePhase(positive, steps)
}

// batch holds the two sides of the gradient of a batch, one pair for each shard of the batch that this rank
// computes: one pair in all in a run without shards.
type batch struct {
	shards []sides
	ranks  int // number of ranks that share the batch
}

// sum returns the sum of a term over the shards of this rank.
func (all batch) sum(term func(s *sides) *gorgonia.Node) *gorgonia.Node {
	return tree(len(all.shards), func(i int) *gorgonia.Node { return term(&all.shards[i]) })
}

// total replaces sums over the shards of this rank by sums over all ranks. Sums that are given together
// take one exchange.
func (all batch) total(sums ...**gorgonia.Node) {
	if all.ranks == 1 {
		return
	}
	for _, sum := range sums {
		*sum = engine.NewTotal(*sum)
	}
}

// difference returns ⟨x⟩data - ⟨x⟩chains (J), where layer returns x (rows,J) of one side. It is the term of the
// shards of this rank.
func (all batch) difference(layer func(side *weighed) *gorgonia.Node) *gorgonia.Node {
	return all.sum(func(s *sides) *gorgonia.Node {
		return engine.NewDifference(s.data.mean(layer(&s.data)), s.chains.mean(layer(&s.chains)))
	})
}

// sides holds the two sides of the gradient, the positive phase (data) and the negative phase (chains), weighted.
type sides struct {
	data, chains weighed
	activities   *gorgonia.Node // (B,H) data.means before a sparsity penalty changes them
}

// weighed is a phase, whose Visible and Means are without weights, with visible and means, the same times the
// weights of their rows. Without weights the two are equal.
type weighed struct {
	graph.Phase
	visible, means *gorgonia.Node // (B,V) and (B,H), weighted
	weights        *gorgonia.Node // of the rows, (B,1) or (1,1); or nil
	share          *gorgonia.Node // (1,1) the share of the rows of this shard among the rows of the batch; nil if there is one shard
	batchRows      int            // rows of the whole batch, by which sums are divided; 0 if this shard is the whole batch
}

// sidesOf returns the two sides of the gradient, given the weights of their rows and the shares (1,1) of the
// shard in the data and in the chains, or nil.
func sidesOf(positive, negative graph.Phase, w weighting, dataShare, chainShare *gorgonia.Node) sides {
	s := sides{data: weighedPhase(positive, w.data, dataShare), chains: weighedPhase(negative, w.chains, chainShare)}
	s.activities = s.data.means
	return s
}

// weighedPhase returns a phase given the weights of its rows and the share of the shard, or nil.
func weighedPhase(p graph.Phase, weights, share *gorgonia.Node) weighed {
	return weighed{p, graph.Weighed(p.Visible, weights), graph.Weighed(p.Means, weights), weights, share, 0}
}

// mean returns the term of these rows in the mean (1,J) of x (B,J) over all rows.
func (w *weighed) mean(x *gorgonia.Node) *gorgonia.Node { return shareOf(engine.NewMeans(x), w.share) }

func visibleOf(w *weighed) *gorgonia.Node { return w.visible }
func hiddenOf(w *weighed) *gorgonia.Node  { return w.means }

// update moves the parameters along the gradient of a batch, with their velocities and offsets.
func (b builder) update(all batch, m move) {
	var activities *gorgonia.Node
	if m.sparsity.Cost > 0 {
		activities = b.sparse(all, m.sparsity)
	}
	if b.Hidden == 0 {
		b.pairwiseUpdate(all, m)
		return
	}
	if b.VisibleUnits.Real() {
		b.varianceUpdate(all, m)
	}
	if b.HiddenUnits.Sides() {
		b.jumpSkewUpdate(all, m)
	}
	if m.center {
		b.centeredUpdate(activities, all, m)
		return
	}
	visible, hidden := all.difference(visibleOf), all.difference(hiddenOf)
	all.total(&visible, &hidden)
	b.ascend(b.Weights(), b.weightGradient(all), nil, m.weightPenalties, m)
	b.ascend(b.VisibleBias(), b.pairUpdate(visible, all, nil, nil, m), nil, m.biasPenalties, m)
	b.ascend(b.HiddenBias(), hidden, nil, m.biasPenalties, m)
}

// weightGradient returns the gradient of the weights. The weights of rows are in the means, so that the
// visible states remain states.
func (b builder) weightGradient(all batch) *gorgonia.Node {
	gradient := all.sum(func(s *sides) *gorgonia.Node { return b.gradient(s, s.data.means, s.chains.means) })
	all.total(&gradient)
	return gradient
}

// gradient returns the term (V,J) of one shard in the gradient of the interactions of the visible units with
// other units: the hidden ones, or the visible ones themselves. data and chains (rows,J) are their weighted
// means or states.
func (b builder) gradient(s *sides, data, chains *gorgonia.Node) *gorgonia.Node {
	return engine.NewGradient(s.data.Visible, data, s.chains.Visible, chains,
		engine.Gradient{Units: b.VisibleUnits, Data: s.data.batchRows, Chains: s.chains.batchRows})
}

// activityDecay is the factor of the moving means of the hidden units at each update (Hinton 2010, §11).
const activityDecay = 0.9

// sparse subtracts the slope of the sparsity penalty from the means of the data's hidden units. The
// slope with respect to a unit's field is the same for all rows. Subtracted from the means, it moves
// both the bias and the weights of the unit, centered or not; Hinton (2010, §11) warns of applying it
// to the bias alone. It returns the mean activities (1,H).
func (b builder) sparse(all batch, s engine.Sparsity) (activities *gorgonia.Node) {
	activity := b.Variable(graph.Activity, tensor.Float32, 1, b.Hidden)
	now := all.sum((*sides).activity)
	all.total(&now)
	next := engine.NewMoment(activity, now, engine.Moment{Decay: activityDecay})
	engine.Assign(activity, next)
	for i := range all.shards {
		data := &all.shards[i].data
		data.Means = engine.NewSparsity(data.Means, next, s)
		data.means = graph.Weighed(data.Means, data.weights)
	}
	return now
}

// activity returns the term of these rows in the mean activities (1,H) of the hidden units.
func (s *sides) activity() *gorgonia.Node { return s.data.mean(s.activities) }

// layer holds the terms of one layer in the centered gradient. data and chains (2,J) hold the means over the
// rows and, below them, the means with a factor for each row (see centeredLayer). difference (J) is the
// difference of their first rows.
type layer struct{ offset, data, chains, difference *gorgonia.Node }

// centeredLayer returns the offset, data and chains of the layer with values x, which have the weights of
// their rows in them. y are the values of the other layer and other its offsets. The factor of a row is
// (y-other)·other, so that the second rows give the product of the centered gradient with the other layer's
// offsets (see engine.BiasGradient), and the gradient need not be computed first. The means are sums over the
// shards of this rank.
func (all batch) centeredLayer(offset, other *gorgonia.Node, x, y func(side *weighed) *gorgonia.Node) layer {
	means := func(side func(s *sides) *weighed) *gorgonia.Node {
		return all.sum(func(s *sides) *gorgonia.Node {
			w := side(s)
			return shareOf(engine.NewWeightedMeans(x(w), engine.NewCenteredDot(y(w), other)), w.share)
		})
	}
	l := layer{offset: offset}
	l.data = means(func(s *sides) *weighed { return &s.data })
	l.chains = means(func(s *sides) *weighed { return &s.chains })
	return l
}

// centeredUpdate moves the parameters along the centered gradient (Montavon and Müller 2012;
// Melchior, Fischer and Wiskott 2016) of a batch, and then the offsets. With a sparsity penalty activities
// (1,H) are the hidden means on the data without its slope, which the hidden offsets follow; else they are
// nil, and the offsets follow the hidden means. Any offsets give a gradient of the same likelihood, so they
// may follow batches of different weight.
func (b builder) centeredUpdate(activities *gorgonia.Node, all batch, m move) {
	visibleOffset := b.Variable(graph.VisibleOffset, tensor.Float32, b.Visible)
	hiddenOffset := b.Variable(graph.HiddenOffset, tensor.Float32, b.Hidden)
	visible := all.centeredLayer(visibleOffset, hiddenOffset, visibleOf, func(w *weighed) *gorgonia.Node { return w.Means })
	hidden := all.centeredLayer(hiddenOffset, visibleOffset, hiddenOf, func(w *weighed) *gorgonia.Node { return w.Visible })
	all.total(&visible.data, &visible.chains, &hidden.data, &hidden.chains)
	visible.difference = engine.NewDifference(visible.data, visible.chains)
	hidden.difference = engine.NewDifference(hidden.data, hidden.chains)

	b.ascend(b.Weights(), b.weightGradient(all), &engine.Centering{
		VisibleOffset: visible.offset, HiddenOffset: hidden.offset,
		VisibleDifference: visible.difference, HiddenDifference: hidden.difference,
	}, m.weightPenalties, m)
	bias := func(own, other layer) *gorgonia.Node {
		return engine.NewBiasGradient(own.difference, own.data, own.chains, own.offset, other.difference, other.offset)
	}
	visibleBias := b.pairUpdate(bias(visible, hidden), all, visible.offset, visible.difference, m)
	b.ascend(b.VisibleBias(), visibleBias, nil, m.biasPenalties, m)
	b.ascend(b.HiddenBias(), bias(hidden, visible), nil, m.biasPenalties, m)
	active := hidden.data
	if activities != nil {
		active = activities
	}
	blend := engine.Blend{Rate: m.blend}
	engine.Assign(visible.offset, engine.NewBlend(visible.offset, visible.data, visible.chains, blend))
	engine.Assign(hidden.offset, engine.NewBlend(hidden.offset, active, hidden.chains, blend))
}
