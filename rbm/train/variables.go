package train

import (
	"slices"

	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// variable describes one variable of a run.
type variable struct {
	name  string
	dtype tensor.Dtype
	shape []int
	saved bool // part of a checkpoint
}

// variables lists the variables of a run other than the data. The parameters, which updates move along a gradient,
// stand first. (The log-variances of hidden units are not among them: training leaves them as they begin.)
func (t *Trainer) variables() []variable {
	visible, hidden := t.data.Train.V, t.config.Hidden
	float := tensor.Float32
	list := []variable{
		{graph.Weights, float, []int{visible, hidden}, true},
		{graph.VisibleBias, float, []int{visible}, true},
		{graph.HiddenBias, float, []int{hidden}, true},
		{graph.VisibleOffset, float, []int{visible}, true},
		{graph.HiddenOffset, float, []int{hidden}, true},
		{graph.Clock, tensor.Int32, []int{engine.ClockSize}, false},
		{graph.Order, tensor.Int32, []int{t.data.Train.N}, false},
		{graph.Rates, float, []int{t.perEpoch, 2}, false},
	}
	parameters := 3 // number of these
	if t.visible.Units.Real() {
		list = slices.Insert(list, parameters, variable{graph.VisibleLogVariance, float, []int{visible}, true})
		list = append(list, variable{graph.VarianceBounds, float, []int{2, visible}, false})
		parameters++
	}
	if t.hidden.Units.Sides() {
		list = slices.Insert(list, parameters,
			variable{graph.HiddenJump, float, []int{hidden}, true}, variable{graph.HiddenSkew, float, []int{hidden}, true})
		parameters += 2
	}
	if t.hidden.Units.Real() {
		list = append(list, variable{graph.HiddenLogVariance, float, []int{hidden}, true})
	}
	if t.config.Lateral {
		list = slices.Insert(list, parameters, variable{graph.Lateral, float, []int{visible, visible}, true})
		list = append(list, variable{graph.NoField, float, []int{visible}, false})
		parameters++
	}
	if t.config.SparsityTarget > 0 {
		list = append(list, variable{graph.Activity, float, []int{1, hidden}, true})
	}
	l := t.ladder()
	if l.chains > 0 {
		list = append(list, t.chainVariable())
	}
	if l.levels > 1 {
		list = append(list, l.variables(visible, hidden)...)
	}
	if l.exchanges > 0 {
		list = append(list, l.trajectoryVariables(list[:parameters], hidden)...)
	}
	m := t.move()
	for _, p := range list[:parameters] {
		for _, suffix := range m.suffixes() {
			list = append(list, variable{p.name + suffix, float, p.shape, true})
		}
	}
	if m.fast {
		list = append(list, variable{graph.FastRates, float, []int{t.perEpoch, 2}, false})
	}
	if m.optimizer == adam {
		list = append(list, variable{graph.PlainRates, float, []int{t.perEpoch, 2}, false})
	}
	if t.config.shards() > 1 {
		list = append(list, t.shardVariables()...)
	}
	if t.config.guarded() {
		list = append(list, guardVariables(list)...)
	}
	return list
}

// volume returns the number of elements of a shape.
func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
