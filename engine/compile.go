package engine

import (
	"cmp"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Compile compiles a graph over the variables of s. Every op of the graph must be of this
// package, and every input must be the name of a variable of s. The values of the nodes keep can
// be read after a run.
func Compile(g *gorgonia.ExprGraph, s *State, keep ...*gorgonia.Node) (*Plan, error) {
	c := &compiler{
		plan:    &Plan{device: s.device, buffers: map[int64]Buffer{}},
		state:   s,
		readers: map[int64][]int{},
		target:  map[int64]*gorgonia.Node{},
		names:   map[int64]string{},
		kept:    map[int64]bool{},
		given:   map[int64]*slot{},
		held:    map[int64]int{},
	}
	if d, ok := s.device.(fuser); ok {
		c.fuses = d.fuses()
	}
	for _, n := range keep {
		c.kept[n.ID()] = true
	}
	if err := c.schedule(g); err != nil {
		return nil, err
	}
	if c.fuses.together {
		c.placePairings()
		c.holdOperands()
	}
	c.giveBuffers()
	if err := c.allocate(); err != nil {
		return nil, err
	}
	c.fuseAll() // after allocate, as some fused ops hold buffers themselves
	if _, ok := s.device.(brancher); ok {
		c.splitSteps()
		c.findBranches()
	}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	if _, ok := s.device.(gatherer); ok {
		c.gather()
	}
	if all := c.plan.launches; len(all) == 1 {
		c.plan.name = all[0].name
	} else if len(all) > 1 {
		c.plan.name = fmt.Sprintf("the %d launches from %s to %s", len(all), all[0].name, all[len(all)-1].name)
	}
	return c.plan, nil
}

// fuseAll joins launches as far as the device can launch the fused ops.
func (c *compiler) fuseAll() {
	if c.fuses.activations {
		c.fuse(c.fuseActivation)
	}
	if c.fuses.updates {
		c.fuse(c.fuseUpdate)
	}
	if c.fuses.overlaps {
		c.fuse(c.fuseGradientTotal)
	}
	if c.fuses.totals {
		c.fuse(c.fuseTotals)
	}
	if c.fuses.together {
		c.fuse(c.fuseTwoLayers)
		c.fuse(c.fuseDots)
		c.fuse(c.fuseLayers)
		c.fuse(c.fuseSteps)
	}
}

// prepare lets a preparer make room for the launches.
func (c *compiler) prepare() error {
	d, ok := c.plan.device.(preparer)
	if !ok {
		return nil
	}
	for i := range c.plan.launches {
		l := &c.plan.launches[i]
		if err := d.prepare(l); err != nil {
			return fmt.Errorf("engine: %s: %w", l.name, err)
		}
	}
	return nil
}

// compiler holds a graph and its analysis while Compile assigns the buffers.
type compiler struct {
	plan     *Plan
	state    *State
	order    []*gorgonia.Node         // nodes with an op, operands first; assignments last
	readers  map[int64][]int          // by node, the positions in order of its readers
	target   map[int64]*gorgonia.Node // by value, the variable that it is assigned to in place
	names    map[int64]string         // by value, the variable that it is assigned to; of several, the last
	kept     map[int64]bool           // nodes whose values are read after a run
	fuses    fusions                  // fused ops that the device can launch
	pairings []*pairing               // layers that one launch computes; at most one for each shard
	given    map[int64]*slot          // by node of a pairing, the slot that it must have
	held     map[int64]int            // by node, the position in order until which its buffer is kept
	slots    []*slot
	free     []Buffer // slots that no later node reads
}

// slot stands for a buffer until all buffers are known.
type slot struct {
	node   *gorgonia.Node // the first node that it is for
	buffer Buffer
	beside *slot // whose buffer lies right behind this one; or nil
}

func (s *slot) Dtype() tensor.Dtype { return s.node.Dtype() }
func (s *slot) Shape() tensor.Shape { return s.node.Shape() }

// schedule looks up the variables and orders the nodes: in the order of their creation, which puts
// operands first, unless arrange moves them; assignments come last.
func (c *compiler) schedule(g *gorgonia.ExprGraph) error {
	var assignments []*gorgonia.Node
	for _, n := range g.AllNodes() {
		if n.Op() == nil {
			b, err := c.state.input(n.Name(), n.Dtype(), n.Shape())
			if err != nil {
				return err
			}
			c.plan.buffers[n.ID()] = b
			continue
		}
		if _, ok := n.Op().(Op); !ok {
			return fmt.Errorf("engine: node %v has an op of type %T, want one of this package", n, n.Op())
		}
		if isAssignment(n) {
			assignments = append(assignments, n)
		} else {
			c.order = append(c.order, n)
		}
	}
	c.order = append(c.order, assignments...)
	for _, n := range assignments {
		c.names[operands(n)[1].ID()] = operands(n)[0].Name()
	}
	c.findReaders()
	if c.fuses.together {
		c.arrange()
		c.findReaders()
	}
	c.findTargets(assignments)
	return nil
}

// findTargets finds the values that can be computed in the buffer of the variable that they are
// assigned to.
func (c *compiler) findTargets(assignments []*gorgonia.Node) {
	for _, n := range assignments {
		variable, value := operands(n)[0], operands(n)[1]
		if !c.assignable(variable, value) {
			continue
		}
		c.target[value.ID()] = variable
		if moved := operands(value)[0]; is[Shrink](value.Op().(Op).Body) && c.movedInPlace(variable, moved) {
			c.target[moved.ID()], c.names[moved.ID()] = variable, variable.Name()
		}
	}
}

// movedInPlace reports whether a value that only a Shrink reads can be computed in the buffer of the
// variable that the result is assigned to, so that the parameter is moved and shrunk in place.
func (c *compiler) movedInPlace(variable, value *gorgonia.Node) bool {
	return c.temporary(value) && len(c.readers[value.ID()]) == 1 && c.assignable(variable, value)
}

// findReaders lists the readers of each node in the order of the nodes.
func (c *compiler) findReaders() {
	clear(c.readers)
	for i, n := range c.order {
		_, in := c.launched(n)
		for _, input := range in {
			c.readers[input.ID()] = append(c.readers[input.ID()], i)
		}
	}
}

// assignable reports whether value can be computed in the variable's own buffer: whether all readers
// of the variable's old value come before value, or are the op that computes value and can run in
// place.
func (c *compiler) assignable(variable, value *gorgonia.Node) bool {
	if c.target[value.ID()] != nil {
		return false
	}
	written := c.position(value)
	for _, reader := range c.readers[variable.ID()] {
		n := c.order[reader]
		if isAssignment(n) {
			continue
		}
		if reader > written {
			return false
		}
		if reader == written {
			op, in := c.launched(n)
			for i, input := range in {
				if input == variable && !op.inPlace(i) {
					return false
				}
			}
		}
	}
	return true
}

// launched returns the op that the device launches for a node, and its operands. They are the node's
// own, but a device without changed fields launches a Field in place of a ChangedField.
func (c *compiler) launched(n *gorgonia.Node) (op Body, in []*gorgonia.Node) {
	op, in = n.Op().(Op).Body, operands(n)
	if changed, ok := op.(ChangedField); ok && !c.fuses.changes {
		return changed.Field, changed.afresh(in)
	}
	return op, in
}

// giveBuffers gives every node the buffer of a variable or a slot, and lists the launches. A slot is
// free again after its last reader, or for the result of that reader if the op can run in place.
func (c *compiler) giveBuffers() {
	for i, n := range c.order {
		op, in := c.launched(n)
		if isAssignment(n) {
			variable, value := c.plan.buffers[in[0].ID()], c.plan.buffers[in[1].ID()]
			c.plan.buffers[n.ID()] = variable
			if variable != value {
				c.add(n, op, variable, []Buffer{nil, value})
			}
			continue
		}
		done := func(input *gorgonia.Node) bool { // no later launch reads the input, or needs its buffer
			return c.temporary(input) && last(c.readers[input.ID()]) == i && c.held[input.ID()] <= i
		}
		buffers := make([]Buffer, len(in))
		var spent Buffer // of an operand that the result may overwrite
		for j, input := range in {
			buffers[j] = c.plan.buffers[input.ID()]
			// An op that may overwrite one operand may still read another, which must then be another node.
			once := !slices.Contains(in[:j], input) && !slices.Contains(in[j+1:], input)
			if done(input) && op.inPlace(j) && once {
				spent = buffers[j]
			}
		}
		out := c.buffer(n, spent)
		c.plan.buffers[n.ID()] = out
		c.add(n, op, out, buffers)
		for _, input := range distinct(in) {
			if b := c.plan.buffers[input.ID()]; done(input) && b != out {
				c.free = append(c.free, b)
			}
		}
		if len(c.held) > 0 {
			c.release(i)
		}
	}
}

// release frees the buffers that were held beyond their last readers, up to the given position.
func (c *compiler) release(position int) {
	for _, n := range c.order[:position] {
		if until, ok := c.held[n.ID()]; ok && until == position && last(c.readers[n.ID()]) < position {
			c.free = append(c.free, c.plan.buffers[n.ID()])
		}
	}
}

// allocate allocates the buffers of the slots.
func (c *compiler) allocate() error {
	if d, ok := c.plan.device.(reserver); ok {
		if err := d.reserve(c.slots); err != nil {
			return fmt.Errorf("engine: the plan's buffers: %w", err)
		}
	}
	for _, s := range c.slots {
		var err error
		switch {
		case s.buffer != nil: // allocated with the slot before, which it lies beside
		case s.beside != nil:
			s.buffer, s.beside.buffer, err = c.plan.device.(preparer).allocBeside(s.Dtype(), s.Shape(), s.beside.Shape())
		default:
			s.buffer, err = c.plan.device.Alloc(s.Dtype(), s.Shape())
		}
		if err != nil {
			return fmt.Errorf("engine: node %v %v: %w", s.node, s.Shape(), err)
		}
	}
	for id, b := range c.plan.buffers {
		c.plan.buffers[id] = filled(b)
	}
	for i := range c.plan.launches {
		l := &c.plan.launches[i]
		l.out = filled(l.out)
		for j, b := range l.in {
			l.in[j] = filled(b)
		}
	}
	return nil
}

// filled returns the buffer of a slot; any other buffer it returns unchanged.
func filled(b Buffer) Buffer {
	if s, ok := b.(*slot); ok {
		return s.buffer
	}
	return b
}

// temporary reports whether a node's buffer is free after its last reader. For a value that is
// assigned, the last reader is the assignment.
func (c *compiler) temporary(n *gorgonia.Node) bool { return n.Op() != nil && !c.kept[n.ID()] }

// add appends the launch of a node to the plan.
func (c *compiler) add(n *gorgonia.Node, op Body, out Buffer, in []Buffer) {
	name := fmt.Sprintf("%s %v", cmp.Or(c.names[n.ID()], n.Name()), n.Shape())
	c.plan.launches = append(c.plan.launches, launch{node: n, name: name, op: op, out: out, in: in})
}

// buffer returns the buffer for n: the variable that n is assigned to, the slot that is given, spent
// (the buffer of an operand, if not nil), a free slot, or a new one.
func (c *compiler) buffer(n *gorgonia.Node, spent Buffer) Buffer {
	if variable := c.target[n.ID()]; variable != nil {
		return c.plan.buffers[variable.ID()]
	}
	if s := c.given[n.ID()]; s != nil {
		return s
	}
	if spent != nil {
		return spent
	}
	// Shape.Eq would take a row of a matrix for a vector.
	for i, b := range c.free {
		if b.Dtype() == n.Dtype() && slices.Equal(b.Shape(), n.Shape()) {
			c.free = append(c.free[:i], c.free[i+1:]...)
			return b
		}
	}
	s := &slot{node: n}
	c.slots = append(c.slots, s)
	return s
}

// position returns the index of a node in order.
func (c *compiler) position(n *gorgonia.Node) int {
	for i, m := range c.order {
		if m == n {
			return i
		}
	}
	panic("engine: a node without a place in the order")
}

func isAssignment(n *gorgonia.Node) bool {
	op, ok := n.Op().(Op)
	if !ok {
		return false
	}
	_, ok = op.Body.(assignment)
	return ok
}

// operands returns the operands of a node, in order.
func operands(n *gorgonia.Node) []*gorgonia.Node {
	var nodes []*gorgonia.Node
	for it := n.Graph().From(n.ID()); it.Next(); {
		nodes = append(nodes, it.Node().(*gorgonia.Node))
	}
	return nodes
}

// distinct returns the nodes without repetitions.
func distinct(nodes []*gorgonia.Node) []*gorgonia.Node {
	var set []*gorgonia.Node
	seen := map[int64]bool{}
	for _, n := range nodes {
		if !seen[n.ID()] {
			seen[n.ID()] = true
			set = append(set, n)
		}
	}
	return set
}

func last(positions []int) int { return positions[len(positions)-1] }
