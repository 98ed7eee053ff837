package rbm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// annealing is what the graphs of annealed importance sampling share.
type annealing struct {
	*graph.Builder
	rows, betas int
}

func (a annealing) visibles() *gorgonia.Node {
	return a.Variable(graph.Visible, tensor.Float32, a.rows, a.Visible)
}

func (a annealing) schedule() *gorgonia.Node { return a.Variable(graph.Betas, tensor.Float32, a.betas) }

func (a annealing) base() *gorgonia.Node { return a.Variable(graph.Base, tensor.Float32, a.Visible) }

// drawVisible draws visible units given hidden ones at the inverse temperature so many
// places ahead of the clock.
func (a annealing) drawVisible(h *gorgonia.Node, ahead int) *gorgonia.Node {
	p := engine.NewTemperedMean(a.VisibleField(h), a.base(), a.schedule(), a.Clock(), ahead)
	return a.Sample(p, graph.StreamAnnealVisible, ahead)
}

// annealStartGraph draws the runs from the base model: the schedule begins at β = 0,
// where the hidden units do not matter.
func annealStartGraph(a annealing) *gorgonia.ExprGraph {
	h := a.Variable(graph.Chains, tensor.Float32, a.rows, a.Hidden)
	engine.Assign(a.visibles(), a.drawVisible(h, 0))
	return a.Graph
}

// annealStepGraph is one step of annealed importance sampling: it weights the states v
// for the next inverse temperature and then moves them by one Gibbs step v→h→v there
// (Salakhutdinov and Murray 2008, §4.1).
func annealStepGraph(a annealing) *gorgonia.ExprGraph {
	v := a.visibles()
	z := a.HiddenField(v)
	weights := a.Variable(graph.LogWeights, tensor.Float64, a.rows)
	engine.Assign(weights, engine.NewLogWeight(weights, v, a.VisibleBias(), a.base(), z, a.schedule(), a.Clock()))
	noBase := a.Variable(graph.NoBase, tensor.Float32, a.Hidden)
	h := a.Sample(engine.NewTemperedMean(z, noBase, a.schedule(), a.Clock(), 1), graph.StreamAnnealHidden, 1)
	engine.Assign(v, a.drawVisible(h, 1))
	a.Tick()
	return a.Graph
}
