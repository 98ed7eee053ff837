package rbm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// annealing is what the graphs of annealed importance sampling share.
type annealing struct {
	*builder
	rows, betas int
}

func (a annealing) visibles() *gorgonia.Node {
	return a.variable(varVisible, tensor.Float32, a.rows, a.visible)
}

func (a annealing) schedule() *gorgonia.Node { return a.variable(varBetas, tensor.Float32, a.betas) }

func (a annealing) base() *gorgonia.Node { return a.variable(varBase, tensor.Float32, a.visible) }

// drawVisible draws visible units given hidden ones at the inverse temperature so many
// places ahead of the clock.
func (a annealing) drawVisible(h *gorgonia.Node, ahead int) *gorgonia.Node {
	p := engine.NewTemperedMean(a.visibleField(h), a.base(), a.schedule(), a.clock(), ahead)
	return a.sample(p, streamAnnealVisible, ahead)
}

// annealStartGraph draws the runs from the base model: the schedule begins at β = 0,
// where the hidden units do not matter.
func annealStartGraph(a annealing) *gorgonia.ExprGraph {
	h := a.variable(varChains, tensor.Float32, a.rows, a.hidden)
	engine.Assign(a.visibles(), a.drawVisible(h, 0))
	return a.graph
}

// annealStepGraph is one step of annealed importance sampling: it weights the states v
// for the next inverse temperature and then moves them by one Gibbs step v→h→v there
// (Salakhutdinov and Murray 2008, §4.1).
func annealStepGraph(a annealing) *gorgonia.ExprGraph {
	v := a.visibles()
	z := a.hiddenField(v)
	weights := a.variable(varLogWeights, tensor.Float64, a.rows)
	engine.Assign(weights, engine.NewLogWeight(weights, v, a.visibleBias(), a.base(), z, a.schedule(), a.clock()))
	noBase := a.variable(varNoBase, tensor.Float32, a.hidden)
	h := a.sample(engine.NewTemperedMean(z, noBase, a.schedule(), a.clock(), 1), streamAnnealHidden, 1)
	engine.Assign(v, a.drawVisible(h, 1))
	a.tick()
	return a.graph
}
