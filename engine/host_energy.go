package engine

import "harmonium/kernels"

// rowSumsTask computes the sums of a free energy, a log-weight or a centered dot for each row:
// inner products of v and sums of the cumulants of z.
type rowSumsTask struct {
	nothing
	kernels *kernels.Set
	v       *hostBuffer
	linear  [2][]float32 // vectors of the inner products with v, or nil
	z       kernels.Grid
	width   int // columns of z
	units   Units
	betas   [2]float32
	curved  int // number of sums of cumulants: 0, 1 or 2

	sums   [4][]float64 // room for the sums: two inner products, two sums of cumulants
	finish func(t *rowSumsTask, n int)

	out       *hostBuffer
	before    []float64 // log-weights before the step
	offsetDot float64   // c·c of a centered dot with the offsets c
}

func (t *rowSumsTask) run(_, lo, hi int) {
	rows := hi - lo
	for i, c := range t.linear {
		if c == nil {
			continue
		}
		t.v.dot(t.kernels, t.sums[i][lo:], c, lo, hi)
	}
	for i := range t.curved {
		t.kernels.CumulantSum(t.sums[2+i][lo:], t.z.From(lo), t.units, t.betas[i], rows, t.width)
	}
	for n := lo; n < hi; n++ {
		t.finish(t, n)
	}
}

// dot writes to f the inner products of the rows lo ≤ n < hi with c.
func (b *hostBuffer) dot(k *kernels.Set, f []float64, c []float32, lo, hi int) {
	if b.hasStates {
		kernels.RowDotStates(f, b.states.From(lo), c, hi-lo)
	} else {
		k.RowDot(f, b.values().From(lo), c, hi-lo, b.width())
	}
}

// rowSums starts the described task over the rows of its v.
func (h *host) rowSums(described rowSumsTask) error {
	t := h.tasks.rowSums.next()
	rows := described.v.rows()
	sums := roomForSums(t.sums, rows)
	*t = described
	t.kernels, t.sums = h.kernels, sums
	t.out.written()
	return h.start(t, rows, 1)
}

// roomForSums returns sums with room for at least rows numbers each.
func roomForSums(sums [4][]float64, rows int) [4][]float64 {
	for i, s := range sums {
		if len(s) < rows {
			sums[i] = make([]float64, rows)
		}
	}
	return sums
}

func (h *host) freeEnergy(out Buffer, in []Buffer, op FreeEnergy) error {
	return h.rowSums(rowSumsTask{
		v: in[0].(*hostBuffer), z: in[2].(*hostBuffer).values(), width: in[2].Shape()[1], out: out.(*hostBuffer),
		linear: [2][]float32{expanded(in[1]).f32}, units: op.Units,
		betas: [2]float32{1}, curved: 1,
		finish: finishFreeEnergy,
	})
}

func finishFreeEnergy(t *rowSumsTask, n int) {
	t.out.f64[n] = -t.sums[0][n] - t.sums[2][n]
}

func (h *host) logWeight(out Buffer, in []Buffer, op LogWeight) error {
	if op.Along == ladder {
		return h.logRatio(out, in, op.Units)
	}
	betas, at := expanded(in[4]).f32, in[5].(*hostBuffer).i32[ClockUpdate]
	return h.rowSums(rowSumsTask{
		v: in[0].(*hostBuffer), z: in[3].(*hostBuffer).values(), width: in[3].Shape()[1], out: out.(*hostBuffer),
		linear: [2][]float32{expanded(in[1]).f32, expanded(in[2]).f32}, units: op.Units,
		betas: [2]float32{betas[at], betas[at+1]}, curved: 2,
		before: in[6].(*hostBuffer).f64,
		finish: finishLogWeight,
	})
}

func finishLogWeight(t *rowSumsTask, n int) {
	s := &t.sums
	t.out.f64[n] = t.before[n] + kernels.LogIncrement(t.betas[0], t.betas[1], s[0][n], s[1][n], s[2][n], s[3][n])
}

func (h *host) centeredDot(out Buffer, in []Buffer) error {
	offsets := expanded(in[1]).f32
	return h.rowSums(rowSumsTask{
		v: in[0].(*hostBuffer), out: out.(*hostBuffer),
		linear:    [2][]float32{offsets},
		offsetDot: kernels.Dot(offsets, offsets),
		finish:    finishCenteredDot,
	})
}

func finishCenteredDot(t *rowSumsTask, n int) {
	t.out.f32[n] = float32(t.sums[0][n] - t.offsetDot)
}

// monitorTask computes one number per row: a squared error or, if pseudo, a pseudo-likelihood.
type monitorTask struct {
	nothing
	f      *hostBuffer // result
	v, z   *hostBuffer // the two matrices of a squared error; or the states and the fields
	w, a   *hostBuffer // weights and visible bias; or nil
	units  [2]Units    // of the visible and of the hidden layer
	draw   kernels.Draw
	pseudo bool
}

func (t *monitorTask) run(_, lo, hi int) {
	visible := t.v.width()
	v := t.v.f32[lo*visible:]
	if !t.pseudo {
		kernels.SquaredError(t.f.f64[lo:], v, t.z.f32[lo*visible:], hi-lo, visible)
		return
	}
	draw := t.draw
	draw.Row += uint32(lo)
	hidden := t.z.width()
	kernels.PseudoLikelihood(t.f.f64[lo:], v, t.z.f32[lo*hidden:], t.w.f32, t.a.f32, t.units, draw, hi-lo, visible, hidden)
}

func (h *host) pseudoLikelihood(out Buffer, in []Buffer, p PseudoLikelihood) error {
	return h.monitor(monitorTask{
		f: out.(*hostBuffer), v: expanded(in[0]), z: expanded(in[1]), w: expanded(in[2]), a: expanded(in[3]),
		units: [2]Units{p.Visible, p.Hidden}, draw: p.Draw.at(in[4].(*hostBuffer).i32), pseudo: true,
	})
}

func (h *host) squaredError(out Buffer, in []Buffer) error {
	return h.monitor(monitorTask{f: out.(*hostBuffer), v: expanded(in[0]), z: expanded(in[1])})
}

func (h *host) monitor(described monitorTask) error {
	t := h.tasks.monitor.next()
	*t = described
	t.f.written()
	return h.start(t, t.v.rows(), 1)
}
