package engine

import "slices"

// twoLayers is the op of both layers of a pairing (see arrange.go). In all buffers but the drawn states
// the rows of the chains follow the rows of the data, so a device may launch the layers as one.
type twoLayers struct{ data, chains *activation }

// fuseTwoLayers joins the two activations of a pairing.
func (c *compiler) fuseTwoLayers(next []launch) int {
	if len(next) < 2 {
		return 1
	}
	data, isData := next[0].op.(*activation)
	chains, isChains := next[1].op.(*activation)
	paired := func(p *pairing) bool {
		return data.z == c.plan.buffers[p.fields[0].ID()] && chains.z == c.plan.buffers[p.fields[1].ID()]
	}
	if !isData || !isChains || !slices.ContainsFunc(c.pairings, paired) || data.wanted || chains.wanted || data.state != nil ||
		slices.Contains([]Buffer{data.x, data.z, data.mean}, chains.state) { // the draw would overwrite it too early
		return 1
	}
	next[1].op = twoLayers{data, chains}
	return 2
}

// dots is the op of several centered dots that do not depend on each other.
type dots []launch

// fuseDots joins centered dots.
func (c *compiler) fuseDots(next []launch) int {
	n := countOf(next, is[CenteredDot])
	if n < 2 {
		return 1
	}
	joined := slices.Clone(next[:n])
	next[n-1].op, next[n-1].out, next[n-1].in = dots(joined), nil, nil
	return n
}

// layer is the op of the means of one layer over data and chains, and of their difference.
type layer struct {
	data, chains launch // launches of Means; chains may be zero
	difference   Buffer // or nil
}

// layers is the op of several layers that do not depend on each other.
type layers []layer

// fuseLayers joins means with the differences that follow them. A difference joins if both its operands
// are among these means, and if it overwrites no operand of them.
func (c *compiler) fuseLayers(next []launch) int {
	n := countOf(next, is[Means])
	if n == 0 {
		return 1
	}
	left := slices.Clone(next[:n]) // means without a difference so far
	indexOf := func(b Buffer) int { return slices.IndexFunc(left, func(l launch) bool { return l.out == b }) }
	var all layers
	end := n
	for ; end < len(next) && is[Difference](next[end].op); end++ {
		d := next[end]
		overwrites := slices.ContainsFunc(next[:n], func(l launch) bool { return slices.Contains(l.in, d.out) })
		data, chains := indexOf(d.in[0]), indexOf(d.in[1])
		if overwrites || data < 0 || chains < 0 || data == chains {
			break
		}
		all = append(all, layer{left[data], left[chains], d.out})
		left = slices.DeleteFunc(left, func(l launch) bool { return slices.Contains(d.in, l.out) })
	}
	for _, m := range left {
		all = append(all, layer{data: m})
	}
	next[end-1].op, next[end-1].out, next[end-1].in = all, nil, nil
	return end
}

// steps is the op of the small steps of an update, in order.
type steps []launch

// stepsAtMost is the largest number of steps of one launch. It repeats kernels.StepsAtMost, which only builds for a
// GPU have.
const stepsAtMost = 32

// fuseSteps joins successive steps.
func (c *compiler) fuseSteps(next []launch) int {
	n := 0
	for n < min(len(next), stepsAtMost) && c.isStep(next[n]) {
		n++
	}
	if n < 2 {
		return 1
	}
	next[n-1] = steps(slices.Clone(next[:n])).launch()
	return n
}

// isStep reports whether a launch is a small step of an update: of a vector or of the clock.
func (c *compiler) isStep(l launch) bool {
	switch l.op.(type) {
	case BiasGradient, Blend, Tick:
		return true
	case Add: // the step checks its result as a parameter, so the sum must be a variable
		return len(l.out.Shape()) == 1 && c.names[l.node.ID()] != ""
	case Ascend, Moment, Adam, Nesterov:
		return len(l.out.Shape()) == 1
	}
	return false
}

// countOf returns the number of the next launches whose ops are of a kind and that do not depend on
// each other.
func countOf(next []launch, kind func(op any) bool) int {
	for i := range next {
		if !kind(next[i].op) || slices.ContainsFunc(next[:i], func(earlier launch) bool { return next[i].waitsFor(&earlier) }) {
			return i
		}
	}
	return len(next)
}
