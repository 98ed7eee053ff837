package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Sparsity is the op that subtracts the slope of the sparsity penalty from hidden means. The
// penalty is the cross-entropy between Target and the moving means q of the units. Its slope in
// the field of a unit is q - Target (Hinton 2010, §11).
type Sparsity struct {
	Target float32 // desired mean activity of the units, in (0,1)
	Cost   float32
}

// NewSparsity returns p - Cost·(q - Target) (B,H), for the means p (B,H) and the moving means q
// (1,H).
func NewSparsity(p, q *gorgonia.Node, s Sparsity) *gorgonia.Node { return apply(s, p, q) }

func (Sparsity) signature() signature {
	return signature{"sparsity", []operand{matrix32, matrix32}, matrix32}
}

func (Sparsity) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the moving means", in[1], 1, in[0][1])
}

func (s Sparsity) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := matrixShape(out.Shape())
	kernels.Sparsity(float32s(out), float32s(in[0]), float32s(in[1]), s.Target, s.Cost, 0, rows, columns)
}

func (Sparsity) inPlace(i int) bool { return i == 0 }
