package engine

import (
	"cmp"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/kernels"
)

// The ops of units whose states are real numbers. They compute the columns of such units alone: the
// other columns of their result are copies of an operand, or 0.

// Shapes holds the nodes (J) of the shapes of units with real states, a number for each column of the layer:
// log-variances z = log σ², and jumps and skews, which are nil unless units have two sides (see
// [kernels.Shapes]).
type Shapes struct{ LogVariance, Jump, Skew *gorgonia.Node }

func (s Shapes) nodes() []*gorgonia.Node {
	if s.Jump == nil {
		return []*gorgonia.Node{s.LogVariance}
	}
	return []*gorgonia.Node{s.LogVariance, s.Jump, s.Skew}
}

// shapeCount returns the number of operands that hold the shapes (see [Shapes]) of units.
func shapeCount(u Units) int {
	if u.Sides() {
		return 3
	}
	return 1
}

// shapeOperands lists the element types and ranks of these operands.
func shapeOperands(u Units) []operand {
	return []operand{vector32, vector32, vector32}[:shapeCount(u)]
}

// checkShapes returns an error unless operands with the tensor shapes in are the shapes of the units of a layer of the
// given number of columns.
func checkShapes(u Units, in []tensor.Shape, columns int) error {
	err := fits(u, "the layer", columns)
	for i, s := range in[:shapeCount(u)] {
		err = cmp.Or(err, want([]string{"the log-variances", "the jumps", "the skews"}[i], s, columns))
	}
	return err
}

// shapesOf returns the shapes of units, whose operands are in. values turns an operand into a slice.
func shapesOf[T any](u Units, in []T, values func(T) []float32) kernels.Shapes {
	s := kernels.Shapes{LogVariance: values(in[0])}
	if u.Sides() {
		s.Jump, s.Skew = values(in[1]), values(in[2])
	}
	return s
}

// RealMean is the op that computes the means of units with real states, given their fields on a path.
type RealMean struct {
	Units Units
	Place place
	Mixed bool // the first operand has the columns of units of other kinds
}

// NewRealMean returns the means (B,J) of units with the fields z (B,J). others (B,J) has the means of the units
// of other kinds; it is nil if there are none.
func NewRealMean(others, z *gorgonia.Node, shapes Shapes, units Units, path Path) *gorgonia.Node {
	at, in := path.operands()
	return applyReal(RealMean{units, at, others != nil}, others, join(z, shapes.nodes(), in))
}

// join lists operands.
func join(first *gorgonia.Node, rest ...[]*gorgonia.Node) []*gorgonia.Node {
	return append([]*gorgonia.Node{first}, slices.Concat(rest...)...)
}

// applyReal adds a node whose first operand may be missing.
func applyReal(b Body, others *gorgonia.Node, in []*gorgonia.Node) *gorgonia.Node {
	if others != nil {
		in = append([]*gorgonia.Node{others}, in...)
	}
	return apply(b, in...)
}

func (m RealMean) signature() signature {
	return realSignature("real mean", m.Mixed, slices.Concat([]operand{matrix32}, shapeOperands(m.Units), m.Place.inputs()))
}

// realSignature returns the signature of an op whose first operand may be missing.
func realSignature(name string, mixed bool, in []operand) signature {
	if mixed {
		in = append([]operand{matrix32}, in...)
	}
	return signature{name, in, matrix32}
}

// realOperands splits the operands of RealMean or RealSample: others has the columns of units of other kinds, or is
// nil; fields has the fields and the shapes of units.
func realOperands[T any](u Units, mixed bool, in []T) (others, fields, rest []T) {
	if mixed {
		others, in = in[:1], in[1:]
	}
	n := 1 + shapeCount(u)
	return others, in[:n], in[n:]
}

func (m RealMean) shape(in []tensor.Shape) (tensor.Shape, error) {
	others, fields, rest := realOperands(m.Units, m.Mixed, in)
	return realShape(m.Units, others, fields, m.Place.check(fields[0], rest))
}

// realShape returns the shape of means or states, or the first error among err and its own checks.
func realShape(u Units, others, fields []tensor.Shape, err error) (tensor.Shape, error) {
	z := fields[0]
	for _, s := range others {
		err = cmp.Or(err, want("the other columns", s, z...))
	}
	return z.Clone(), cmp.Or(err, checkShapes(u, fields[1:], z[1]))
}

func (m RealMean) define(out *tensor.Dense, in []*tensor.Dense) {
	others, fields, rest := realOperands(m.Units, m.Mixed, in)
	r := realsOf(out, others, fields, m.Units, m.Place, rest)
	r.Mean = kernels.ByRows(float32s(out), r.Columns)
	kernels.ActivateReals(r)
}

// realsOf copies the other columns to the result and returns the description of the columns to compute.
func realsOf(out *tensor.Dense, others, fields []*tensor.Dense, u Units, at place, path []*tensor.Dense) kernels.Reals {
	for _, x := range others {
		copy(float32s(out), float32s(x))
	}
	rows, columns := out.Shape()[0], out.Shape()[1]
	return kernels.Reals{
		Rows: rows, Columns: columns, Units: u, Shapes: shapesOf(u, fields[1:], float32s),
		Field: kernels.ByRows(float32s(fields[0]), columns), Path: at.path(rows, path),
	}
}

func (m RealMean) inPlace(i int) bool { return m.Mixed && i == 0 }

// RealSample is the op that draws the states of units with real states, given their fields on a path.
type RealSample struct {
	Units Units
	Place place
	Draw  Draw
	Mixed bool // the first operand has the columns of units of other kinds
}

// NewRealSample returns the states (B,J) of units with the fields z (B,J), drawn at the clock (3). others (B,J)
// has the states of the units of other kinds; it is nil if there are none. It panics if the path is along a
// schedule at another clock.
func NewRealSample(others, z *gorgonia.Node, shapes Shapes, clock *gorgonia.Node, units Units, path Path, d Draw) *gorgonia.Node {
	if path.Clock != nil && path.Clock != clock {
		panic("engine: a draw needs the clock of its path")
	}
	at, in := path.operands()
	return applyReal(RealSample{units, at, d, others != nil}, others, join(z, shapes.nodes(), []*gorgonia.Node{clock}, in))
}

func (s RealSample) signature() signature {
	in := slices.Concat([]operand{matrix32}, shapeOperands(s.Units), []operand{integers}, s.Place.inputs())
	return realSignature("real sample", s.Mixed, in)
}

func (s RealSample) shape(in []tensor.Shape) (tensor.Shape, error) {
	others, fields, rest := realOperands(s.Units, s.Mixed, in)
	err := cmp.Or(want("the clock", rest[0], ClockSize), s.Place.check(fields[0], rest[1:]))
	return realShape(s.Units, others, fields, err)
}

func (s RealSample) define(out *tensor.Dense, in []*tensor.Dense) {
	others, fields, rest := realOperands(s.Units, s.Mixed, in)
	r := realsOf(out, others, fields, s.Units, s.Place, rest[1:])
	r.State, r.Draw = kernels.ByRows(float32s(out), r.Columns), s.Draw.at(int32s(rest[0]))
	kernels.ActivateReals(r)
}

func (s RealSample) inPlace(i int) bool { return s.Mixed && i == 0 }

// RealSlope is the op that computes slopes of units with real states by a parameter of their shapes: by [ByEnergy], of
// states, ½ (s/σ)², which is minus the slope of their energy by the log-variance for units without sides; else, of
// fields, ∂Γ (see [kernels.RealSlopes]).
type RealSlope struct {
	pure
	Units Units
	By    Slope
}

// NewRealSlope returns the slopes (B,J) of states or fields x (B,J).
func NewRealSlope(x *gorgonia.Node, shapes Shapes, s RealSlope) *gorgonia.Node {
	return apply(s, join(x, shapes.nodes())...)
}

func (s RealSlope) signature() signature {
	return signature{"real slope", append([]operand{matrix32}, shapeOperands(s.Units)...), matrix32}
}

func (s RealSlope) shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), checkShapes(s.Units, in[1:], in[0][1])
}

func (s RealSlope) define(out *tensor.Dense, in []*tensor.Dense) {
	shapes := shapesOf(s.Units, in[1:], float32s)
	kernels.RealSlopes(float32s(out), float32s(in[0]), s.Units, shapes, s.By, out.Shape()[0], out.Shape()[1])
}

// Bound is the op that limits parameters of a layer, such as log-variances, to an interval for each column.
type Bound struct {
	Units  Units
	Shared bool // then all units with real states get the mean of theirs
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
