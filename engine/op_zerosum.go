package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Side names a layer of a matrix (V,H) of weights.
type Side = kernels.Side

// The sides of a matrix of weights.
const (
	VisibleSide = kernels.VisibleSide
	HiddenSide  = kernels.HiddenSide
)

// ZeroSum is the op that subtracts from the weights of each unit of several columns on a side their mean over these
// columns, for each column of the other layer (see [kernels.ZeroSum]).
type ZeroSum struct {
	Units Units
	Side  Side
	rank  int
}

// NewZeroSum returns weights (V,H) in the zero-sum gauge of the units. It also takes the biases (J) of a layer: a
// matrix of one row, whose units are on the hidden side.
func NewZeroSum(weights *gorgonia.Node, z ZeroSum) *gorgonia.Node {
	z.rank = weights.Dims()
	return apply(z, weights)
}

func (z ZeroSum) signature() signature {
	of := operand{tensor.Float32, z.rank}
	return signature{"zero sum", []operand{of}, of}
}

func (z ZeroSum) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), fits(z.Units, "the weights", z.Side.Of(matrixShape(in[0])))
}

func (z ZeroSum) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := matrixShape(out.Shape())
	kernels.ZeroSum(float32s(out), float32s(in[0]), z.Units, z.Side, 0, across(z.Side, rows, columns), rows, columns)
}

// across returns the length of the side of a matrix (rows, columns) that is not s.
func across(s Side, rows, columns int) int { return rows + columns - s.Of(rows, columns) }

func (ZeroSum) inPlace(i int) bool { return i == 0 }

// ZeroSumShift is the op that adds to the biases of one layer, once for each unit on the other side, the mean that
// [ZeroSum] subtracts from all its columns: just one of these columns is on.
type ZeroSumShift struct {
	Units Units
	Side  Side
}

// NewZeroSumShift returns the biases (H), or (V) for hidden units, plus the means of the weights (V,H) of all units.
func NewZeroSumShift(bias, weights *gorgonia.Node, z ZeroSumShift) *gorgonia.Node {
	return apply(z, bias, weights)
}

func (ZeroSumShift) signature() signature {
	return signature{"zero-sum shift", []operand{vector32, matrix32}, vector32}
}

func (z ZeroSumShift) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows, columns := matrixShape(in[1])
	return in[0].Clone(), cmp.Or(want("the bias", in[0], across(z.Side, rows, columns)),
		fits(z.Units, "the weights", z.Side.Of(rows, columns)))
}

func (z ZeroSumShift) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := matrixShape(in[1].Shape())
	kernels.ZeroSumShift(float32s(out), float32s(in[0]), float32s(in[1]), z.Units, z.Side, 0, out.Shape()[0], rows, columns)
}

func (ZeroSumShift) inPlace(i int) bool { return i == 0 }
