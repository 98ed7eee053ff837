package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Field is the op that gives the input of one layer from the values of the
// other: x·W + bias, or x·Wᵀ + bias where Transposed.
type Field struct {
	pure
	Transposed bool
	Reduced    bool // the device may round the factors of the product (see Options)
}

// NewHiddenField returns the fields of the hidden units, v·W + b: v (B,V), weights
// (V,H), bias (H), result (B,H).
func NewHiddenField(v, weights, bias *gorgonia.Node) *gorgonia.Node {
	return apply(Field{}, v, weights, bias)
}

// NewVisibleField returns the fields of the visible units, h·Wᵀ + a: h (B,H),
// weights (V,H), bias (V), result (B,V).
func NewVisibleField(h, weights, bias *gorgonia.Node) *gorgonia.Node {
	return apply(Field{Transposed: true}, h, weights, bias)
}

// NewReducedField is [NewHiddenField] of x, or [NewVisibleField] where transposed, with
// factors that the device may round: good enough for the phases of a gradient, not for a
// likelihood.
func NewReducedField(x, weights, bias *gorgonia.Node, transposed bool) *gorgonia.Node {
	return apply(Field{Transposed: transposed, Reduced: true}, x, weights, bias)
}

func (Field) signature() signature {
	return signature{"field", []operand{matrix32, matrix32, vector32}, matrix32}
}

// sizes returns the widths of the layer that is read and of the one that is written.
func (f Field) sizes(weights tensor.Shape) (in, out int) {
	if f.Transposed {
		return weights[1], weights[0]
	}
	return weights[0], weights[1]
}

func (f Field) shape(s []tensor.Shape) (tensor.Shape, error) {
	in, out := f.sizes(s[1])
	rows := s[0][0]
	return tensor.Shape{rows, out}, cmp.Or(want("the input", s[0], rows, in), want("the bias", s[2], out))
}

func (f Field) define(z *tensor.Dense, in []*tensor.Dense) {
	x, w, b := in[0], in[1], in[2]
	kernels.Field(float32s(z), float32s(x), f.pack(w), float32s(b), x.Shape()[0])
}

// pack returns the weights as the field reads them.
func (f Field) pack(w *tensor.Dense) kernels.Panels {
	in, out := f.sizes(w.Shape())
	weights := kernels.NewPanels(in, out)
	if f.Transposed {
		kernels.PackTransposed(weights, float32s(w), 0, out)
	} else {
		kernels.Pack(weights, float32s(w), 0, in)
	}
	return weights
}
