package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// ScaledRows is the op that multiplies each row of a batch by a number.
type ScaledRows struct{}

// NewScaledRows returns x (B,J) with row n multiplied by s[n], for s (B,1), or with all rows
// multiplied by the same number, for s (1,1).
func NewScaledRows(x, s *gorgonia.Node) *gorgonia.Node { return apply(ScaledRows{}, x, s) }

func (ScaledRows) signature() signature {
	return signature{"scaled rows", []operand{matrix32, matrix32}, matrix32}
}

func (ScaledRows) shape(in []tensor.Shape) (tensor.Shape, error) {
	if s := in[1]; s[1] != 1 || s[0] != 1 && s[0] != in[0][0] {
		return nil, fmt.Errorf("the factors have shape %v, want [%d 1] or [1 1]", s, in[0][0])
	}
	return in[0].Clone(), nil
}

func (ScaledRows) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := matrixShape(out.Shape())
	kernels.ScaleRows(float32s(out), float32s(in[0]), float32s(in[1]), 0, rows, columns)
}

func (ScaledRows) inPlace(i int) bool { return i == 0 }
