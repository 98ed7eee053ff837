package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Total is the op that adds up a tensor over the ranks of a run, in the tree of [ranks.Sum]. The tensor of a rank
// is the sum over its own shards. A device that is alone, as a tape always is, returns the tensor.
type Total struct{ rank int }

// NewTotal returns the sum of the x of all ranks, which must have one shape. All ranks must launch the
// same totals in the same order.
func NewTotal(x *gorgonia.Node) *gorgonia.Node { return apply(Total{x.Dims()}, x) }

func (t Total) signature() signature {
	of := operand{tensor.Float32, t.rank}
	return signature{"total", []operand{of}, of}
}

func (Total) shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (Total) define(out *tensor.Dense, in []*tensor.Dense) { copy(float32s(out), float32s(in[0])) }

func (Total) inPlace(int) bool { return true }
