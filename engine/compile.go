package engine

import (
	"cmp"
	"fmt"

	"gorgonia.org/gorgonia"
)

// Plan is a graph made ready for one device: launches in order, over buffers that
// were placed once. A Plan is used by one goroutine at a time.
type Plan struct {
	device   Device
	launches []launch
	buffers  map[int64]Buffer // by node
}

type launch struct {
	node *gorgonia.Node
	name string // of the variable that the node is assigned to, else of the node
	op   Op
	out  Buffer
	in   []Buffer
}

// Run launches the whole graph once. Where a kernel finds a parameter that is no
// longer finite, the error wraps a *Fault and names the variable.
func (p *Plan) Run() error {
	for i := range p.launches {
		l := &p.launches[i]
		if err := l.op.launch(p.device, l.out, l.in); err != nil {
			return fmt.Errorf("engine: %s %v: %w", l.name, l.node.Shape(), err)
		}
	}
	return nil
}

// Read copies what the last run left in a node that Compile was told to keep.
func (p *Plan) Read(n *gorgonia.Node, dst any) error {
	return p.device.Download(dst, p.buffers[n.ID()])
}

// Compile makes a graph ready to run over the variables of s. Every op of the graph
// must be one of this package, and every input a variable of s by its name. The values
// of the nodes to keep can be read after a run.
func Compile(g *gorgonia.ExprGraph, s *State, keep ...*gorgonia.Node) (*Plan, error) {
	c := &compiler{
		plan:    &Plan{device: s.device, buffers: map[int64]Buffer{}},
		state:   s,
		readers: map[int64][]int{},
		target:  map[int64]*gorgonia.Node{},
		names:   map[int64]string{},
		kept:    map[int64]bool{},
	}
	for _, n := range keep {
		c.kept[n.ID()] = true
	}
	if err := c.schedule(g); err != nil {
		return nil, err
	}
	if err := c.place(); err != nil {
		return nil, err
	}
	return c.plan, nil
}

// compiler holds what Compile knows of a graph while it places the buffers.
type compiler struct {
	plan    *Plan
	state   *State
	order   []*gorgonia.Node         // nodes with an op, operands first; assignments last
	readers map[int64][]int          // per node, the positions in order of its readers
	target  map[int64]*gorgonia.Node // per value, the variable it is assigned to in place
	names   map[int64]string         // per value, the variable it is assigned to
	kept    map[int64]bool           // nodes whose values are read after a run
	free    []Buffer
}

// schedule looks up the variables and puts the nodes in order: as they were made,
// which has operands first, and the assignments after everything else.
func (c *compiler) schedule(g *gorgonia.ExprGraph) error {
	var assignments []*gorgonia.Node
	for _, n := range g.AllNodes() {
		if n.Op() == nil {
			b, err := c.state.operand(n.Name(), n.Dtype(), n.Shape())
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
	for i, n := range c.order {
		for _, operand := range operands(n) {
			c.readers[operand.ID()] = append(c.readers[operand.ID()], i)
		}
	}
	for _, n := range assignments {
		variable, value := operands(n)[0], operands(n)[1]
		c.names[value.ID()] = variable.Name()
		if c.assignable(variable, value) {
			c.target[value.ID()] = variable
		}
	}
	return nil
}

// assignable reports whether value can be computed in the variable's own buffer:
// whether everybody who wants the old value has read it by then.
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
			for i, operand := range operands(n) {
				if operand == variable && !n.Op().(Op).inPlace(i) {
					return false
				}
			}
		}
	}
	return true
}

// place gives every node a buffer and lists the launches. A buffer is used again as
// soon as its last reader has run.
func (c *compiler) place() error {
	for i, n := range c.order {
		in := operands(n)
		if isAssignment(n) {
			variable, value := c.plan.buffers[in[0].ID()], c.plan.buffers[in[1].ID()]
			c.plan.buffers[n.ID()] = variable
			if variable != value {
				c.add(n, variable, []Buffer{nil, value})
			}
			continue
		}
		out, err := c.buffer(n)
		if err != nil {
			return err
		}
		c.plan.buffers[n.ID()] = out
		buffers := make([]Buffer, len(in))
		for j, operand := range in {
			buffers[j] = c.plan.buffers[operand.ID()]
		}
		c.add(n, out, buffers)
		for _, operand := range distinct(in) {
			if c.temporary(operand) && last(c.readers[operand.ID()]) == i {
				c.free = append(c.free, c.plan.buffers[operand.ID()])
			}
		}
	}
	return nil
}

// temporary reports whether a node's buffer is of no use after its last reader. The
// last reader of a value that is assigned is the assignment.
func (c *compiler) temporary(n *gorgonia.Node) bool { return n.Op() != nil && !c.kept[n.ID()] }

func (c *compiler) add(n *gorgonia.Node, out Buffer, in []Buffer) {
	name := cmp.Or(c.names[n.ID()], n.Name())
	c.plan.launches = append(c.plan.launches, launch{node: n, name: name, op: n.Op().(Op), out: out, in: in})
}

// buffer returns the variable that n is assigned to, a buffer that is free again, or
// a new one.
func (c *compiler) buffer(n *gorgonia.Node) (Buffer, error) {
	if variable := c.target[n.ID()]; variable != nil {
		return c.plan.buffers[variable.ID()], nil
	}
	for i, b := range c.free {
		if b.Dtype() == n.Dtype() && b.Shape().Eq(n.Shape()) {
			c.free = append(c.free[:i], c.free[i+1:]...)
			return b, nil
		}
	}
	b, err := c.plan.device.Alloc(n.Dtype(), n.Shape())
	if err != nil {
		return nil, fmt.Errorf("engine: node %v %v: %w", n, n.Shape(), err)
	}
	return b, nil
}

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
