package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Field is the op that computes the input of one layer from the values of the other: x·W + bias,
// or x·Wᵀ + bias if Transposed.
//
// If all values are states of the units, the field is a sum over the units whose bit is 1, with
// the weights and the bias that [kernels.Worth] prepares.
type Field struct {
	pure
	Units      Units // of the input layer
	Transposed bool
	Reduced    bool // the device may round the factors of the product (see Options)
}

// NewHiddenField returns the fields (B,H) of the hidden units, v·W + b, from v (B,V), weights
// (V,H) and bias (H).
func NewHiddenField(v, weights, bias *gorgonia.Node, visible Units) *gorgonia.Node {
	return apply(Field{Units: visible}, v, weights, bias)
}

// NewVisibleField returns the fields (B,V) of the visible units, h·Wᵀ + a, from h (B,H), weights
// (V,H) and bias (V).
func NewVisibleField(h, weights, bias *gorgonia.Node, hidden Units) *gorgonia.Node {
	return apply(Field{Units: hidden, Transposed: true}, h, weights, bias)
}

// NewReducedField is [NewHiddenField] of x, or [NewVisibleField] if transposed, with factors that
// the device may round. This is accurate enough for the phases of a gradient, but not for a
// likelihood.
func NewReducedField(x, weights, bias *gorgonia.Node, units Units, transposed bool) *gorgonia.Node {
	return apply(Field{Units: units, Transposed: transposed, Reduced: true}, x, weights, bias)
}

func (Field) signature() signature {
	return signature{"field", []operand{matrix32, matrix32, vector32}, matrix32}
}

// sizes returns the widths of the input layer and of the output layer.
func (f Field) sizes(weights tensor.Shape) (in, out int) {
	if f.Transposed {
		return weights[1], weights[0]
	}
	return weights[0], weights[1]
}

func (f Field) shape(s []tensor.Shape) (tensor.Shape, error) {
	in, out := f.sizes(s[1])
	rows := s[0][0]
	return tensor.Shape{rows, out}, cmp.Or(want("the input", s[0], rows, in), want("the bias", s[2], out),
		fits(f.Units, "the input", in))
}

func (f Field) define(z *tensor.Dense, in []*tensor.Dense) {
	x, w, b := in[0], in[1], in[2]
	rows, columns := x.Shape()[0], x.Shape()[1]
	if f.Units.Plain() {
		kernels.Field(float32s(z), float32s(x), f.pack(w), float32s(b), rows)
		return
	}
	states := kernels.NewStates(rows, columns)
	states.Units = f.Units
	if !states.PackStates(float32s(x), rows) {
		kernels.Field(float32s(z), float32s(x), f.pack(w), float32s(b), rows)
		return
	}
	weights, bias := f.worth(w, b)
	kernels.Activate(kernels.Activation{
		Rows: rows, Columns: weights.Columns, Field: kernels.ByRows(float32s(z), weights.Columns),
		Input: kernels.Input{
			Weights: weights, Bias: bias, States: states, Room: make([]int32, kernels.RoomFor(rows, columns)),
		},
	}, 0, rows*weights.Columns)
}

// pack returns the weights in the form that the field reads.
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

// worth returns the weights and the bias of a field over bits, which include what the bits of the units are worth (see
// [kernels.Worth]).
func (f Field) worth(w, b *tensor.Dense) (kernels.Panels, []float32) {
	weights := f.pack(w)
	if f.Units.Plain() {
		return weights, float32s(b)
	}
	offset, bias := make([]float32, weights.Columns), make([]float32, weights.Columns)
	kernels.Worth(weights, offset, f.Units, 0, weights.Columns)
	kernels.OffsetBias(bias, float32s(b), offset)
	return weights, bias
}
