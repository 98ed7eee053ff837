package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Over says which weights form a block.
type Over = kernels.Over

// The ways to cut a matrix of weights into blocks.
const (
	Edges        = kernels.Edges        // the weights between a visible and a hidden unit
	HiddenUnits  = kernels.HiddenUnits  // all weights of a hidden unit
	VisibleUnits = kernels.VisibleUnits // all weights of a visible unit
)

// Blocks cuts a matrix (V,H) of weights into blocks along the units of both layers.
type Blocks = kernels.Blocks

// SquaredL1 is the op that subtracts the slope of the squared L1 penalty
//
//	½ Cost Σ_μ (Σ|w|)²/n_μ
//
// from the gradient of the weights, where the inner sum is over the n_μ weights of hidden unit μ.
type SquaredL1 struct {
	Cost  float32
	Units Units // of the hidden layer
}

// NewSquaredL1 returns the gradient (V,H) of the weights (V,H) minus the slope of the penalty.
func NewSquaredL1(gradient, weights *gorgonia.Node, s SquaredL1) *gorgonia.Node {
	return apply(s, gradient, weights)
}

func (SquaredL1) signature() signature {
	return signature{"squared L1", []operand{matrix32, matrix32}, matrix32}
}

func (s SquaredL1) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the weights", in[1], in[0]...), fits(s.Units, "the weights", in[0][1]))
}

func (s SquaredL1) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := matrixShape(out.Shape())
	kernels.SquaredL1(float32s(out), float32s(in[0]), float32s(in[1]), s.Units, s.Cost, 0, columns, rows, columns)
}

func (SquaredL1) inPlace(i int) bool { return i == 0 }

// Shrink is the op of the proximal step of the group lasso, whose penalty is Cost·Σ‖w‖ over the
// blocks of the weights. The row of the variable rates (K,2) at the clock's position holds the
// learning rate.
type Shrink struct {
	Cost   float32
	Blocks Blocks
}

// NewShrink returns the weights (V,H) times max(0, 1 - Cost·rate/‖w‖) in each block.
func NewShrink(weights, rates, clock *gorgonia.Node, s Shrink) *gorgonia.Node {
	return apply(s, weights, rates, clock)
}

func (Shrink) signature() signature {
	return signature{"shrink", []operand{matrix32, matrix32, integers}, matrix32}
}

func (s Shrink) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the rates", in[1], in[1][0], 2), want("the clock", in[2], ClockSize),
		fits(s.Blocks.Visible, "the weights", in[0][0]), fits(s.Blocks.Hidden, "the weights", in[0][1]))
}

func (s Shrink) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := matrixShape(out.Shape())
	kernels.Shrink(float32s(out), float32s(in[0]), s.Blocks, s.threshold(float32s(in[1]), int32s(in[2])),
		0, s.Blocks.Lines(rows, columns), rows, columns)
}

// threshold returns the norm up to which a block becomes 0.
func (s Shrink) threshold(rates []float32, clock []int32) float32 {
	rate, _ := ratesAt(rates, clock)
	return s.Cost * rate
}

func (Shrink) inPlace(i int) bool { return i == 0 }
