package engine

import (
	"slices"

	"gorgonia.org/gorgonia"
)

// activation is the op of a layer in one launch: its field, the means of its units, and a draw of
// their states. It has several results, so it holds its buffers itself.
type activation struct {
	field       Field
	x, w, b     Buffer // of the field; x is nil if the field is there
	before, was Buffer // an earlier field and the x that it belongs to, to compute the field from; or nil
	z           Buffer // the field, or room for it
	wanted      bool   // others read the field

	ahead               int // of a mean on the path of annealing, how far its beta is ahead of the clock
	base, betas, levels Buffer
	clock               Buffer
	mean                Buffer
	unread              bool // only the draw reads the mean

	sample Sample
	state  Buffer // or nil
}

// fuse joins launches that follow each other: take makes the last one of some of the next launches
// do the work of all of them, and returns their number.
func (c *compiler) fuse(take func(next []launch) int) {
	var joined []launch
	for rest := c.plan.launches; len(rest) > 0; {
		size := take(rest)
		joined, rest = append(joined, rest[size-1]), rest[size:]
	}
	c.plan.launches = joined
}

// fuseActivation joins the launches of one layer: a field and the mean that comes next, which has
// to be its only reader unless the device launches changed fields, and a mean and the draw of its
// states. None may write over what the field is still computed from.
func (c *compiler) fuseActivation(next []launch) int {
	a, size := c.activationOf(next)
	if size > 1 {
		l := &next[size-1]
		l.op, l.out, l.in = a, nil, nil
	}
	return size
}

// activationOf returns the op for the next launches of one layer, and their number.
func (c *compiler) activationOf(next []launch) (a *activation, size int) {
	a = &activation{}
	if a.takeField(next[0]) && len(next) > 1 {
		a.wanted = !c.onlyRead(next[0].node, next[1])
		if a.wanted && !(c.fuses.changes && operands(next[1].node)[0] == next[0].node) {
			return nil, 1
		}
		size++
	}
	mean := next[size]
	switch m := mean.op.(type) {
	case Mean:
	case TemperedMean:
		a.ahead = m.Ahead
		a.base, a.betas, a.clock = mean.in[1], mean.in[2], mean.in[3]
	case LadderMean:
		a.base, a.betas, a.levels = mean.in[1], mean.in[2], mean.in[3]
	default:
		return nil, 1
	}
	a.z, a.mean = mean.in[0], mean.out
	size++
	if len(next) > size {
		draw := next[size]
		if s, ok := draw.op.(Sample); ok && operands(draw.node)[0] == mean.node && !a.reads(draw.out) &&
			(a.clock == nil || a.clock == draw.in[1]) {
			a.sample, a.state, a.clock = s, draw.out, draw.in[1]
			a.unread = c.onlyRead(mean.node, draw)
			size++
		}
	}
	if a.reads(a.mean) && !a.unread {
		return nil, 1
	}
	return a, size
}

// reads reports whether the field is computed from a matrix.
func (a *activation) reads(b Buffer) bool {
	return slices.Contains([]Buffer{a.x, a.w, a.before, a.was}, b)
}

// takeField takes the operands of a field from its launch, and reports whether it is one.
func (a *activation) takeField(l launch) bool {
	in := l.in
	switch f := l.op.(type) {
	case Field:
		a.field = f
	case ChangedField:
		a.field, a.before, a.was = f.Field, in[0], in[1]
		in = in[2:]
	default:
		return false
	}
	a.x, a.w, a.b = in[0], in[1], in[2]
	return true
}

// onlyRead reports whether a launch is the only reader of a node's value.
func (c *compiler) onlyRead(n *gorgonia.Node, by launch) bool {
	readers := c.readers[n.ID()]
	return !c.kept[n.ID()] && len(readers) == 1 && c.order[readers[0]] == by.node
}

// operands are the buffers that an activation reads. Some may be nil.
func (a *activation) operands() []Buffer {
	in := []Buffer{a.x, a.w, a.b, a.before, a.was, a.base, a.betas, a.levels, a.clock}
	if a.x == nil {
		in = append(in, a.z)
	}
	return in
}

// results are the buffers that others may read after an activation.
func (a *activation) results() []Buffer {
	var out []Buffer
	if a.x != nil && a.wanted {
		out = append(out, a.z)
	}
	if !a.unread {
		out = append(out, a.mean)
	}
	if a.state != nil {
		out = append(out, a.state)
	}
	return out
}

// update is the op of a move along a gradient that nothing else reads: a device that moves one part
// of the parameter after the other need not write the gradient. Its operands are the ascend's
// operands, of which the gradient, operand 2, is not read, and behind them the gradient's operands.
type update struct{ ascend Ascend }

// operands returns the operands of the ascend and of the gradient.
func (update) operands(in []Buffer) (ascend, gradient []Buffer) {
	return in[:len(in)-4], in[len(in)-4:]
}

// fuseUpdate joins a gradient and the move that is its only reader.
func (c *compiler) fuseUpdate(next []launch) int {
	if len(next) < 2 {
		return 1
	}
	gradient, move := &next[0], &next[1]
	ascend, ok := move.op.(Ascend)
	if _, is := gradient.op.(Gradient); !ok || !is || !c.onlyRead(gradient.node, *move) ||
		move.in[2] != gradient.out || slices.Contains(gradient.in, move.out) {
		return 1
	}
	move.op, move.in = update{ascend}, slices.Concat(move.in, gradient.in)
	return 2
}
