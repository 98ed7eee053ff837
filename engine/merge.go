package engine

import (
	"slices"

	"gorgonia.org/gorgonia"
)

// activation is one launch for a layer: its field, the means of its units, and a draw of their
// states.
type activation struct {
	field       Field  // of x, w and b, computed by way of z;
	x, w, b     Buffer // x is nil if z is the field
	before, was Buffer // fields of an earlier x, and that; or nil
	z           Buffer
	wanted      bool // others read the field, which therefore has to be there afterwards

	ahead               int // of the clock, in betas, of means on a path of annealing
	base, betas, levels Buffer
	clock               Buffer
	mean                Buffer
	unread              bool // nobody but the draw reads the mean

	sample Sample
	state  Buffer // or nil
}

// merge joins launches that follow each other: take says how many of the next ones the
// last of them can stand for, and makes it do so.
func (c *compiler) merge(take func(next []launch) int) {
	var merged []launch
	for rest := c.plan.launches; len(rest) > 0; {
		size := take(rest)
		merged, rest = append(merged, rest[size-1]), rest[size:]
	}
	c.plan.launches = merged
}

// mergeActivation joins the launches of one layer: a field and the mean that comes next, which has
// to be its only reader unless the device follows fields, and a mean and the draw of its
// states. None may write over what the field is still computed from.
func (c *compiler) mergeActivation(next []launch) int {
	a, size := c.mergeable(next)
	if size > 1 {
		next[size-1].activation = a
	}
	return size
}

// mergeable returns how many of the next launches are those of one layer, and what to
// launch for them.
func (c *compiler) mergeable(next []launch) (a *activation, size int) {
	a = &activation{}
	if a.takeField(next[0]) && len(next) > 1 {
		a.wanted = !c.onlyRead(next[0].node, next[1])
		if a.wanted && !(c.changes && operands(next[1].node)[0] == next[0].node) {
			return nil, 1
		}
		size++
	}
	mean := next[size]
	switch m := mean.op.Body.(type) {
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
		if s, ok := draw.op.Body.(Sample); ok && operands(draw.node)[0] == mean.node && !a.reads(draw.out) &&
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

// takeField takes over the launch of a field, and reports whether it is one.
func (a *activation) takeField(l launch) bool {
	in := l.in
	switch f := l.op.Body.(type) {
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

// onlyRead reports whether a launch is the only one that wants a node's value.
func (c *compiler) onlyRead(n *gorgonia.Node, by launch) bool {
	readers := c.readers[n.ID()]
	return !c.kept[n.ID()] && len(readers) == 1 && c.order[readers[0]] == by.node
}

// fill puts buffers in the place of slots.
func (a *activation) fill() {
	for _, b := range []*Buffer{&a.x, &a.w, &a.b, &a.before, &a.was, &a.z, &a.base, &a.betas, &a.levels, &a.clock, &a.mean, &a.state} {
		*b = filled(*b)
	}
}

// update is the launch of a move along a gradient that is of no other use: a device that
// moves one part of the parameter after the other need not write the gradient.
type update struct {
	ascend Ascend
	next   Buffer
	in     []Buffer // of the ascend; the gradient, in[2], is not computed
	phases []Buffer // of the gradient: v, p, vm, pm
}

// mergeUpdate joins a gradient and the move that is its only reader.
func (c *compiler) mergeUpdate(next []launch) int {
	if len(next) < 2 {
		return 1
	}
	gradient, move := &next[0], &next[1]
	ascend, ok := move.op.Body.(Ascend)
	if _, is := gradient.op.Body.(Gradient); !ok || !is || !c.onlyRead(gradient.node, *move) ||
		move.in[2] != gradient.out || slices.Contains(gradient.in, move.out) {
		return 1
	}
	move.update = &update{ascend, move.out, move.in, gradient.in}
	return 2
}

// fill puts buffers in the place of slots.
func (u *update) fill() {
	u.next = filled(u.next)
	for _, buffers := range [][]Buffer{u.in, u.phases} {
		for i, b := range buffers {
			buffers[i] = filled(b)
		}
	}
}
