package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Mean is the op that gives the mean activation of Bernoulli units, σ(field).
type Mean struct{ pure }

// NewMean returns σ(z) of the fields z (B,J).
func NewMean(z *gorgonia.Node) *gorgonia.Node { return apply(Mean{}, z) }

func (Mean) signature() signature { return signature{"mean", []operand{matrix32}, matrix32} }

func (Mean) shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (Mean) define(p *tensor.Dense, in []*tensor.Dense) {
	rows, columns := p.Shape()[0], p.Shape()[1]
	kernels.Mean(float32s(p), float32s(in[0]), kernels.Model, rows, columns)
}

// TemperedMean is the op that gives the mean activation of Bernoulli units on the
// path of annealing: σ(β z + (1-β) base), with β = betas[update+Ahead].
type TemperedMean struct {
	pure
	Ahead int
}

// NewTemperedMean returns σ(β z + (1-β) base) of the fields z (B,J), with base (J),
// the schedule betas (K) and the clock (3). The schedule must reach to the clock's
// update plus ahead.
func NewTemperedMean(z, base, betas, clock *gorgonia.Node, ahead int) *gorgonia.Node {
	return apply(TemperedMean{Ahead: ahead}, z, base, betas, clock)
}

func (TemperedMean) signature() signature {
	return signature{"tempered mean", []operand{matrix32, vector32, vector32, integers}, matrix32}
}

func (TemperedMean) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the base", in[1], in[0][1]), want("the clock", in[3], ClockSize))
}

func (m TemperedMean) define(p *tensor.Dense, in []*tensor.Dense) {
	rows, columns := p.Shape()[0], p.Shape()[1]
	beta := float32s(in[2])[int(int32s(in[3])[ClockUpdate])+m.Ahead]
	kernels.Mean(float32s(p), float32s(in[0]), kernels.Temper{Beta: beta, Base: float32s(in[1])}, rows, columns)
}

// Sample is the op that draws states with given means. Seed, Stream and Step, with
// the clock's update and the row, name the random numbers (see kernels.Draw): no two
// draws of one graph may share all three.
type Sample struct {
	pure
	Seed   uint64
	Stream uint8
	Step   uint32
}

// NewSample returns states in {0,1} drawn with the means p (B,J) at the clock (3).
func NewSample(p, clock *gorgonia.Node, s Sample) *gorgonia.Node { return apply(s, p, clock) }

func (Sample) signature() signature {
	return signature{"sample", []operand{matrix32, integers}, matrix32}
}

func (Sample) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), want("the clock", in[1], ClockSize)
}

func (s Sample) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := out.Shape()[0], out.Shape()[1]
	states := kernels.NewStates(rows, columns)
	kernels.Sample(states, float32s(in[0]), s.draw(int32s(in[1])), rows, columns)
	states.Unpack(float32s(out), rows)
}

func (s Sample) draw(clock []int32) kernels.Draw {
	return kernels.Draw{Seed: s.Seed, Stream: s.Stream, Update: uint32(clock[ClockUpdate]), Step: s.Step}
}
