package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Tape runs a graph on Gorgonia's TapeMachine, every op by its definition in Go. It is slow, and
// the oracle for plans.
type Tape struct {
	graph  *gorgonia.ExprGraph
	state  *State
	values map[int64]gorgonia.Value // of the last run, by node ID
}

// NewTape returns a runner of the graph over the variables of s.
func NewTape(g *gorgonia.ExprGraph, s *State) (*Tape, error) {
	for _, n := range g.AllNodes() {
		if n.Op() != nil {
			continue
		}
		if _, err := s.input(n.Name(), n.Dtype(), n.Shape()); err != nil {
			return nil, err
		}
	}
	return &Tape{graph: g, state: s, values: map[int64]gorgonia.Value{}}, nil
}

// Run runs the whole graph once and then makes its assignments.
func (t *Tape) Run() error {
	for _, n := range t.graph.AllNodes() {
		if n.Op() != nil {
			continue
		}
		value := tensor.New(tensor.Of(n.Dtype()), tensor.WithShape(n.Shape()...))
		if err := t.state.Get(n.Name(), value.Data()); err != nil {
			return err
		}
		if err := gorgonia.Let(n, value); err != nil {
			return fmt.Errorf("engine: variable %s: %w", n.Name(), err)
		}
	}
	machine := gorgonia.NewTapeMachine(t.graph)
	defer machine.Close()
	if err := machine.RunAll(); err != nil {
		return fmt.Errorf("engine: tape machine: %w", err)
	}
	for _, n := range t.graph.AllNodes() {
		t.values[n.ID()] = n.Value()
		if isAssignment(n) {
			if err := t.state.Set(operands(n)[0].Name(), n.Value().Data()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read copies to dst the value of a node in the last run. The error, which [Plan.Read] may have, is always nil.
func (t *Tape) Read(n *gorgonia.Node, dst any) error {
	copyData(dst, t.values[n.ID()].Data())
	return nil
}
