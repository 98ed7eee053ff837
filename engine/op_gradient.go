package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// Gradient is the op ⟨v pᵀ⟩d - ⟨v pᵀ⟩m, the difference of the averages over the data and over the
// chains. Where its rows are a part of all rows of the data or of the chains, it is their term in the
// average over all.
type Gradient struct {
	pure
	Units        Units // of the visible layer
	Data, Chains int   // all rows of the data and of the chains; 0 for the rows of the operands
}

// NewGradient returns the plain gradient (V,H) of the weights. The data are v (D,V) with hidden
// means p (D,H), and the chains vm (M,V) with hidden means pm (M,H).
func NewGradient(v, p, vm, pm *gorgonia.Node, g Gradient) *gorgonia.Node {
	return apply(g, v, p, vm, pm)
}

func (Gradient) signature() signature {
	return signature{"gradient", []operand{matrix32, matrix32, matrix32, matrix32}, matrix32}
}

func (g Gradient) shape(in []tensor.Shape) (tensor.Shape, error) {
	visible, hidden := in[0][1], in[1][1]
	chains := in[2][0]
	return tensor.Shape{visible, hidden}, cmp.Or(want("the hidden means", in[1], in[0][0], hidden),
		want("the chains", in[2], chains, visible), want("the chains' hidden means", in[3], chains, hidden),
		fits(g.Units, "the data", visible))
}

func (g Gradient) define(out *tensor.Dense, in []*tensor.Dense) {
	visible, hidden := out.Shape()[0], out.Shape()[1]
	phase := func(v, p *tensor.Dense, allRows int) kernels.Phase {
		means := kernels.NewPanels(p.Shape()[0], p.Shape()[1])
		kernels.Pack(means, float32s(p), 0, means.Rows)
		side := kernels.Phase{Rows: means.Rows, Of: allRows, Visible: float32s(v), Hidden: means}
		if states := kernels.NewStates(means.Rows, visible); !g.Units.Plain() {
			states.Units = g.Units
			if states.PackStates(float32s(v), means.Rows) { // v are states: the kernel takes their bits
				side.States, side.Room = states, make([]int32, kernels.RoomForPhase(visible, means.Rows))
			}
		}
		return side
	}
	kernels.Gradient(float32s(out), phase(in[0], in[1], g.Data), phase(in[2], in[3], g.Chains), 0, visible, visible, hidden)
}

// Means is the op that averages the columns of a batch and, if Weighted, also the columns
// multiplied by one number per row.
type Means struct {
	pure
	Weighted bool
}

// NewMeans returns the means ⟨x_j⟩ (1,J) of x (B,J).
func NewMeans(x *gorgonia.Node) *gorgonia.Node { return apply(Means{}, x) }

// NewWeightedMeans returns (2,J) for x (B,J) and s (B): the means ⟨x_j⟩ in the first row and the
// weighted means ⟨x_j s⟩ in the second.
func NewWeightedMeans(x, s *gorgonia.Node) *gorgonia.Node {
	return apply(Means{Weighted: true}, x, s)
}

func (m Means) signature() signature {
	if m.Weighted {
		return signature{"means", []operand{matrix32, vector32}, matrix32}
	}
	return signature{"means", []operand{matrix32}, matrix32}
}

func (m Means) shape(in []tensor.Shape) (tensor.Shape, error) {
	if m.Weighted {
		return tensor.Shape{2, in[0][1]}, want("the row weights", in[1], in[0][0])
	}
	return tensor.Shape{1, in[0][1]}, nil
}

func (m Means) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := in[0].Shape()[0], in[0].Shape()[1]
	mean, weighted := splitMeans(float32s(out), columns)
	var s []float32
	if m.Weighted {
		s = float32s(in[1])
	}
	kernels.ColumnMeans(mean, weighted, kernels.ByRows(float32s(in[0]), columns), s, 0, columns, rows)
}

// splitMeans returns the two rows of the result of Means. The second may be empty.
func splitMeans(m []float32, columns int) (mean, weighted []float32) {
	return m[:columns], m[columns:]
}

// CenteredDot is the op (x - c)·c of each row, summed in float64.
type CenteredDot struct{ pure }

// NewCenteredDot returns (x - c)·c (B) for x (B,J) and the offsets c (J).
func NewCenteredDot(x, c *gorgonia.Node) *gorgonia.Node { return apply(CenteredDot{}, x, c) }

func (CenteredDot) signature() signature {
	return signature{"centered dot", []operand{matrix32, vector32}, vector32}
}

func (CenteredDot) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0]}, want("the offsets", in[1], in[0][1])
}

func (CenteredDot) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := in[0].Shape()[0], in[0].Shape()[1]
	kernels.CenteredDot(float32s(out), float32s(in[0]), float32s(in[1]), rows, columns)
}

// Difference is the op that subtracts the means of the chains from the means of the data, the
// plain gradient of a bias.
type Difference struct{ pure }

// NewDifference returns the difference (J) of the data's and the chains' means, each (1,J) or
// (2,J).
func NewDifference(data, chains *gorgonia.Node) *gorgonia.Node {
	return apply(Difference{}, data, chains)
}

func (Difference) signature() signature {
	return signature{"difference", []operand{matrix32, matrix32}, vector32}
}

func (Difference) shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][1]}, want("the chains' means", in[1], in[0]...)
}

func (Difference) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Difference(float32s(out), float32s(in[0]), float32s(in[1]))
}

// BiasGradient is the op that corrects the plain gradient of one layer's bias for the centering
// of the weights (Melchior, Fischer and Wiskott 2016):
//
//	Δ_i - (ΔW_c κ)_i  with  (ΔW_c κ)_i = ⟨x_i s⟩d - ⟨x_i s⟩m - μ_i (δ·κ)
//
// μ are the offsets of this layer and κ the offsets of the other. Δ and δ are the differences of
// the means of this layer and of the other. s = (y - κ)·κ for each row.
type BiasGradient struct{ pure }

// NewBiasGradient returns the corrected gradient (I). This layer gives its difference (I), the
// means of the data and of the chains weighted by s (2,I), and its offsets (I). The other layer
// gives its difference (J) and its offsets (J).
func NewBiasGradient(difference, data, chains, offset, otherDifference, otherOffset *gorgonia.Node) *gorgonia.Node {
	return apply(BiasGradient{}, difference, data, chains, offset, otherDifference, otherOffset)
}

func (BiasGradient) signature() signature {
	return signature{"bias gradient", []operand{vector32, matrix32, matrix32, vector32, vector32, vector32}, vector32}
}

func (BiasGradient) shape(in []tensor.Shape) (tensor.Shape, error) {
	size := in[0][0]
	return tensor.Shape{size}, cmp.Or(want("the data's means", in[1], 2, size), want("the chains' means", in[2], 2, size),
		want("the offsets", in[3], size), want("the other offsets", in[5], in[4][0]))
}

func (BiasGradient) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.BiasGradient(float32s(out), float32s(in[0]), float32s(in[1]), float32s(in[2]), float32s(in[3]),
		float32s(in[4]), float32s(in[5]))
}
