package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Chance is the op that computes the probability with which two models m and m' exchange their
// states v and v': min(1, e^(F_m(v) - F_m(v') + F_m'(v') - F_m'(v))). The exchange leaves the
// product of the two distributions invariant.
type Chance struct{ pure }

// NewChance returns the probabilities (B,1) from four free energies (B). v are the states of the
// first model m, and v' the states of the second model m'. The arguments are F_m(v), F_m(v'),
// F_m'(v) and F_m'(v').
func NewChance(first, firstOther, second, secondOther *gorgonia.Node) *gorgonia.Node {
	return apply(Chance{}, first, firstOther, second, secondOther)
}

func (Chance) signature() signature {
	return signature{"chance", []operand{vector64, vector64, vector64, vector64}, matrix32}
}

func (Chance) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], 1}, cmp.Or(want("the second operand", in[1], in[0]...),
		want("the third operand", in[2], in[0]...), want("the fourth operand", in[3], in[0]...))
}

func (Chance) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Chance(float32s(out), float64s(in[0]), float64s(in[1]), float64s(in[2]), float64s(in[3]), in[0].Shape()[0])
}

// Select is the op that takes each row, or each cell, from one of two matrices.
type Select struct{ pure }

// NewSelect returns row n of y (B,J) where mask (B,1) is not 0, and of x (B,J) elsewhere. For a mask
// (B,J) it does the same for each cell.
func NewSelect(mask, x, y *gorgonia.Node) *gorgonia.Node { return apply(Select{}, mask, x, y) }

func (Select) signature() signature {
	return signature{"select", []operand{matrix32, matrix32, matrix32}, matrix32}
}

func (Select) shape(in []tensor.Shape) (tensor.Shape, error) {
	columns := 1
	if byCell(in[0]) {
		columns = in[1][1]
	}
	return in[1].Clone(), cmp.Or(want("the mask", in[0], in[1][0], columns), want("the second matrix", in[2], in[1]...))
}

// byCell reports whether a mask has a number for each cell.
func byCell(mask tensor.Shape) bool { return mask[1] > 1 }

func (Select) define(out *tensor.Dense, in []*tensor.Dense) {
	if byCell(in[0].Shape()) {
		kernels.SelectCells(float32s(out), float32s(in[0]), float32s(in[1]), float32s(in[2]))
		return
	}
	kernels.Select(float32s(out), float32s(in[0]), float32s(in[1]), float32s(in[2]), out.Shape()[0], out.Shape()[1])
}
