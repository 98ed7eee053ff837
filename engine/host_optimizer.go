package engine

import "harmonium/kernels"

// optimizerTask moves a moment, or a parameter by its moments or its velocity.
type optimizerTask struct {
	next    []float32
	in      [3][]float32 // of the op, less rates and clock
	columns int
	moment  *Moment // or a parameter is moved
	adam    bool    // or by Nesterov's gradient
	rates   [2]float32
	bad     firstBad
}

func (t *optimizerTask) run(_, lo, hi int) {
	lo, hi = lo*t.columns, hi*t.columns
	switch {
	case t.moment != nil:
		kernels.Moment(t.next, t.in[0], t.in[1], t.moment.Decay, t.moment.Squared, lo, hi)
	case t.adam:
		t.bad.note(kernels.Adam(t.next, t.in[0], t.in[1], t.in[2], t.rates[0], t.rates[1], lo, hi))
	default:
		t.bad.note(kernels.Nesterov(t.next, t.in[0], t.in[1], t.in[2], t.rates[1], lo, hi))
	}
}

func (h *host) Moment(next, m, gradient Buffer, o Moment) error {
	t := &h.tasks.optimizer
	h.tasks.moment = o
	t.moment = &h.tasks.moment
	t.in = [3][]float32{expanded(m).f32, expanded(gradient).f32}
	return h.optimize(next.(*hostBuffer))
}

func (h *host) Adam(next, w, m, s, rates, clock Buffer) error {
	h.tasks.optimizer.adam = true
	return h.move(next, w, m, s, rates, clock)
}

func (h *host) Nesterov(next, w, v, before, rates, clock Buffer) error {
	h.tasks.optimizer.adam = false
	return h.move(next, w, v, before, rates, clock)
}

// move runs h.tasks.optimizer on a parameter.
func (h *host) move(next, w, x, y, rates, clock Buffer) error {
	t := &h.tasks.optimizer
	t.moment = nil
	t.in = [3][]float32{expanded(w).f32, expanded(x).f32, expanded(y).f32}
	t.rates[0], t.rates[1] = ratesAt(expanded(rates).f32, clock.(*hostBuffer).i32)
	return h.optimize(next.(*hostBuffer))
}

// optimize runs h.tasks.optimizer over the rows of what it writes.
func (h *host) optimize(out *hostBuffer) error {
	t := &h.tasks.optimizer
	t.next = out.f32
	var rows int
	rows, t.columns = matrixShape(out.shape)
	t.bad.reset()
	out.written()
	h.pool.run(t, rows, 1)
	return t.bad.fault(out)
}
