package engine

import "harmonium/kernels"

// optimizerTask updates a moment, or a parameter from its moments or its velocity.
type optimizerTask struct {
	next    []float32
	in      [3][]float32 // operands of the op, without rates and clock
	columns int
	moves   optimizerMove
	moment  Moment
	rates   [2]float32
	out     *hostBuffer
	bad     firstBad
}

// optimizerMove selects the update: of a moment, or of a parameter in one of two ways.
type optimizerMove int

const (
	moveMoment optimizerMove = iota
	moveByAdam
	moveByNesterov
)

func (t *optimizerTask) run(_, lo, hi int) {
	lo, hi = lo*t.columns, hi*t.columns
	switch t.moves {
	case moveMoment:
		kernels.Moment(t.next, t.in[0], t.in[1], t.moment.Decay, t.moment.Squared, lo, hi)
	case moveByAdam:
		t.bad.note(kernels.Adam(t.next, t.in[0], t.in[1], t.in[2], t.rates[0], t.rates[1], lo, hi))
	case moveByNesterov:
		t.bad.note(kernels.Nesterov(t.next, t.in[0], t.in[1], t.in[2], t.rates[1], lo, hi))
	}
}

func (h *host) moment(out Buffer, in []Buffer, o Moment) error {
	t := h.tasks.optimizer.next()
	t.moves, t.moment = moveMoment, o
	t.in = [3][]float32{expanded(in[0]).f32, expanded(in[1]).f32}
	return h.optimize(t, out.(*hostBuffer))
}

func (h *host) moveParameter(moves optimizerMove, out Buffer, in []Buffer) error {
	t := h.tasks.optimizer.next()
	t.moves = moves
	t.in = [3][]float32{expanded(in[0]).f32, expanded(in[1]).f32, expanded(in[2]).f32}
	t.rates[0], t.rates[1] = ratesAt(expanded(in[3]).f32, in[4].(*hostBuffer).i32)
	return h.optimize(t, out.(*hostBuffer))
}

// optimize starts a task over the rows of its result.
func (h *host) optimize(t *optimizerTask, out *hostBuffer) error {
	t.next, t.out = out.f32, out
	var rows int
	rows, t.columns = matrixShape(out.shape)
	t.bad.reset()
	out.written()
	return h.start(t, rows, 1)
}

func (t *optimizerTask) done() error { return t.bad.fault(t.out) }
