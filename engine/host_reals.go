package engine

import "harmonium/kernels"

// realsTask computes the columns of units with real states of a layer, row by row.
type realsTask struct {
	nothing
	kernels *kernels.Set
	reals   kernels.Reals
	betas   []float32 // room for the inverse temperatures of rows
}

func (t *realsTask) run(_, lo, hi int) {
	part := t.reals.From(lo)
	part.Rows = hi - lo
	t.kernels.ActivateReals(part)
}

// activateReals launches means, or states if there is a draw.
func (h *host) activateReals(out Buffer, in []Buffer, u Units, at place, mixed bool, draw *Draw) error {
	others, rest := realOperands(mixed, in)
	to := out.(*hostBuffer)
	for _, b := range others {
		from := expanded(b)
		if from != to {
			copy(to.f32, from.f32)
		}
	}
	t := h.tasks.reals.next()
	field := rest[0].(*hostBuffer)
	t.kernels = h.kernels
	t.reals = kernels.Reals{Rows: to.rows(), Columns: to.width(), Units: u, LogVariance: expanded(rest[1]).f32, Field: field.values()}
	path := rest[2:]
	if draw != nil {
		t.reals.State, t.reals.Draw = kernels.ByRows(to.f32, to.width()), draw.at(rest[2].(*hostBuffer).i32)
		path = rest[3:]
	} else {
		t.reals.Mean = kernels.ByRows(to.f32, to.width())
	}
	t.reals.Path = pathOn(at, path, to.rows(), &t.betas)
	to.written()
	return h.start(t, to.rows(), 1)
}

// realSumTask adds the terms of units with real states to sums of rows.
type realSumTask struct {
	nothing
	op             RealSum
	out, before, x *hostBuffer
	values         kernels.Grid
	logVariance    []float32
}

func (t *realSumTask) run(_, lo, hi int) {
	kernels.RealSum(t.out.f64[lo:hi], t.before.f64[lo:hi], t.values.From(lo), t.op.Units, t.logVariance, t.op.Fields, hi-lo, t.x.width())
}

func (h *host) realSum(out Buffer, in []Buffer, op RealSum) error {
	t := h.tasks.realSum.next()
	*t = realSumTask{op: op, out: out.(*hostBuffer), before: in[0].(*hostBuffer), x: in[1].(*hostBuffer), logVariance: expanded(in[2]).f32}
	t.values = t.x.values()
	t.out.written()
	return h.start(t, t.x.rows(), 1)
}

// realSlopeTask computes slopes by log-variances, row by row.
type realSlopeTask struct {
	nothing
	kernels     *kernels.Set
	op          RealSlope
	out, x      *hostBuffer
	logVariance []float32
}

func (t *realSlopeTask) run(_, lo, hi int) {
	columns := t.x.width()
	t.kernels.RealSlopes(t.out.f32[lo*columns:hi*columns], t.x.f32[lo*columns:hi*columns], t.op.Units, t.logVariance, t.op.Fields, hi-lo, columns)
}

func (h *host) realSlope(out Buffer, in []Buffer, op RealSlope) error {
	t := h.tasks.realSlope.next()
	*t = realSlopeTask{kernels: h.kernels, op: op, out: out.(*hostBuffer), x: expanded(in[0]), logVariance: expanded(in[1]).f32}
	t.out.written()
	return h.start(t, t.x.rows(), 1)
}

func (h *host) bound(out Buffer, in []Buffer, b Bound) error {
	to := out.(*hostBuffer)
	kernels.Bound(to.f32, expanded(in[0]).f32, expanded(in[1]).f32, b.Units, b.Shared)
	to.written()
	return nil
}
