package train

import (
	"slices"

	"gorgonia.org/gorgonia"

	"harmonium/engine"
)

// penalties are costs of large parameters. Each has the slope or the proximal step of its formula in
// [Config], in the plain parameters.
type penalties struct {
	l1, l2  float32
	squared *engine.SquaredL1 // of weights; or nil
	lasso   *engine.Shrink    // of weights; or nil
}

// lassoGroups are the names of groups of weights, in the order of engine.Over.
var lassoGroups = []string{engine.Edges: "edge", engine.HiddenUnits: "hidden", engine.VisibleUnits: "visible"}

// penalties returns the penalties of the weights between two layers, and of the biases.
func (c Config) penalties(visible, hidden engine.Units) (weights, biases penalties) {
	weights = penalties{l1: float32(c.L1), l2: float32(c.L2)}
	if c.L1b > 0 {
		weights.squared = &engine.SquaredL1{Cost: float32(c.L1b), Units: hidden}
	}
	if c.GroupLasso > 0 {
		over := engine.Over(max(0, slices.Index(lassoGroups, c.LassoGroups)))
		weights.lasso = &engine.Shrink{Cost: float32(c.GroupLasso), Blocks: engine.Blocks{Over: over, Visible: visible, Hidden: hidden}}
	}
	return weights, penalties{l2: float32(c.BiasL2)}
}

// slope returns the gradient minus the slope of a penalty that engine.Ascend does not have.
func (p penalties) slope(gradient, parameter *gorgonia.Node) *gorgonia.Node {
	if p.squared == nil {
		return gradient
	}
	return engine.NewSquaredL1(gradient, parameter, *p.squared)
}

// shrink returns the parameter after the proximal step that follows an update, if there is one.
func (p penalties) shrink(next, rates, clock *gorgonia.Node) *gorgonia.Node {
	if p.lasso == nil {
		return next
	}
	return engine.NewShrink(next, rates, clock, *p.lasso)
}
