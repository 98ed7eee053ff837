package engine

import (
	"cmp"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// The ops of units whose states are real numbers. They compute the columns of such units alone: the
// other columns of their result are copies of an operand, or 0. The log-variances z = log σ² have a
// number for each column of the layer (see [kernels.Reals]).

// RealMean is the op that computes the means of units with real states, where t is their field on a
// path.
type RealMean struct {
	Units Units
	Place place
	Mixed bool // the first operand has the other columns
}

// NewRealMean returns the means (B,J) of units with the fields z (B,J) and log-variances (J). others (B,J)
// has the means of the units of other kinds; it is nil if there are none.
func NewRealMean(others, z, logVariance *gorgonia.Node, units Units, path Path) *gorgonia.Node {
	at, in := path.operands()
	return applyReal(RealMean{units, at, others != nil}, others, append([]*gorgonia.Node{z, logVariance}, in...))
}

// applyReal adds a node whose first operand may be missing.
func applyReal(b Body, others *gorgonia.Node, in []*gorgonia.Node) *gorgonia.Node {
	if others != nil {
		in = append([]*gorgonia.Node{others}, in...)
	}
	return apply(b, in...)
}

func (m RealMean) signature() signature {
	return realSignature("real mean", m.Mixed, append([]operand{matrix32, vector32}, m.Place.inputs()...))
}

// realSignature returns the signature of an op whose first operand may be missing.
func realSignature(name string, mixed bool, in []operand) signature {
	if mixed {
		in = append([]operand{matrix32}, in...)
	}
	return signature{name, in, matrix32}
}

// realOperands returns the other columns, or nil, and the remaining operands.
func realOperands[T any](mixed bool, in []T) (others, rest []T) {
	if mixed {
		return in[:1], in[1:]
	}
	return nil, in
}

func (m RealMean) shape(in []tensor.Shape) (tensor.Shape, error) {
	others, rest := realOperands(m.Mixed, in)
	return realShape(m.Units, others, rest[0], rest[1], m.Place.check(rest[0], rest[2:]))
}

// realShape returns the shape of means or states, or an error.
func realShape(u Units, others []tensor.Shape, z, logVariance tensor.Shape, err error) (tensor.Shape, error) {
	for _, s := range others {
		err = cmp.Or(err, want("the other columns", s, z...))
	}
	return z.Clone(), cmp.Or(err, want("the log-variances", logVariance, z[1]), fits(u, "the layer", z[1]))
}

func (m RealMean) define(out *tensor.Dense, in []*tensor.Dense) {
	others, rest := realOperands(m.Mixed, in)
	r := realsOf(out, others, rest[0], rest[1], m.Units, m.Place, rest[2:])
	r.Mean = kernels.ByRows(float32s(out), r.Columns)
	kernels.ActivateReals(r)
}

// realsOf copies the other columns to the result and returns the description of the columns to compute.
func realsOf(out *tensor.Dense, others []*tensor.Dense, z, logVariance *tensor.Dense, u Units, at place, path []*tensor.Dense) kernels.Reals {
	for _, x := range others {
		copy(float32s(out), float32s(x))
	}
	rows, columns := out.Shape()[0], out.Shape()[1]
	return kernels.Reals{
		Rows: rows, Columns: columns, Units: u, LogVariance: float32s(logVariance), Field: kernels.ByRows(float32s(z), columns),
		Path: at.path(rows, path),
	}
}

func (m RealMean) inPlace(i int) bool { return m.Mixed && i == 0 }

// RealSample is the op that draws the states of units with real states, given their fields on a path.
type RealSample struct {
	Units Units
	Place place
	Draw  Draw
	Mixed bool // the first operand has the other columns
}

// NewRealSample returns the states (B,J) of units with the fields z (B,J) and log-variances (J), drawn at
// the clock (3). others (B,J) has the states of the units of other kinds; it is nil if there are none. It
// panics if the path is along a schedule at another clock.
func NewRealSample(others, z, logVariance, clock *gorgonia.Node, units Units, path Path, d Draw) *gorgonia.Node {
	if path.Clock != nil && path.Clock != clock {
		panic("engine: a draw needs the clock of its path")
	}
	at, in := path.operands()
	return applyReal(RealSample{units, at, d, others != nil}, others, append([]*gorgonia.Node{z, logVariance, clock}, in...))
}

func (s RealSample) signature() signature {
	return realSignature("real sample", s.Mixed, append([]operand{matrix32, vector32, integers}, s.Place.inputs()...))
}

func (s RealSample) shape(in []tensor.Shape) (tensor.Shape, error) {
	others, rest := realOperands(s.Mixed, in)
	err := cmp.Or(want("the clock", rest[2], ClockSize), s.Place.check(rest[0], rest[3:]))
	return realShape(s.Units, others, rest[0], rest[1], err)
}

func (s RealSample) define(out *tensor.Dense, in []*tensor.Dense) {
	others, rest := realOperands(s.Mixed, in)
	r := realsOf(out, others, rest[0], rest[1], s.Units, s.Place, rest[3:])
	r.State, r.Draw = kernels.ByRows(float32s(out), r.Columns), s.Draw.at(int32s(rest[2]))
	kernels.ActivateReals(r)
}

func (s RealSample) inPlace(i int) bool { return s.Mixed && i == 0 }

// RealSum is the op that adds the terms of units with real states to a sum of each row, such as a free
// energy: Σ ½ (s/σ)² of states s, or, subtracted, Σ Γ(z) if Fields.
type RealSum struct {
	Units  Units
	Fields bool // subtract the cumulants of fields instead
}

// NewRealSum returns the sums (B) of before (B) and the terms of x (B,J), the states or fields of a layer
// with log-variances (J).
func NewRealSum(before, x, logVariance *gorgonia.Node, s RealSum) *gorgonia.Node {
	return apply(s, before, x, logVariance)
}

func (RealSum) signature() signature {
	return signature{"real sum", []operand{vector64, matrix32, vector32}, vector64}
}

func (s RealSum) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the sums", in[0], in[1][0]), want("the log-variances", in[2], in[1][1]),
		fits(s.Units, "the layer", in[1][1]))
}

func (s RealSum) define(out *tensor.Dense, in []*tensor.Dense) {
	rows, columns := in[1].Shape()[0], in[1].Shape()[1]
	kernels.RealSum(float64s(out), float64s(in[0]), kernels.ByRows(float32s(in[1]), columns), s.Units, float32s(in[2]), s.Fields, rows, columns)
}

func (RealSum) inPlace(i int) bool { return i == 0 }

// RealSlope is the op that computes the slopes of units with real states by their log-variances: of states
// ½ (s/σ)², minus the slope of their energy, and of fields ∂Γ/∂z (see [kernels.RealSlopes]).
type RealSlope struct {
	pure
	Units  Units
	Fields bool
}

// NewRealSlope returns the slopes (B,J) of states or fields x (B,J), for log-variances (J).
func NewRealSlope(x, logVariance *gorgonia.Node, s RealSlope) *gorgonia.Node {
	return apply(s, x, logVariance)
}

func (RealSlope) signature() signature {
	return signature{"real slope", []operand{matrix32, vector32}, matrix32}
}

func (s RealSlope) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the log-variances", in[1], in[0][1]), fits(s.Units, "the layer", in[0][1]))
}

func (s RealSlope) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.RealSlopes(float32s(out), float32s(in[0]), s.Units, float32s(in[1]), s.Fields, out.Shape()[0], out.Shape()[1])
}

// Bound is the op that limits the log-variances of a layer to an interval.
type Bound struct {
	Units  Units
	Shared bool // all units with real states get the mean of their log-variances
}

// NewBound returns x (J) limited to the rows of bounds (2,J), the lower one first.
func NewBound(x, bounds *gorgonia.Node, b Bound) *gorgonia.Node { return apply(b, x, bounds) }

func (Bound) signature() signature {
	return signature{"bound", []operand{vector32, matrix32}, vector32}
}

func (b Bound) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), cmp.Or(want("the bounds", in[1], 2, in[0][0]), fits(b.Units, "the layer", in[0][0]))
}

func (b Bound) define(out *tensor.Dense, in []*tensor.Dense) {
	kernels.Bound(float32s(out), float32s(in[0]), float32s(in[1]), b.Units, b.Shared)
}

func (Bound) inPlace(i int) bool { return i == 0 }
