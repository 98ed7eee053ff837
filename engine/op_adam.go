package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Moment is the op that moves a moving average of a gradient by one update:
// Decay·m + (1-Decay)·g, with g² for g where Squared.
type Moment struct {
	Decay   float32
	Squared bool
	rank    int
}

// NewMoment returns the average after one update: m before it, and gradient, of one shape.
func NewMoment(m, gradient *gorgonia.Node, o Moment) *gorgonia.Node {
	o.rank = m.Dims()
	return apply(o, m, gradient)
}

func (o Moment) signature() signature {
	of := operand{tensor.Float32, o.rank}
	return signature{"moment", []operand{of, of}, of}
}

func (Moment) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the gradient", in[1], in[0]...)
}

func (o Moment) define(out *tensor.Dense, in []*tensor.Dense) {
	next := float32s(out)
	kernels.Moment(next, float32s(in[0]), float32s(in[1]), o.Decay, o.Squared, 0, len(next))
}

func (Moment) inPlace(int) bool { return true }

// Adam is the op that moves a parameter along its moments (Kingma and Ba 2015). The row
// of the clock's position in the variable rates (K,2) holds the learning rate and the
// summand that keeps the step finite, both corrected for the bias of the moments.
type Adam struct{ rank int }

// NewAdam returns the parameter after one update, w + rate·m/(√s + ε), with the moving
// averages m of the gradient and s of its square, all of one shape.
func NewAdam(w, m, s, rates, clock *gorgonia.Node) *gorgonia.Node {
	return apply(Adam{w.Dims()}, w, m, s, rates, clock)
}

func (a Adam) signature() signature {
	of := operand{tensor.Float32, a.rank}
	return signature{"adam", []operand{of, of, of, matrix32, integers}, of}
}

func (Adam) shape(in []tensor.Shape) (tensor.Shape, error) { return threeOfOneShape(in) }

// threeOfOneShape is the shape of a move by the rates: three operands of one shape, the
// rates and the clock.
func threeOfOneShape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the second operand", in[1], in[0]...), want("the third operand", in[2], in[0]...),
		want("the rates", in[3], in[3][0], 2), want("the clock", in[4], ClockSize))
}

func (Adam) define(out *tensor.Dense, in []*tensor.Dense) {
	next := float32s(out)
	rate, epsilon := ratesAt(float32s(in[3]), int32s(in[4]))
	kernels.Adam(next, float32s(in[0]), float32s(in[1]), float32s(in[2]), rate, epsilon, 0, len(next))
}

// ratesAt returns the row of the clock's position.
func ratesAt(rates []float32, clock []int32) (rate, other float32) {
	at := 2 * clock[ClockPosition]
	return rates[at], rates[at+1]
}

func (Adam) inPlace(i int) bool { return i < 3 }
