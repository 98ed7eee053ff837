package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// ChangedField is a [Field] of states, computed from the field of earlier states over the same
// weights and bias. In a Markov chain few units change from one state to the next. A device that
// gains nothing computes the field anew; the results differ by rounding only.
type ChangedField struct{ Field Field }

// NewChangedField returns the fields of x, computed from earlier ones: before is a [Field] or
// [ChangedField] node over the same weights and bias. Both x and the x of before must be states.
// The rounding errors of before remain in the result, so a long chain should contain a Field now
// and then. NewChangedField panics if before is no such node.
func NewChangedField(x, before *gorgonia.Node) *gorgonia.Node {
	var f Field
	in := operands(before)
	switch b := before.Op().(Op).Body.(type) {
	case Field:
		f = b
	case ChangedField:
		f, in = b.Field, in[2:]
	default:
		panic("engine: before is not a field")
	}
	return apply(ChangedField{Field: f}, before, in[0], x, in[1], in[2])
}

func (ChangedField) signature() signature {
	return signature{"changed field", []operand{matrix32, matrix32, matrix32, matrix32, vector32}, matrix32}
}

// afresh returns the operands for computing the field anew.
func (ChangedField) afresh(in []*gorgonia.Node) []*gorgonia.Node { return in[2:] }

func (c ChangedField) shape(s []tensor.Shape) (tensor.Shape, error) {
	z, err := c.Field.shape(s[2:])
	if err != nil {
		return nil, err
	}
	return z, cmp.Or(want("the fields before", s[0], z...), want("the input before", s[1], s[2]...))
}

// inPlace allows operand 0, the earlier fields, since each row is read before it is written.
func (ChangedField) inPlace(i int) bool { return i == 0 }

func (c ChangedField) define(z *tensor.Dense, from []*tensor.Dense) {
	before, was, x, w, b := from[0], from[1], from[2], from[3], from[4]
	rows, in := x.Shape()[0], x.Shape()[1]
	earlier, later := kernels.NewStates(rows, in), kernels.NewStates(rows, in)
	earlier.Units, later.Units = c.Field.Units, c.Field.Units
	earlier.Pack(float32s(was), rows)
	later.Pack(float32s(x), rows)
	weights, bias := c.Field.worth(w, b)
	out := weights.Columns
	kernels.Activate(kernels.Activation{
		Rows: rows, Columns: out, Field: kernels.ByRows(float32s(z), out),
		Input: kernels.Input{
			Weights: weights, Bias: bias, States: later, Was: earlier, Before: kernels.ByRows(float32s(before), out),
			Room: make([]int32, kernels.RoomFor(rows, in)),
		},
	}, 0, rows*out)
}
