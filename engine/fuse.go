package engine

import (
	"slices"

	"gorgonia.org/gorgonia"
)

// activation is the op of a whole layer in one launch: its field, the means of its units, and a
// draw of their states. It has several results, so it holds its buffers itself.
type activation struct {
	field       Field
	x, w, b     Buffer // operands of the field; x is nil if the field is given
	before, was Buffer // of a ChangedField, the earlier field from which z derives and the x of that field; else nil
	z           Buffer // the field, or room for it
	wanted      bool   // other ops read the field, so it must be stored

	units Units
	place place
	path  [3]Buffer // operands of the path (see Path); nil on the model itself
	mean  Buffer    // or nil

	draw  Draw
	clock Buffer // of the draw
	state Buffer // or nil
}

// fuse joins successive launches. take joins the first launches of next, as many as it can: it turns
// the last of these into a launch that does the work of all, and returns their number, which is 1 if
// it joins none.
func (c *compiler) fuse(take func(next []launch) int) {
	var joined []launch
	for rest := c.plan.launches; len(rest) > 0; {
		size := take(rest)
		joined, rest = append(joined, rest[size-1]), rest[size:]
	}
	c.plan.launches = joined
}

// fuseActivation joins the launches of one layer: a field, and the mean and the draw of its
// units. Where the field has other readers, it does so only if the device's fusions include changes:
// the launch then stores the field too.
func (c *compiler) fuseActivation(next []launch) int {
	a, size := c.activationOf(next)
	if size > 1 {
		l := &next[size-1]
		l.op, l.out, l.in = a, nil, nil
	}
	return size
}

// activationOf returns the op that joins the next launches of one layer, and their number. If it joins
// none, it returns nil and 1.
func (c *compiler) activationOf(next []launch) (a *activation, size int) {
	a = &activation{}
	if a.takeField(next[0]) {
		a.z = next[0].out
		size++
	}
	fields := size // 1 if the field is joined, else 0
	for size < len(next) && size < fields+2 && a.takeUnits(next[size]) {
		size++
	}
	if size == fields {
		return nil, 1
	}
	if fields == 1 {
		a.wanted = !c.onlyRead(next[0].node, next[1:size])
		if a.wanted && !c.fuses.changes {
			return nil, 1
		}
	}
	return a, size
}

// pathOf returns the operands of a path in the form that an activation holds.
func pathOf(in []Buffer) (path [3]Buffer) {
	copy(path[:], in)
	return path
}

// takeUnits takes over l, the launch of a mean or a draw. It reports whether it could: l must agree
// with the field, units and path that a already has, and its result must not overwrite an operand of
// the field.
func (a *activation) takeUnits(l launch) bool {
	var units Units
	var at place
	path := l.in[1:]
	switch op := l.op.(type) {
	case Mean:
		if a.mean != nil {
			return false
		}
		units, at = op.Units, op.Place
	case Sample:
		if a.state != nil {
			return false
		}
		units, at, path = op.Units, op.Place, l.in[2:]
	default:
		return false
	}
	if a.z != nil && a.z != l.in[0] || a.reads(l.out) {
		return false
	}
	if a.mean != nil || a.state != nil {
		if at != a.place || !slices.Equal(units, a.units) || !slices.Equal(path, a.path[:len(path)]) {
			return false
		}
	}
	a.z, a.units, a.place = l.in[0], units, at
	a.path = pathOf(path)
	if draw, ok := l.op.(Sample); ok {
		a.draw, a.clock, a.state = draw.Draw, l.in[1], l.out
	} else {
		a.mean = l.out
	}
	return true
}

// reads reports whether the field is computed from b.
func (a *activation) reads(b Buffer) bool {
	return a.x != nil && slices.Contains([]Buffer{a.x, a.w, a.before, a.was}, b)
}

// takeField takes over the launch of a field. It reports whether l is one.
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

// onlyRead reports whether the given launches are the only readers of a node's value.
func (c *compiler) onlyRead(n *gorgonia.Node, by []launch) bool {
	if c.kept[n.ID()] {
		return false
	}
	for _, reader := range c.readers[n.ID()] {
		if !slices.ContainsFunc(by, func(l launch) bool { return l.node == c.order[reader] }) {
			return false
		}
	}
	return true
}

// operands returns the buffers that an activation reads. Some may be nil.
func (a *activation) operands() []Buffer {
	in := append([]Buffer{a.x, a.w, a.b, a.before, a.was, a.clock}, a.path[:]...)
	if a.x == nil {
		in = append(in, a.z)
	}
	return in
}

// results returns the buffers that an activation writes: those that other ops may read, and the room
// for fields of units with several columns, which are stored in any case.
func (a *activation) results() []Buffer {
	var out []Buffer
	if a.x != nil && (a.wanted || a.units.Several()) {
		out = append(out, a.z)
	}
	if a.mean != nil {
		out = append(out, a.mean)
	}
	if a.state != nil {
		out = append(out, a.state)
	}
	return out
}

// update is the op of a move along a gradient that has no other reader. A device that updates the
// parameter part by part need not store the gradient. The operands of the move come first, then
// the four operands of the gradient. Operand 2 of the move, the gradient itself, is not read.
type update struct {
	ascend   Ascend
	gradient Gradient
}

// split splits the operands of an update.
func (update) split(in []Buffer) (ascend, gradient []Buffer) {
	return in[:len(in)-4], in[len(in)-4:]
}

// fuseUpdate joins a gradient and the move that is its only reader.
func (c *compiler) fuseUpdate(next []launch) int {
	if len(next) < 2 {
		return 1
	}
	gradient, move := &next[0], &next[1]
	ascend, ok := move.op.(Ascend)
	g, isGradient := gradient.op.(Gradient)
	if !ok || !isGradient || !c.onlyRead(gradient.node, next[1:2]) ||
		move.in[2] != gradient.out || slices.Contains(gradient.in, move.out) {
		return 1
	}
	move.op, move.in = update{ascend, g}, slices.Concat(move.in, gradient.in)
	return 2
}
