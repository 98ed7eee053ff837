package engine

import (
	"cmp"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Path is a position of units on the path of distributions from a base model to the model: the
// field of a unit is β z + (1-β) base (see [kernels.Path]). The zero Path is the model itself, β
// = 1.
type Path struct {
	Base   *gorgonia.Node // (J), fields of the base model
	Betas  *gorgonia.Node // inverse temperatures: a schedule (K), or a ladder (T) with Levels
	Levels *gorgonia.Node // (B), the level of each row on the ladder; nil for a schedule
	Clock  *gorgonia.Node // (3); on a schedule β is Betas[update+Ahead]
	Ahead  int
}

// place is a path without its operands, as a parameter of an op.
type place struct {
	Along along
	Ahead int
}

// along is what the inverse temperatures of rows depend on.
type along int

const (
	model    along = iota // nothing: they are 1
	schedule              // the clock
	ladder                // the levels of the rows
)

// operands returns the place and the operands of a path.
func (p Path) operands() (place, []*gorgonia.Node) {
	switch {
	case p.Betas == nil:
		return place{}, nil
	case p.Levels != nil:
		return place{Along: ladder}, []*gorgonia.Node{p.Base, p.Betas, p.Levels}
	}
	return place{schedule, p.Ahead}, []*gorgonia.Node{p.Base, p.Betas, p.Clock}
}

// inputs returns the element types and ranks of the operands of a path.
func (p place) inputs() []operand {
	switch p.Along {
	case schedule:
		return []operand{vector32, vector32, integers}
	case ladder:
		return []operand{vector32, vector32, vector32}
	}
	return nil
}

// check returns an error unless the operands of a path fit fields of shape z.
func (p place) check(z tensor.Shape, in []tensor.Shape) error {
	switch p.Along {
	case schedule:
		return cmp.Or(want("the base", in[0], z[1]), want("the clock", in[2], ClockSize))
	case ladder:
		return cmp.Or(want("the base", in[0], z[1]), want("the levels", in[2], z[0]))
	}
	return nil
}

// path returns the path in the form that the kernels take.
func (p place) path(rows int, in []*tensor.Dense) kernels.Path {
	switch p.Along {
	case schedule:
		beta := float32s(in[1])[int(int32s(in[2])[ClockUpdate])+p.Ahead]
		return kernels.Path{Beta: beta, Base: float32s(in[0])}
	case ladder:
		betas := make([]float32, rows)
		kernels.LevelBetas(betas, float32s(in[1]), float32s(in[2]))
		return kernels.Path{Betas: betas, Base: float32s(in[0])}
	}
	return kernels.Model
}

// fits returns an error unless the groups of units cover a layer.
func fits(u Units, what string, columns int) error {
	if err := u.Check(columns); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Mean is the op that computes the mean Γ'(t) of units, where t is their field on a path.
type Mean struct {
	pure
	Units Units
	Place place
}

// NewMean returns the means (B,J) of units with the fields z (B,J).
func NewMean(z *gorgonia.Node, units Units, path Path) *gorgonia.Node {
	at, in := path.operands()
	return apply(Mean{Units: units, Place: at}, append([]*gorgonia.Node{z}, in...)...)
}

func (m Mean) signature() signature {
	return signature{"mean", append([]operand{matrix32}, m.Place.inputs()...), matrix32}
}

func (m Mean) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(fits(m.Units, "the means", in[0][1]), m.Place.check(in[0], in[1:]))
}

func (m Mean) define(p *tensor.Dense, in []*tensor.Dense) {
	rows, columns := p.Shape()[0], p.Shape()[1]
	kernels.Mean(float32s(p), float32s(in[0]), m.Units, m.Place.path(rows, in[1:]), rows, columns)
}

// Draw identifies the random numbers of a draw, together with the clock's update and the row (see
// [kernels.Draw]). No two draws of one graph may have the same Draw, unless they are of other rows.
type Draw struct {
	Seed   uint64
	Stream uint8
	Step   uint32
	Row    uint32 // number of the first row, where the rows are a part of a batch
}

// at returns the draw at the update of a clock.
func (d Draw) at(clock []int32) kernels.Draw {
	return kernels.Draw{Seed: d.Seed, Stream: d.Stream, Update: uint32(clock[ClockUpdate]), Step: d.Step, Row: d.Row}
}

// Sample is the op that draws the states of units given their fields, on a path. Its values are
// the worth of the states.
type Sample struct {
	pure
	Units Units
	Place place
	Draw  Draw
}

// NewSample returns the states (B,J) of units with the fields z (B,J), drawn at the clock (3). It
// panics if the path is along a schedule at another clock.
func NewSample(z, clock *gorgonia.Node, units Units, path Path, d Draw) *gorgonia.Node {
	if path.Clock != nil && path.Clock != clock {
		panic("engine: a draw needs the clock of its path")
	}
	at, in := path.operands()
	return apply(Sample{Units: units, Place: at, Draw: d}, append([]*gorgonia.Node{z, clock}, in...)...)
}

func (s Sample) signature() signature {
	return signature{"sample", append([]operand{matrix32, integers}, s.Place.inputs()...), matrix32}
}

func (s Sample) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the clock", in[1], ClockSize), fits(s.Units, "the states", in[0][1]),
		s.Place.check(in[0], in[2:]))
}

func (s Sample) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := out.Shape()[0], out.Shape()[1]
	states := kernels.NewStates(rows, columns)
	states.Units = s.Units
	kernels.Sample(states, float32s(in[0]), s.Units, s.Place.path(rows, in[2:]), s.Draw.at(int32s(in[1])), rows, columns)
	states.Unpack(float32s(out), rows)
}

// Toss is the op that draws 0 or 1 with given probabilities.
type Toss struct {
	pure
	Draw Draw
}

// NewToss returns 1 with the probabilities p (B,J), else 0, drawn at the clock (3).
func NewToss(p, clock *gorgonia.Node, d Draw) *gorgonia.Node { return apply(Toss{Draw: d}, p, clock) }

func (Toss) signature() signature {
	return signature{"toss", []operand{matrix32, integers}, matrix32}
}

func (Toss) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the clock", in[1], ClockSize)
}

func (t Toss) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := out.Shape()[0], out.Shape()[1]
	states := kernels.NewStates(rows, columns)
	kernels.Toss(states, float32s(in[0]), t.Draw.at(int32s(in[1])), rows, columns)
	states.Unpack(float32s(out), rows)
}
