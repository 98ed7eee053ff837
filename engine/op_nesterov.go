package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Nesterov is the op that updates a parameter by its velocity and extrapolates. The row of the
// variable rates (K,2) at the clock's position holds the learning rate, which the velocity includes, and
// the momentum.
type Nesterov struct{ rank int }

// NewNesterov returns the parameter after one update, w + v + momentum·(v - before), where v is
// the velocity and before the velocity of the preceding update. All have one shape.
func NewNesterov(w, v, before, rates, clock *gorgonia.Node) *gorgonia.Node {
	return apply(Nesterov{w.Dims()}, w, v, before, rates, clock)
}

func (o Nesterov) signature() signature {
	of := operand{tensor.Float32, o.rank}
	return signature{"nesterov", []operand{of, of, of, matrix32, integers}, of}
}

func (Nesterov) shape(in []tensor.Shape) (tensor.Shape, error) { return threeOfOneShape(in) }

func (Nesterov) define(out *tensor.Dense, in []*tensor.Dense) {
	next := float32s(out)
	_, momentum := ratesAt(float32s(in[3]), int32s(in[4]))
	kernels.Nesterov(next, float32s(in[0]), float32s(in[1]), float32s(in[2]), momentum, 0, len(next))
}

func (Nesterov) inPlace(i int) bool { return i < 3 }
