package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Ascend is the op that moves a parameter, or its velocity, along the gradient. The row of the
// variable rates (K,2) at the clock's position holds learning rate and momentum.
type Ascend struct {
	L1, L2   float32 // decay, for weights only
	Velocity bool    // the result is the new velocity instead of the new parameter
	centered bool
	rank     int
}

// NewAscend returns the parameter after one move, or its velocity if a.Velocity:
//
//	keep + rate·(gradient - L2·parameter - L1·sign(parameter))
//
// keep is what the move is added to: the parameter or, with a.Velocity, the velocity, which is then
// multiplied by the momentum. keep, parameter and gradient have one shape, (V,H) or the shape of a bias.
func NewAscend(keep, parameter, gradient, rates, clock *gorgonia.Node, a Ascend) *gorgonia.Node {
	a.rank = parameter.Dims()
	return apply(a, keep, parameter, gradient, rates, clock)
}

// Centering holds the operands of the two rank-one corrections that center the gradient of the
// weights: for each layer, the offsets and the difference of the means.
type Centering struct {
	VisibleOffset, HiddenOffset         *gorgonia.Node // (V), (H)
	VisibleDifference, HiddenDifference *gorgonia.Node // (V), (H)
}

// NewCenteredAscend is [NewAscend] of weights (V,H) along the centered gradient.
func NewCenteredAscend(keep, parameter, gradient, rates, clock *gorgonia.Node, c Centering, a Ascend) *gorgonia.Node {
	a.rank, a.centered = 2, true
	return apply(a, keep, parameter, gradient, rates, clock,
		c.VisibleOffset, c.HiddenOffset, c.VisibleDifference, c.HiddenDifference)
}

func (a Ascend) signature() signature {
	parameter := operand{tensor.Float32, a.rank}
	in := []operand{parameter, parameter, parameter, matrix32, integers}
	if a.centered {
		in = append(in, vector32, vector32, vector32, vector32)
	}
	return signature{"ascend", in, parameter}
}

func (a Ascend) shape(in []tensor.Shape) (tensor.Shape, error) {
	err := cmp.Or(want("what is kept", in[0], in[1]...), want("the gradient", in[2], in[1]...),
		want("the rates", in[3], in[3][0], 2), want("the clock", in[4], ClockSize))
	if err != nil || !a.centered {
		return in[1].Clone(), err
	}
	visible, hidden := in[1][0], in[1][1]
	return in[1].Clone(), cmp.Or(want("the visible offsets", in[5], visible), want("the hidden offsets", in[6], hidden),
		want("the visible difference", in[7], visible), want("the hidden difference", in[8], hidden))
}

func (a Ascend) define(out *tensor.Dense, in []*tensor.Dense) {
	floats := make([][]float32, len(in))
	for i, t := range in {
		if i != 4 { // the clock
			floats[i] = float32s(t)
		}
	}
	move := a.move(float32s(out), floats, int32s(in[4]))
	rows, columns := matrixShape(out.Shape())
	kernels.Ascend(move, 0, rows, columns)
}

// move returns the kernel's description of the move. The clock, operand 4, is a separate
// argument.
func (a Ascend) move(next []float32, in [][]float32, clock []int32) kernels.Ascent {
	rate, momentum := ratesAt(in[3], clock)
	m := kernels.Ascent{
		Next: next, Keep: in[0], Scale: 1, Weights: in[1], Gradient: in[2],
		Rate: rate, L1: a.L1, L2: a.L2,
	}
	if a.Velocity {
		m.Scale = momentum
	}
	if a.centered {
		m.Center = kernels.Center{
			VisibleOffset: in[5], HiddenOffset: in[6], VisibleDifference: in[7], HiddenDifference: in[8],
		}
	}
	return m
}

// matrixShape returns the shape of a matrix; a vector is a matrix of one row.
func matrixShape(s tensor.Shape) (rows, columns int) {
	if len(s) == 1 {
		return 1, s[0]
	}
	return s[0], s[1]
}

func (Ascend) inPlace(i int) bool { return i == 0 || i == 1 }

// Add is the op x + y.
type Add struct{ rank int }

// NewAdd returns x + y of two nodes of one shape.
func NewAdd(x, y *gorgonia.Node) *gorgonia.Node { return apply(Add{x.Dims()}, x, y) }

func (a Add) signature() signature {
	of := operand{tensor.Float32, a.rank}
	return signature{"add", []operand{of, of}, of}
}

func (Add) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the second operand", in[1], in[0]...)
}

func (Add) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Add(float32s(out), float32s(in[0]), float32s(in[1]), 0, len(float32s(out)))
}

func (Add) inPlace(int) bool { return true }

// Blend is the op that moves an offset c towards the mean of the data's and the chains' means: c
// + Rate·(½(⟨x⟩d + ⟨x⟩m) - c).
type Blend struct{ Rate float32 }

// NewBlend returns the offsets (J) after one move, from the offsets (J) before it and the means
// of data and of chains, each (1,J) or (2,J).
func NewBlend(offset, data, chains *gorgonia.Node, b Blend) *gorgonia.Node {
	return apply(b, offset, data, chains)
}

func (Blend) signature() signature {
	return signature{"blend", []operand{vector32, matrix32, matrix32}, vector32}
}

func (Blend) shape(in []tensor.Shape) (tensor.Shape, error) {
	size := in[0][0]
	return in[0].Clone(), cmp.Or(want("the data's means", in[1], in[1][0], size),
		want("the chains' means", in[2], in[2][0], size))
}

func (b Blend) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Blend(float32s(out), float32s(in[0]), float32s(in[1]), float32s(in[2]), b.Rate)
}

func (Blend) inPlace(i int) bool { return i == 0 }
