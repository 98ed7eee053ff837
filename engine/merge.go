package engine

import (
	"slices"

	"gorgonia.org/gorgonia"
)

// unit is the launch of a layer in one go: its field, the means of its units, and a draw of
// their states.
type unit struct {
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

// mergeUnit joins the launches of one layer: a field and the mean that comes next, which has
// to be its only reader unless the device follows fields, and a mean and the draw of its
// states. None may write over what the field is still computed from.
func (c *compiler) mergeUnit(next []launch) int {
	u, size := c.mergeable(next)
	if size > 1 {
		next[size-1].unit = u
	}
	return size
}

// mergeable returns how many of the next launches are those of one layer, and what to
// launch for them.
func (c *compiler) mergeable(next []launch) (u *unit, size int) {
	u = &unit{}
	if u.takeField(next[0]) && len(next) > 1 {
		u.wanted = !c.onlyRead(next[0].node, next[1])
		if u.wanted && !(c.changes && operands(next[1].node)[0] == next[0].node) {
			return nil, 1
		}
		size++
	}
	mean := next[size]
	switch m := mean.op.Body.(type) {
	case Mean:
	case TemperedMean:
		u.ahead = m.Ahead
		u.base, u.betas, u.clock = mean.in[1], mean.in[2], mean.in[3]
	case LadderMean:
		u.base, u.betas, u.levels = mean.in[1], mean.in[2], mean.in[3]
	default:
		return nil, 1
	}
	u.z, u.mean = mean.in[0], mean.out
	size++
	if len(next) > size {
		draw := next[size]
		if s, ok := draw.op.Body.(Sample); ok && operands(draw.node)[0] == mean.node && !u.reads(draw.out) &&
			(u.clock == nil || u.clock == draw.in[1]) {
			u.sample, u.state, u.clock = s, draw.out, draw.in[1]
			u.unread = c.onlyRead(mean.node, draw)
			size++
		}
	}
	if u.reads(u.mean) && !u.unread {
		return nil, 1
	}
	return u, size
}

// reads reports whether the field is computed from a matrix.
func (u *unit) reads(b Buffer) bool { return slices.Contains([]Buffer{u.x, u.w, u.before, u.was}, b) }

// takeField takes over the launch of a field, and reports whether it is one.
func (u *unit) takeField(l launch) bool {
	in := l.in
	switch f := l.op.Body.(type) {
	case Field:
		u.field = f
	case ChangedField:
		u.field, u.before, u.was = f.Field, in[0], in[1]
		in = in[2:]
	default:
		return false
	}
	u.x, u.w, u.b = in[0], in[1], in[2]
	return true
}

// onlyRead reports whether a launch is the only one that wants a node's value.
func (c *compiler) onlyRead(n *gorgonia.Node, by launch) bool {
	readers := c.readers[n.ID()]
	return !c.kept[n.ID()] && len(readers) == 1 && c.order[readers[0]] == by.node
}

// fill puts buffers in the place of slots.
func (u *unit) fill() {
	for _, b := range []*Buffer{&u.x, &u.w, &u.b, &u.before, &u.was, &u.z, &u.base, &u.betas, &u.levels, &u.clock, &u.mean, &u.state} {
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
