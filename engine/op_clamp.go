package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Clamp is the op that fixes units at given values.
type Clamp struct{ pure }

// NewClamp returns x (B,J) with the values of pattern (B,J) where these are not NaN.
func NewClamp(x, pattern *gorgonia.Node) *gorgonia.Node { return apply(Clamp{}, x, pattern) }

func (Clamp) signature() signature {
	return signature{"clamp", []operand{matrix32, matrix32}, matrix32}
}

func (Clamp) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the pattern", in[1], in[0]...)
}

func (Clamp) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Clamp(float32s(out), float32s(in[0]), float32s(in[1]))
}
