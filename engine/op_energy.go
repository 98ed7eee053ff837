package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// FreeEnergy is the op F(v) = -aᵀv - Σ_j softplus(field_j), in float64 sums.
type FreeEnergy struct{ pure }

// NewFreeEnergy returns the free energies (B) of v (B,V), with the visible bias
// (V) and the fields z (B,H) of the hidden units given v.
func NewFreeEnergy(v, visibleBias, z *gorgonia.Node) *gorgonia.Node {
	return apply(FreeEnergy{}, v, visibleBias, z)
}

func (FreeEnergy) signature() signature {
	return signature{"free energy", []operand{matrix32, vector32, matrix32}, vector64}
}

func (FreeEnergy) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows := in[0][0]
	return tensor.Shape{rows}, cmp.Or(want("the bias", in[1], in[0][1]), want("the field", in[2], rows, in[2][1]))
}

func (FreeEnergy) define(out *tensor.Dense, in []*tensor.Dense) {
	v, z := in[0], in[2]
	kernels.FreeEnergy(float64s(out), float32s(v), float32s(in[1]), float32s(z), v.Shape()[0], v.Shape()[1], z.Shape()[1])
}

// LogWeight is the op that adds one step of annealed importance sampling to the
// log-weights: log p*_β'(v) - log p*_β(v), with β = betas[update],
// β' = betas[update+1] and
//
//	log p*_β(v) = (1-β) baseᵀv + β aᵀv + Σ_j softplus(β field_j).
type LogWeight struct{}

// NewLogWeight returns the log-weights (B) after one step: logWeights (B) before
// it, v (B,V), the visible bias (V), the base (V), the fields z (B,H), the schedule
// betas (K) and the clock (3).
func NewLogWeight(logWeights, v, visibleBias, base, z, betas, clock *gorgonia.Node) *gorgonia.Node {
	return apply(LogWeight{}, logWeights, v, visibleBias, base, z, betas, clock)
}

func (LogWeight) signature() signature {
	return signature{"log-weight",
		[]operand{vector64, matrix32, vector32, vector32, matrix32, vector32, integers}, vector64}
}

func (LogWeight) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows, visible := in[1][0], in[1][1]
	return in[0].Clone(), cmp.Or(want("the log-weights", in[0], rows), want("the bias", in[2], visible),
		want("the base", in[3], visible), want("the field", in[4], rows, in[4][1]), want("the clock", in[6], ClockSize))
}

func (LogWeight) define(out *tensor.Dense, in []*tensor.Dense) {
	v, z, betas, at := in[1], in[4], float32s(in[5]), int32s(in[6])[ClockUpdate]
	kernels.LogWeight(float64s(out), float64s(in[0]), float32s(v), float32s(in[2]), float32s(in[3]), float32s(z),
		betas[at], betas[at+1], v.Shape()[0], v.Shape()[1], z.Shape()[1])
}

func (LogWeight) inPlace(i int) bool { return i == 0 }

// PseudoLikelihood is the op that estimates the log-pseudo-likelihood of each row
// from one of its units, drawn at random: V · log σ(F(v with unit i flipped) - F(v)).
type PseudoLikelihood struct {
	pure
	Seed   uint64
	Stream uint8
}

// NewPseudoLikelihood returns the estimates (B), in nats, of states v (B,V), with
// the fields z (B,H) of the hidden units, the weights (V,H), the visible bias (V)
// and the clock (3).
func NewPseudoLikelihood(v, z, weights, visibleBias, clock *gorgonia.Node, p PseudoLikelihood) *gorgonia.Node {
	return apply(p, v, z, weights, visibleBias, clock)
}

func (PseudoLikelihood) signature() signature {
	return signature{"pseudo-likelihood", []operand{matrix32, matrix32, matrix32, vector32, integers}, vector64}
}

func (PseudoLikelihood) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows, visible, hidden := in[0][0], in[0][1], in[1][1]
	return tensor.Shape{rows}, cmp.Or(want("the field", in[1], rows, hidden), want("the weights", in[2], visible, hidden),
		want("the bias", in[3], visible), want("the clock", in[4], ClockSize))
}

func (p PseudoLikelihood) define(out *tensor.Dense, in []*tensor.Dense) {
	v, z := in[0], in[1]
	rows, visible, hidden := v.Shape()[0], v.Shape()[1], z.Shape()[1]
	kernels.PseudoLikelihood(float64s(out), float32s(v), float32s(z), float32s(in[2]), float32s(in[3]),
		p.draw(int32s(in[4])), rows, visible, hidden)
}

func (p PseudoLikelihood) draw(clock []int32) kernels.Draw {
	return kernels.Draw{Seed: p.Seed, Stream: p.Stream, Update: uint32(clock[ClockUpdate])}
}

// SquaredError is the op Σ_j (x[n,j] - y[n,j])² of each row.
type SquaredError struct{ pure }

// NewSquaredError returns the squared distances (B) of the rows of x and y (B,J).
func NewSquaredError(x, y *gorgonia.Node) *gorgonia.Node { return apply(SquaredError{}, x, y) }

func (SquaredError) signature() signature {
	return signature{"squared error", []operand{matrix32, matrix32}, vector64}
}

func (SquaredError) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0]}, want("the second operand", in[1], in[0]...)
}

func (SquaredError) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.SquaredError(float64s(out), float32s(in[0]), float32s(in[1]), in[0].Shape()[0], in[0].Shape()[1])
}
