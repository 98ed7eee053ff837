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

// activateReals launches the means of units with real states, or their states if there is a draw. If mixed, the
// columns of units of other kinds are copied from the operand that has them.
func (h *host) activateReals(out Buffer, in []Buffer, u Units, at place, mixed bool, draw *Draw) error {
	others, fields, rest := realOperands(u, mixed, in)
	to := out.(*hostBuffer)
	for _, b := range others {
		from := expanded(b)
		if from != to {
			copy(to.f32, from.f32)
		}
	}
	t := h.tasks.reals.next()
	t.kernels = h.kernels
	t.reals = kernels.Reals{
		Rows: to.rows(), Columns: to.width(), Units: u, Shapes: shapesOf(u, fields[1:], numbers),
		Field: fields[0].(*hostBuffer).values(),
	}
	if draw != nil {
		t.reals.State, t.reals.Draw = kernels.ByRows(to.f32, to.width()), draw.at(rest[0].(*hostBuffer).i32)
		rest = rest[1:]
	} else {
		t.reals.Mean = kernels.ByRows(to.f32, to.width())
	}
	t.reals.Path = pathOn(at, rest, to.rows(), &t.betas)
	to.written()
	return h.start(t, to.rows(), 1)
}

// numbers returns the values of a buffer of numbers.
func numbers(b Buffer) []float32 { return expanded(b).f32 }

// realSumTask adds the terms of units with real states to sums of rows.
type realSumTask struct {
	nothing
	kernels        *kernels.Set
	op             RealSum
	out, before, x *hostBuffer
	values         kernels.Grid
	shapes         kernels.Shapes
	sums           []float64 // room for a sum of each row
}

func (t *realSumTask) run(_, lo, hi int) {
	out, before, columns := t.out.f64[lo:hi], t.before.f64[lo:hi], t.x.width()
	if !t.op.Fields {
		kernels.RealSum(out, before, t.values.From(lo), t.op.Units, t.shapes, false, hi-lo, columns)
		return
	}
	sums := t.sums[lo:hi]
	t.kernels.RealCumulantSum(sums, t.values.From(lo), t.op.Units, t.shapes, 1, hi-lo, columns)
	for n, sum := range sums {
		out[n] = before[n] - sum
	}
}

func (h *host) realSum(out Buffer, in []Buffer, op RealSum) error {
	t := h.tasks.realSum.next()
	x := in[1].(*hostBuffer)
	*t = realSumTask{
		kernels: h.kernels, op: op, out: out.(*hostBuffer), before: in[0].(*hostBuffer), x: x, values: x.values(),
		shapes: shapesOf(op.Units, in[2:], numbers), sums: roomFor(t.sums, x.rows()),
	}
	t.out.written()
	return h.start(t, x.rows(), 1)
}

// roomFor returns room for n numbers.
func roomFor[T any](room []T, n int) []T {
	if len(room) < n {
		return make([]T, n)
	}
	return room
}

// realWeightTask adds the parts of units with real states to log-weights.
type realWeightTask struct {
	nothing
	kernels        *kernels.Set
	units          Units
	out, before, z *hostBuffer
	values         kernels.Grid
	shapes         kernels.Shapes
	from, to       []float32 // inverse temperatures of each row, or of all
	betas          []float32 // room for from and to
	sums           []float64 // room for two sums of each row
}

func (t *realWeightTask) run(_, lo, hi int) {
	rows, columns := t.z.rows(), t.z.width()
	sum := func(f []float64, betas []float32, lo, hi int) {
		beta := betas[min(lo, len(betas)-1)] // of row lo, or of all
		t.kernels.RealCumulantSum(f[lo:hi], t.values.From(lo), t.units, t.shapes, beta, hi-lo, columns)
	}
	from, to := t.sums[:rows], t.sums[rows:]
	step := hi - lo
	if len(t.from) > 1 { // a kernel call has one inverse temperature
		step = 1
	}
	for n := lo; n < hi; n += step {
		sum(from, t.from, n, n+step)
		sum(to, t.to, n, n+step)
	}
	for n := lo; n < hi; n++ {
		t.out.f64[n] = t.before.f64[n] + (to[n] - from[n])
	}
}

func (h *host) realWeight(out Buffer, in []Buffer, op RealWeight) error {
	t := h.tasks.realWeight.next()
	z, rest := in[1].(*hostBuffer), in[2+shapeCount(op.Units):]
	var levels []float32
	if op.Along == ladder {
		levels = numbers(rest[2])
	}
	*t = realWeightTask{
		kernels: h.kernels, units: op.Units, out: out.(*hostBuffer), before: in[0].(*hostBuffer), z: z, values: z.values(),
		shapes: shapesOf(op.Units, in[2:], numbers), betas: roomFor(t.betas, 2*z.rows()), sums: roomFor(t.sums, 2*z.rows()),
	}
	t.from, t.to = op.betas(t.betas, numbers(rest[0]), levels, rest[1].(*hostBuffer).i32)
	t.out.written()
	return h.start(t, z.rows(), 1)
}

// realSlopeTask computes slopes by the parameters of shapes, row by row.
type realSlopeTask struct {
	nothing
	kernels *kernels.Set
	op      RealSlope
	out, x  *hostBuffer
	shapes  kernels.Shapes
}

func (t *realSlopeTask) run(_, lo, hi int) {
	columns := t.x.width()
	out, x := t.out.f32[lo*columns:hi*columns], t.x.f32[lo*columns:hi*columns]
	t.kernels.RealSlopes(out, x, t.op.Units, t.shapes, t.op.By, hi-lo, columns)
}

func (h *host) realSlope(out Buffer, in []Buffer, op RealSlope) error {
	t := h.tasks.realSlope.next()
	*t = realSlopeTask{
		kernels: h.kernels, op: op, out: out.(*hostBuffer), x: expanded(in[0]), shapes: shapesOf(op.Units, in[1:], numbers),
	}
	t.out.written()
	return h.start(t, t.x.rows(), 1)
}

func (h *host) bound(out Buffer, in []Buffer, b Bound) error {
	to := out.(*hostBuffer)
	kernels.Bound(to.f32, numbers(in[0]), numbers(in[1]), b.Units, b.Shared)
	to.written()
	return nil
}
