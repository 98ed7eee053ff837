package engine

import (
	"cmp"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// RealSum is the op that adds the terms of units with real states to a sum of each row, such as a free
// energy: Σ ½ (s/σ)² of states s, or, subtracted, Σ Γ(z) if Fields.
type RealSum struct {
	Units  Units
	Fields bool // subtract the cumulants of fields instead
}

// NewRealSum returns the sums (B) of before (B) and the terms of x (B,J), the states or fields of a layer.
func NewRealSum(before, x *gorgonia.Node, shapes Shapes, s RealSum) *gorgonia.Node {
	return apply(s, join(before, []*gorgonia.Node{x}, shapes.nodes())...)
}

func (s RealSum) signature() signature {
	return signature{"real sum", append([]operand{vector64, matrix32}, shapeOperands(s.Units)...), vector64}
}

func (s RealSum) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the sums", in[0], in[1][0]), checkShapes(s.Units, in[2:], in[1][1]))
}

func (s RealSum) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := in[1].Shape()[0], in[1].Shape()[1]
	shapes := shapesOf(s.Units, in[2:], float32s)
	x := kernels.ByRows(float32s(in[1]), columns)
	kernels.RealSum(float64s(out), float64s(in[0]), x, s.Units, shapes, s.Fields, rows, columns)
}

func (RealSum) inPlace(i int) bool { return i == 0 }

// RealWeight is the op that adds the part of hidden units with real states to log-weights or log-ratios: see
// [LogWeight].
type RealWeight struct {
	Units Units
	Along along
}

// NewRealWeight returns log-weights (B) after a step of a schedule, given the log-weights (B) that
// [NewLogWeight] returns, the fields z (B,H), the schedule betas (K) and the clock (3).
func NewRealWeight(logWeights, z *gorgonia.Node, shapes Shapes, betas, clock *gorgonia.Node, units Units) *gorgonia.Node {
	in := join(logWeights, []*gorgonia.Node{z}, shapes.nodes(), []*gorgonia.Node{betas, clock})
	return apply(RealWeight{units, schedule}, in...)
}

// NewRealRatio returns the log-ratios (T·C) of the rows of a ladder, given the log-ratios (T·C) that
// [NewLogRatio] returns, the fields z (T·C,H), betas (T), levels (T·C) and the clock (3).
func NewRealRatio(ratios, z *gorgonia.Node, shapes Shapes, betas, levels, clock *gorgonia.Node, units Units) *gorgonia.Node {
	in := join(ratios, []*gorgonia.Node{z}, shapes.nodes(), []*gorgonia.Node{betas, clock, levels})
	return apply(RealWeight{units, ladder}, in...)
}

func (w RealWeight) signature() signature {
	in := slices.Concat([]operand{vector64, matrix32}, shapeOperands(w.Units), []operand{vector32, integers})
	if w.Along == ladder {
		in = append(in, vector32)
	}
	return signature{"real weight", in, vector64}
}

func (w RealWeight) shape(in []tensor.Shape) (tensor.Shape, error) {
	z, rest := in[1], in[2+shapeCount(w.Units):]
	err := cmp.Or(want("the log-weights", in[0], z[0]), checkShapes(w.Units, in[2:], z[1]), want("the clock", rest[1], ClockSize))
	if w.Along == ladder {
		err = cmp.Or(err, want("the levels", rest[2], z[0]))
	}
	return in[0].Clone(), err
}

func (w RealWeight) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns, rest := in[1].Shape()[0], in[1].Shape()[1], in[2+shapeCount(w.Units):]
	var levels []float32
	if w.Along == ladder {
		levels = float32s(rest[2])
	}
	from, to := w.betas(make([]float32, 2*rows), float32s(rest[0]), levels, int32s(rest[1]))
	kernels.RealWeight(float64s(out), float64s(in[0]), kernels.ByRows(float32s(in[1]), columns), w.Units,
		shapesOf(w.Units, in[2:], float32s), from, to, rows, columns)
}

// betas returns the two inverse temperatures, one of each for each row or for all rows. A row without a partner
// has the same twice. The room has two places for each row.
func (w RealWeight) betas(room, betas, levels []float32, clock []int32) (from, to []float32) {
	at := clock[ClockUpdate]
	if w.Along == schedule {
		return betas[at : at+1], betas[at+1 : at+2]
	}
	from, to = room[:len(levels)], room[len(levels):][:len(levels)]
	for n, level := range levels {
		from[n], to[n] = betas[int(level)], betas[int(level)]
		if other := kernels.Partner(int(level), len(betas), uint32(at)); other >= 0 {
			to[n] = betas[other]
		}
	}
	return from, to
}

func (RealWeight) inPlace(i int) bool { return i == 0 }
