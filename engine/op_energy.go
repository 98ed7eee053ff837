package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// FreeEnergy is the op F(v) = -aᵀv - Σ_j Γ_j(field_j), summed in float64.
type FreeEnergy struct {
	pure
	Units Units // of the hidden layer
}

// NewFreeEnergy returns the free energies (B) of v (B,V), given the visible bias (V) and the
// fields z (B,H) of the hidden units given v.
func NewFreeEnergy(v, visibleBias, z *gorgonia.Node, hidden Units) *gorgonia.Node {
	return apply(FreeEnergy{Units: hidden}, v, visibleBias, z)
}

func (FreeEnergy) signature() signature {
	return signature{"free energy", []operand{matrix32, vector32, matrix32}, vector64}
}

func (f FreeEnergy) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows := in[0][0]
	return tensor.Shape{rows}, cmp.Or(want("the bias", in[1], in[0][1]), want("the field", in[2], rows, in[2][1]),
		fits(f.Units, "the field", in[2][1]))
}

func (f FreeEnergy) define(out *tensor.Dense, in []*tensor.Dense) {
	v, z := in[0], in[2]
	rows, visible, hidden := v.Shape()[0], v.Shape()[1], z.Shape()[1]
	kernels.FreeEnergy(float64s(out), float32s(v), float32s(in[1]), float32s(z), f.Units, rows, visible, hidden)
}

// LogWeight is the op that computes the log of the ratio of probabilities of states at two
// inverse temperatures of a path: log p*_β'(v) - log p*_β(v), with
//
//	log p*_β(v) = (1-β) baseᵀv + β aᵀv + Σ_j Γ_j(β field_j).
//
// On a schedule, β is betas[update] and β' is betas[update+1]. This is a step of annealed
// importance sampling, and the difference is added to the log-weights before it.
//
// On a ladder (see op_ladder.go), β belongs to the row's level and β' to its partner's level. A row
// without a partner gets 0. In even updates levels 0 and 1, 2 and 3, … are partners; in odd updates
// levels 1 and 2, 3 and 4, … are.
type LogWeight struct {
	Units Units // of the hidden layer
	Along along
}

// NewLogWeight returns the log-weights (B) after one step of a schedule: from logWeights (B)
// before it, v (B,V), the visible bias (V), the visible bias of the base model (V), the fields z (B,H),
// the schedule betas (K) and the clock (3).
func NewLogWeight(logWeights, v, visibleBias, base, z, betas, clock *gorgonia.Node, hidden Units) *gorgonia.Node {
	return apply(LogWeight{hidden, schedule}, v, visibleBias, base, z, betas, clock, logWeights)
}

// NewLogRatio returns the log-ratios (T·C) of the rows of a ladder, from v (T·C,V), the visible
// bias (V), the base (V), the fields z (T·C,H), betas (T), levels (T·C) and the clock (3).
func NewLogRatio(v, visibleBias, base, z, betas, levels, clock *gorgonia.Node, hidden Units) *gorgonia.Node {
	return apply(LogWeight{hidden, ladder}, v, visibleBias, base, z, betas, clock, levels)
}

func (l LogWeight) signature() signature {
	rows := vector64
	if l.Along == ladder {
		rows = vector32
	}
	return signature{"log-weight",
		[]operand{matrix32, vector32, vector32, matrix32, vector32, integers, rows}, vector64}
}

func (l LogWeight) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows, visible, hidden := in[0][0], in[0][1], in[3][1]
	return tensor.Shape{rows}, cmp.Or(want("the bias", in[1], visible), want("the base", in[2], visible),
		want("the field", in[3], rows, hidden), want("the clock", in[5], ClockSize),
		want("the log-weights or levels", in[6], rows), fits(l.Units, "the field", hidden))
}

func (l LogWeight) define(out *tensor.Dense, in []*tensor.Dense) {
	v, a, base, z, betas, update := in[0], float32s(in[1]), float32s(in[2]), in[3], float32s(in[4]), int32s(in[5])[ClockUpdate]
	rows, visible, hidden := v.Shape()[0], v.Shape()[1], z.Shape()[1]
	if l.Along == ladder {
		kernels.LogRatio(float64s(out), float32s(v), a, base, float32s(z), betas, float32s(in[6]), l.Units, uint32(update),
			rows, visible, hidden)
		return
	}
	kernels.LogWeight(float64s(out), float64s(in[6]), float32s(v), a, base, float32s(z), l.Units, betas[update], betas[update+1],
		rows, visible, hidden)
}

func (l LogWeight) inPlace(i int) bool { return i == 6 && l.Along == schedule }

// PseudoLikelihood is the op that estimates the log-pseudo-likelihood of each row from one random
// unit i: V · log σ(F(v with unit i flipped) - F(v)) for units of two states (see [kernels.PseudoLikelihood]).
type PseudoLikelihood struct {
	pure
	Visible, Hidden Units
	Draw            Draw
}

// NewPseudoLikelihood returns the estimates (B), in nats, for states v (B,V), given the fields z
// (B,H) of the hidden units, the weights (V,H), the visible bias (V) and the clock (3).
func NewPseudoLikelihood(v, z, weights, visibleBias, clock *gorgonia.Node, p PseudoLikelihood) *gorgonia.Node {
	return apply(p, v, z, weights, visibleBias, clock)
}

func (PseudoLikelihood) signature() signature {
	return signature{"pseudo-likelihood", []operand{matrix32, matrix32, matrix32, vector32, integers}, vector64}
}

func (p PseudoLikelihood) shape(in []tensor.Shape) (tensor.Shape, error) {
	rows, visible, hidden := in[0][0], in[0][1], in[1][1]
	return tensor.Shape{rows}, cmp.Or(want("the field", in[1], rows, hidden), want("the weights", in[2], visible, hidden),
		want("the bias", in[3], visible), want("the clock", in[4], ClockSize),
		fits(p.Visible, "the states", visible), fits(p.Hidden, "the field", hidden))
}

func (p PseudoLikelihood) define(out *tensor.Dense, in []*tensor.Dense) {
	v, z := in[0], in[1]
	rows, visible, hidden := v.Shape()[0], v.Shape()[1], z.Shape()[1]
	kernels.PseudoLikelihood(float64s(out), float32s(v), float32s(z), float32s(in[2]), float32s(in[3]),
		[2]Units{p.Visible, p.Hidden}, p.Draw.at(int32s(in[4])), rows, visible, hidden)
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
