package engine

import (
	"math"
	"slices"

	"gorgonia.org/gorgonia"
)

// arrange changes the order of the nodes so that launches which a device can make together follow
// each other. Values do not depend on it: a node still comes after its operands, and before
// assignments.
func (c *compiler) arrange() {
	for _, part := range c.shards() {
		c.pair(part)
	}
	c.moveTogether(is[CenteredDot])
	c.moveTogether(is[Means])
	c.moveTogether(is[Difference])
}

// is reports whether an op is of type T.
func is[T any](op any) bool {
	_, ok := op.(T)
	return ok
}

// moveTogether moves each node of one kind up, behind the first node of this kind and those moved before,
// if all its operands come before the first.
func (c *compiler) moveTogether(kind func(op any) bool) {
	first, end := -1, -1 // c.order[first:end] are the nodes of this kind that are together so far
	for i, n := range c.order {
		op, in := c.launched(n)
		switch {
		case !kind(op):
		case first < 0:
			first, end = i, i+1
		case !slices.ContainsFunc(in, func(input *gorgonia.Node) bool { return slices.Contains(c.order[first:], input) }):
			copy(c.order[end+1:i+1], c.order[end:i])
			c.order[end] = n
			end++
		}
	}
}

// pairing is two layers over the same weights whose units have the same op of means: the hidden means
// of the data, and the hidden means of the chains with a draw of their states. If their rows lie in
// the same matrices, one product and one activation compute both.
type pairing struct {
	fields, means, inputs [2]*gorgonia.Node // of the first and of the second layer
	draw                  *gorgonia.Node    // of the second layer, or nil
}

// shards cuts the order of the nodes before each batch of rows but the first, so that each part has
// one shard of the batch. Pairings are made within a shard: its products then have the same shapes, and
// the same bits, whatever other shards a graph has.
func (c *compiler) shards() [][]*gorgonia.Node {
	isBatch := func(n *gorgonia.Node) bool { return is[rows](n.Op().(Op).Body) }
	var all [][]*gorgonia.Node
	first := 0
	for i, n := range c.order {
		if isBatch(n) && slices.ContainsFunc(c.order[first:i], isBatch) {
			all = append(all, slices.Clone(c.order[first:i]))
			first = i
		}
	}
	return append(all, slices.Clone(c.order[first:]))
}

// pair finds the first pairing among the nodes of a shard, if there is one, and moves its first layer
// down to just before the second.
func (c *compiler) pair(shard []*gorgonia.Node) {
	for _, n := range shard {
		p, ok := c.pairingOf(n, shard)
		if !ok {
			continue
		}
		c.pairings = append(c.pairings, p)
		moved := []*gorgonia.Node{p.fields[0], p.means[0]}
		rest := slices.DeleteFunc(c.order, func(n *gorgonia.Node) bool { return slices.Contains(moved, n) })
		c.order = slices.Insert(rest, slices.Index(rest, p.fields[1]), moved...)
		c.findReaders()
		return
	}
}

// pairingOf returns the pairing whose first field is n, with the latest second layer of the shard that
// fits: nothing before that layer may read the means of the first, which move down to it.
func (c *compiler) pairingOf(n *gorgonia.Node, shard []*gorgonia.Node) (p *pairing, ok bool) {
	first, ok := c.layerOf(n)
	if !ok || first.draw != nil {
		return nil, false
	}
	for i := c.position(shard[len(shard)-1]); c.order[i] != n; i-- {
		second, ok := c.layerOf(c.order[i])
		early := func(reader int) bool { return reader < i } // reads the means before they are computed at i
		if !ok || !c.alike(n, c.order[i]) || !sameOp(first.means[0], second.means[0]) ||
			slices.ContainsFunc(c.readers[first.means[0].ID()], early) {
			continue
		}
		p = &pairing{draw: second.draw}
		for k, layer := range []*pairing{first, second} {
			p.fields[k], p.means[k], p.inputs[k] = layer.fields[0], layer.means[0], layer.inputs[0]
		}
		return p, p.inputs[0] != p.inputs[1] && p.fits()
	}
	return nil, false
}

// fits reports whether both layers together have few enough values for a tensor on a GPU, whose
// kernels index with 32 bits.
func (p *pairing) fits() bool {
	for _, two := range [][2]*gorgonia.Node{p.inputs, p.fields} {
		if two[0].Shape().TotalSize() > math.MaxInt32-two[1].Shape().TotalSize() {
			return false
		}
	}
	return true
}

// layerOf returns the layer of a field n as a pairing that has only its first layer and a draw. It is ok if
// the means of the layer, and perhaps a draw, follow n at once, and nothing else reads n.
func (c *compiler) layerOf(n *gorgonia.Node) (p *pairing, ok bool) {
	op, in := c.launched(n)
	if !is[Field](op) || !c.own(n) || !c.own(in[0]) {
		return nil, false
	}
	p = &pairing{}
	p.fields[0], p.inputs[0] = n, in[0]
	at := c.position(n)
	for k, reader := range c.readers[n.ID()] {
		if reader != at+1+k {
			return nil, false
		}
		switch body := c.order[reader].Op().(Op).Body.(type) {
		case Mean:
			if body.Place != (place{}) || p.means[0] != nil {
				return nil, false
			}
			p.means[0] = c.order[reader]
		case Sample:
			if body.Place != (place{}) || p.draw != nil {
				return nil, false
			}
			p.draw = c.order[reader]
		default:
			return nil, false
		}
	}
	return p, p.means[0] != nil && c.own(p.means[0])
}

// own reports whether a node may have a slot, a buffer that is not a variable's: it is no variable and is
// assigned to none, and it is not read after a run.
func (c *compiler) own(n *gorgonia.Node) bool { return c.temporary(n) && c.names[n.ID()] == "" }

// alike reports whether two fields have the same op, weights and bias.
func (c *compiler) alike(first, second *gorgonia.Node) bool {
	op, in := c.launched(first)
	other, otherIn := c.launched(second)
	return Op{op}.String() == Op{other}.String() && slices.Equal(in[1:], otherIn[1:])
}

// sameOp reports whether two nodes have the same op with the same parameters.
func sameOp(first, second *gorgonia.Node) bool {
	return first.Op().(Op).String() == second.Op().(Op).String()
}

// placePairings gives the nodes of the pairings slots, the second layer's right behind the first's, and
// keeps inputs and fields until both layers are done.
func (c *compiler) placePairings() {
	for _, p := range c.pairings {
		for _, two := range [][2]*gorgonia.Node{p.inputs, p.fields, p.means} {
			first, second := &slot{node: two[0]}, &slot{node: two[1]}
			first.beside = second
			c.slots = append(c.slots, first, second)
			c.given[two[0].ID()], c.given[two[1].ID()] = first, second
		}
		end := c.position(p.means[1])
		if p.draw != nil {
			end = max(end, c.position(p.draw))
		}
		for _, n := range []*gorgonia.Node{p.inputs[0], p.inputs[1], p.fields[0], p.fields[1]} {
			c.hold(n, end)
		}
	}
}

// holdOperands keeps the operands of launches that are made together until all of these are done.
func (c *compiler) holdOperands() {
	for i := 0; i < len(c.order); i++ {
		first := i
		op, _ := c.launched(c.order[first])
		if !together(op) {
			continue
		}
		for i+1 < len(c.order) && c.follows(op, c.order[i+1]) {
			i++
		}
		for _, n := range c.order[first : i+1] {
			_, in := c.launched(n)
			for _, input := range in {
				c.hold(input, i)
			}
		}
	}
}

// together reports whether successive launches of an op may be made together.
func together(op Body) bool {
	return is[CenteredDot](op) || is[Means](op) || is[Difference](op)
}

// follows reports whether the launch of n may be made together with the launch of an op before it:
// centered dots with centered dots, and means with means or with their differences.
func (c *compiler) follows(op Body, n *gorgonia.Node) bool {
	next, _ := c.launched(n)
	return together(next) && is[CenteredDot](op) == is[CenteredDot](next)
}

// hold keeps the buffer of a node until the launch at a position is done.
func (c *compiler) hold(n *gorgonia.Node, position int) {
	if c.temporary(n) {
		c.held[n.ID()] = max(c.held[n.ID()], position)
	}
}
