package engine

import "harmonium/kernels"

// turnTask lists the ones of the columns of two batches of states, those of the data
// and those of the chains.
type turnTask struct {
	kernels *kernels.Set
	batches [2]*hostBuffer // or nil
}

func (t *turnTask) run(lo, hi int) {
	for _, b := range t.batches {
		if b != nil {
			t.kernels.TransposeOnes(b.columns, b.states, b.rows(), lo, hi)
		}
	}
}

type gradientTask struct {
	kernels      *kernels.Set
	g            *hostBuffer
	data, chains kernels.Phase
}

func (t *gradientTask) run(lo, hi int) {
	t.kernels.Gradient(t.g.f32, t.data, t.chains, lo, hi, t.g.rows(), t.g.width())
}

func (h *host) Gradient(g, v, p, vm, pm Buffer) error {
	out, data, chains := g.(*hostBuffer), v.(*hostBuffer), vm.(*hostBuffer)
	h.turn(data, chains)
	h.tasks.gradient = gradientTask{h.kernels, out, h.phase(data, p), h.phase(chains, pm)}
	out.written()
	h.pool.run(&h.tasks.gradient, out.rows(), h.grain(out.rows()))
	return nil
}

// turn lists the ones of the columns of two batches of equal width, unless that is done or
// they are not drawn.
func (h *host) turn(data, chains *hostBuffer) {
	t := &h.tasks.turn
	*t = turnTask{kernels: h.kernels}
	var columns int
	for i, b := range []*hostBuffer{data, chains} {
		if b.drawn && !b.turned {
			if b.columns.Count == nil {
				b.columns = kernels.NewOnes(b.width(), b.rows())
			}
			t.batches[i], b.turned, columns = b, true, b.width()
		}
	}
	h.pool.run(t, columns, h.wholeGrain(columns, 64)) // words of bits
}

func (h *host) phase(v *hostBuffer, p Buffer) kernels.Phase {
	ph := kernels.Phase{Rows: v.rows(), Visible: v.f32, Hidden: h.packed(p.(*hostBuffer), false)}
	if v.turned {
		ph.Lists = v.columns
	} else {
		expanded(v)
	}
	return ph
}

type columnsTask struct {
	kernels *kernels.Set
	m, x    *hostBuffer
	values  kernels.Grid // of x, unless it is turned
	s       []float32
}

func (t *columnsTask) run(lo, hi int) {
	rows, columns := t.x.rows(), t.x.width()
	mean, weighted := splitMeans(t.m.f32, columns)
	if t.x.turned {
		kernels.ColumnMeansOnes(mean, weighted, t.x.columns, t.s, lo, hi, rows)
		return
	}
	t.kernels.ColumnMeans(mean, weighted, t.values, t.s, lo, hi, rows)
}

func (h *host) Means(m, x, s Buffer) error {
	out, in := m.(*hostBuffer), x.(*hostBuffer)
	h.turn(in, in)
	h.tasks.columns = columnsTask{kernels: h.kernels, m: out, x: in}
	if !in.turned {
		h.tasks.columns.values = in.values()
	}
	if s != nil {
		h.tasks.columns.s = expanded(s).f32
	}
	out.written()
	h.pool.run(&h.tasks.columns, in.width(), h.wholeGrain(in.width(), kernels.PanelWidth))
	return nil
}

func (h *host) Difference(out, data, chains Buffer) error {
	b := out.(*hostBuffer)
	difference(b.f32, expanded(data).f32, expanded(chains).f32)
	b.written()
	return nil
}

func (h *host) BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset Buffer) error {
	b := out.(*hostBuffer)
	biasGradient(b.f32, expanded(difference).f32, expanded(data).f32, expanded(chains).f32,
		expanded(offset).f32, expanded(otherDifference).f32, expanded(otherOffset).f32)
	b.written()
	return nil
}

func (h *host) Blend(out, offset, data, chains Buffer, b Blend) error {
	to := out.(*hostBuffer)
	b.blend(to.f32, expanded(offset).f32, expanded(data).f32, expanded(chains).f32)
	to.written()
	return nil
}

// ascendTask moves a parameter, or adds to it, and brings its copies in panels up to date
// while its rows are at hand.
type ascendTask struct {
	kernels      *kernels.Set
	move         kernels.Ascent
	columns      int
	inPlace      kernels.Panels // what is moved in panels, or zero
	turned       kernels.Panels // its transpose, or zero
	data, chains kernels.Phase  // of a move whose gradient is not there yet, else zero
	visible      int            // rows of that gradient
	x, y         []float32      // operands of a plain sum; nil for a move
	pack         packTask
	bad          firstBad
}

func (t *ascendTask) run(lo, hi int) {
	var bad int
	switch {
	case t.inPlace.Data != nil:
		bad = t.kernels.UpdatePanels(t.inPlace, t.turned, t.move, t.data, t.chains, lo, hi)
	case t.x != nil:
		bad = t.kernels.Add(t.move.Next, t.x, t.y, lo*t.columns, hi*t.columns)
	case t.data.Rows > 0:
		bad = t.kernels.Update(t.move, t.data, t.chains, lo, hi, t.visible, t.columns)
	default:
		bad = t.kernels.Ascend(t.move, lo, hi, t.columns)
	}
	t.bad.note(bad)
	t.pack.run(lo, hi)
}

func (h *host) Ascend(next Buffer, in []Buffer, a Ascend) error {
	h.startAscend(next, in, a, kernels.Panels{})
	return h.ascend(next.(*hostBuffer))
}

// update is a Gradient and an Ascend along it. A matrix that is moved in place, and that
// fields read in panels, stays in them: it is one array less to read and to write.
func (h *host) update(u *update) error {
	out := u.next.(*hostBuffer)
	var inPlace kernels.Panels
	if u.in[0] == u.next && u.in[1] == u.next && out.panels.Data != nil {
		inPlace = h.packed(out, false)
	}
	h.startAscend(u.next, u.in, u.ascend, inPlace)
	data, chains := u.phases[0].(*hostBuffer), u.phases[2].(*hostBuffer)
	h.turn(data, chains)
	t := &h.tasks.ascend
	t.data, t.chains = h.phase(data, u.phases[1]), h.phase(chains, u.phases[3])
	t.visible = data.width()
	return h.ascend(out)
}

// startAscend describes a move along a gradient that is there in h.tasks.ascend: in place
// of a matrix in panels, or else from the first operands to next.
func (h *host) startAscend(next Buffer, in []Buffer, a Ascend, inPlace kernels.Panels) {
	var operands [9][]float32
	for i, b := range in {
		if i > 1 || inPlace.Data == nil {
			operands[i] = expanded(b).f32
		}
	}
	t := &h.tasks.ascend
	t.x, t.y, t.data.Rows, t.inPlace = nil, nil, 0, inPlace
	t.move = a.move(next.(*hostBuffer).f32, operands[:len(in)], in[4].(*hostBuffer).i32)
}

func (h *host) Add(z, x, y Buffer) error {
	t := &h.tasks.ascend
	t.x, t.y, t.inPlace = expanded(x).f32, expanded(y).f32, kernels.Panels{}
	t.move.Next = z.(*hostBuffer).f32
	return h.ascend(z.(*hostBuffer))
}

// ascend runs h.tasks.ascend over the parameter that it writes.
func (h *host) ascend(out *hostBuffer) error {
	t := &h.tasks.ascend
	rows, columns := matrixShape(out.shape)
	t.kernels, t.columns = h.kernels, columns
	t.bad.reset()
	straight, turned := out.panels.Data != nil, out.turnedPanels.Data != nil
	inPlace := t.inPlace.Data != nil
	t.turned = out.turnedPanels.Panels
	t.pack = packTask{h.kernels, out, straight && !inPlace, turned && !inPlace}
	out.written()
	out.inPanels = inPlace
	if inPlace {
		h.pool.run(t, rows*columns, h.grain(rows*columns))
	} else {
		h.pool.run(t, rows, h.wholeGrain(rows, square))
	}
	out.panels.fresh, out.turnedPanels.fresh = straight, turned
	return t.bad.fault(out)
}
