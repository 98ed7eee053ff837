package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Sweep is the op that draws the units of a layer with couplings among them one by one, each given the
// others, on a path (see [kernels.SweepRows]).
type Sweep struct {
	pure
	Units Units
	Place place
	Draw  Draw
	Held  bool // some units keep their states
	// Backward is the order from the last unit to the first. At equilibrium it is the reverse of a sweep in the other
	// order.
	Backward bool
}

// NewSweep returns the states (B,V) of units after one sweep from the states v (B,V), whose fields given
// these states are y (B,V), with the couplings (V,V), drawn at the clock (3). Where free (B,V) is 0 in the
// first column of a unit, the unit keeps its state; a nil free stands for 1. NewSweep panics if the path is
// along a schedule at another clock. s has the units, the draw and the direction.
func NewSweep(v, y, couplings, clock, free *gorgonia.Node, path Path, s Sweep) *gorgonia.Node {
	if path.Clock != nil && path.Clock != clock {
		panic("engine: a draw needs the clock of its path")
	}
	var in []*gorgonia.Node
	s.Place, in = path.operands()
	s.Held = free != nil
	all := []*gorgonia.Node{v, y, couplings, clock}
	if free != nil {
		all = append(all, free)
	}
	return apply(s, append(all, in...)...)
}

// indices returns the indices of two of n operands: of the mask of free units, or n if there is none, and of the
// first operand of the path.
func (s Sweep) indices(n int) (free, path int) {
	if s.Held {
		return 4, 5
	}
	return n, 4
}

func (s Sweep) signature() signature {
	in := []operand{matrix32, matrix32, matrix32, integers}
	if s.Held {
		in = append(in, matrix32)
	}
	return signature{"sweep", append(in, s.Place.inputs()...), matrix32}
}

func (s Sweep) shape(in []tensor.Shape) (tensor.Shape, error) {
	columns := in[0][1]
	free, path := s.indices(len(in))
	err := cmp.Or(want("the fields", in[1], in[0]...), want("the couplings", in[2], columns, columns),
		want("the clock", in[3], ClockSize), fits(s.Units, "the states", columns), s.Place.check(in[0], in[path:]))
	if err == nil && s.Held {
		err = want("the mask", in[free], in[0]...)
	}
	return in[0].Clone(), err
}

func (s Sweep) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := out.Shape()[0], out.Shape()[1]
	free, path := s.indices(len(in))
	states := kernels.NewStates(rows, columns)
	states.Units = s.Units
	states.Pack(float32s(in[0]), rows)
	sweep := kernels.Sweep{
		Rows: rows, Columns: columns, Units: s.Units, States: states, Field: float32s(in[1]), Lateral: float32s(in[2]),
		Backward: s.Backward, Path: s.Place.path(rows, in[path:]), Draw: s.Draw.at(int32s(in[3])),
		Room: make([]float32, kernels.RoomForSweep(columns)),
	}
	if s.Held {
		sweep.Free = float32s(in[free])
	}
	kernels.SweepRows(sweep, 0, rows)
	states.Unpack(float32s(out), rows)
}
