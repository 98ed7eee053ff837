package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Moment is the op that updates a moving average of a gradient: Decay·m + (1-Decay)·g, with g² in
// place of g if Squared.
type Moment struct {
	Decay   float32
	Squared bool
	rank    int
}

// NewMoment returns the average after one update, from m, the average before it, and the
// gradient. All have one shape.
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

// Adam is the op that updates a parameter from its moments (Kingma and Ba 2015). The row of the
// variable rates (K,2) at the clock's position holds the learning rate and the summand ε. Both
// include the correction for the bias of the moments.
type Adam struct{ rank int }

// NewAdam returns the parameter after one update, w + rate·m/(√s + ε). m and s are the moving
// averages of the gradient and of its square. All have one shape.
func NewAdam(w, m, s, rates, clock *gorgonia.Node) *gorgonia.Node {
	return apply(Adam{w.Dims()}, w, m, s, rates, clock)
}

func (a Adam) signature() signature {
	of := operand{tensor.Float32, a.rank}
	return signature{"adam", []operand{of, of, of, matrix32, integers}, of}
}

func (Adam) shape(in []tensor.Shape) (tensor.Shape, error) { return threeOfOneShape(in) }

// threeOfOneShape returns the shape of the result of [Adam] and of [Nesterov]. They have three operands of
// that shape, followed by the rates and the clock.
func threeOfOneShape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the second operand", in[1], in[0]...), want("the third operand", in[2], in[0]...),
		want("the rates", in[3], in[3][0], 2), want("the clock", in[4], ClockSize))
}

func (Adam) define(out *tensor.Dense, in []*tensor.Dense) {
	next := float32s(out)
	rate, epsilon := ratesAt(float32s(in[3]), int32s(in[4]))
	kernels.Adam(next, float32s(in[0]), float32s(in[1]), float32s(in[2]), rate, epsilon, 0, len(next))
}

// ratesAt returns the row of the rates at the clock's position: the learning rate, and ε for [Adam] or the
// momentum for [Ascend] and [Nesterov].
func ratesAt(rates []float32, clock []int32) (rate, other float32) {
	at := 2 * clock[ClockPosition]
	return rates[at], rates[at+1]
}

func (Adam) inPlace(i int) bool { return i < 3 }
