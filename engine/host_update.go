package engine

import "harmonium/kernels"

// gradientTask computes rows of a gradient.
type gradientTask struct {
	nothing
	kernels *kernels.Set
	g       *hostBuffer
	phases  phases
}

func (t *gradientTask) run(thread, lo, hi int) {
	data, chains := t.phases.forThread(thread)
	t.kernels.Gradient(t.g.f32, data, chains, lo, hi, t.g.rows(), t.g.width())
}

func (h *host) gradient(out Buffer, in []Buffer, op Gradient) error {
	g, data, chains := out.(*hostBuffer), in[0].(*hostBuffer), in[2].(*hostBuffer)
	t := h.tasks.gradient.next()
	*t = gradientTask{kernels: h.kernels, g: g, phases: h.phases(data, in[1], chains, in[3], op)}
	g.written()
	return h.start(t, g.rows(), 1)
}

// phases holds the two sides of a gradient, and room for the lists of both for each thread.
type phases struct {
	data, chains kernels.Phase
	lists        [][]int32
}

// forThread returns the phases with the room of a thread.
func (p *phases) forThread(thread int) (data, chains kernels.Phase) {
	data, chains = p.data, p.chains
	size := len(p.lists[thread]) / 2
	data.Room, chains.Room = p.lists[thread][:size], p.lists[thread][size:]
	return data, chains
}

// phases returns the sides of the gradient g of data, with the hidden means p, and chains, with pm.
func (h *host) phases(data *hostBuffer, p Buffer, chains *hostBuffer, pm Buffer, g Gradient) phases {
	room := 2 * kernels.RoomForPhase(data.width(), max(data.rows(), chains.rows()))
	return phases{h.phase(data, p, g.Units, g.Data), h.phase(chains, pm, g.Units, g.Chains), h.roomForLists(room)}
}

// phase returns one side, from visible values v and hidden means p: a term of an average over `of`
// rows, or over the rows of v if that is 0.
func (h *host) phase(v *hostBuffer, p Buffer, units Units, of int) kernels.Phase {
	ph := kernels.Phase{Rows: v.rows(), Of: of, Visible: v.f32, Hidden: h.packed(p.(*hostBuffer), false)}
	// Of units that are not plain the definition takes the bits of states wherever it can (see define of Gradient), and
	// so rounds otherwise than over values. Plain states give the same sums as their values.
	if v.hasStates || !units.Plain() && v.findStates(units) {
		ph.States = v.states
	} else {
		expanded(v)
	}
	return ph
}

// columnsTask computes the means of some columns.
type columnsTask struct {
	nothing
	kernels *kernels.Set
	m, x    *hostBuffer
	values  kernels.Grid // values of x, unless x is states
	s       []float32    // weights of the rows of x for the second row of m; nil if the means are not weighted
}

func (t *columnsTask) run(_, lo, hi int) {
	rows, columns := t.x.rows(), t.x.width()
	mean, weighted := splitMeans(t.m.f32, columns)
	if t.x.hasStates {
		t.kernels.ColumnMeansStates(mean, weighted, t.x.states, t.s, lo, hi, rows)
		return
	}
	t.kernels.ColumnMeans(mean, weighted, t.values, t.s, lo, hi, rows)
}

func (h *host) means(out Buffer, in []Buffer, m Means) error {
	to, x := out.(*hostBuffer), in[0].(*hostBuffer)
	t := h.tasks.columns.next()
	*t = columnsTask{kernels: h.kernels, m: to, x: x}
	if !x.hasStates {
		t.values = x.values()
	}
	if m.Weighted {
		t.s = expanded(in[1]).f32
	}
	to.written()
	if x.hasStates { // bits are few bytes, whichever core reads them
		return h.startLoose(t, x.width(), kernels.PanelWidth)
	}
	return h.start(t, x.width(), kernels.PanelWidth)
}

func (h *host) difference(out Buffer, in []Buffer) error {
	b := out.(*hostBuffer)
	kernels.Difference(b.f32, expanded(in[0]).f32, expanded(in[1]).f32)
	b.written()
	return nil
}

func (h *host) biasGradient(out Buffer, in []Buffer) error {
	b := out.(*hostBuffer)
	kernels.BiasGradient(b.f32, expanded(in[0]).f32, expanded(in[1]).f32, expanded(in[2]).f32,
		expanded(in[3]).f32, expanded(in[4]).f32, expanded(in[5]).f32)
	b.written()
	return nil
}

func (h *host) blend(out Buffer, in []Buffer, b Blend) error {
	to := out.(*hostBuffer)
	kernels.Blend(to.f32, expanded(in[0]).f32, expanded(in[1]).f32, expanded(in[2]).f32, b.Rate)
	to.written()
	return nil
}

// ascendTask moves a parameter, or computes a sum, and writes the copies in panels of the result that
// its buffer already has, while the rows are in the cache.
type ascendTask struct {
	kernels *kernels.Set
	move    kernels.Ascent
	columns int
	inPlace kernels.Panels // the parameter, if it is updated in panels; else zero
	turned  kernels.Panels // its transpose; or zero
	phases  phases         // of a gradient that is computed on the way; else zero
	visible int            // number of rows of that gradient
	x, y    []float32      // operands of a plain sum; nil for a move
	pack    packTask       // packs the result
	bad     firstBad
}

func (t *ascendTask) run(thread, lo, hi int) {
	var bad int
	var data, chains kernels.Phase
	if t.phases.lists != nil {
		data, chains = t.phases.forThread(thread)
	}
	switch {
	case t.inPlace.Data != nil:
		bad = t.kernels.UpdatePanels(t.inPlace, t.turned, t.move, data, chains, lo, hi)
	case t.x != nil:
		bad = t.kernels.Add(t.move.Next, t.x, t.y, lo*t.columns, hi*t.columns)
	case t.phases.lists != nil:
		bad = t.kernels.Update(t.move, data, chains, lo, hi, t.visible, t.columns)
	default:
		bad = t.kernels.Ascend(t.move, lo, hi, t.columns)
	}
	t.bad.note(bad)
	t.pack.run(thread, lo, hi)
}

func (h *host) ascend(out Buffer, in []Buffer, a Ascend) error {
	to := out.(*hostBuffer)
	return h.startMove(h.move(out, in, a, h.inPlace(to, in)), to)
}

// inPlace returns the panels of a parameter that is moved to itself, or zero if it has none. Moved there, a matrix that
// fields read in panels need not be packed anew.
func (h *host) inPlace(to *hostBuffer, in []Buffer) kernels.Panels {
	if in[0] != Buffer(to) || in[1] != Buffer(to) || to.panels.Data == nil {
		return kernels.Panels{}
	}
	return h.packed(to, false)
}

// update moves a parameter along a gradient that is computed on the way.
func (h *host) update(out Buffer, in []Buffer, u update) error {
	to := out.(*hostBuffer)
	ascend, gradient := u.split(in)
	t := h.move(out, ascend, u.ascend, h.inPlace(to, in))
	t.move.Gradient = nil
	data, chains := gradient[0].(*hostBuffer), gradient[2].(*hostBuffer)
	t.phases, t.visible = h.phases(data, gradient[1], chains, gradient[3], u.gradient), data.width()
	return h.startMove(t, to)
}

// move describes a move along the gradient, operand 2. If inPlace has data, these panels hold the first
// two operands and become the result; else the result is next.
func (h *host) move(next Buffer, in []Buffer, a Ascend, inPlace kernels.Panels) *ascendTask {
	var floats [9][]float32
	for i, b := range in {
		if i > 1 || inPlace.Data == nil {
			floats[i] = expanded(b).f32
		}
	}
	t := h.tasks.ascend.next()
	t.x, t.y, t.phases.lists, t.inPlace = nil, nil, nil, inPlace
	t.move = a.move(next.(*hostBuffer).f32, floats[:len(in)], in[4].(*hostBuffer).i32)
	return t
}

func (h *host) add(out Buffer, in []Buffer) error {
	t := h.tasks.ascend.next()
	t.x, t.y, t.phases.lists, t.inPlace = expanded(in[0]).f32, expanded(in[1]).f32, nil, kernels.Panels{}
	t.move.Next = out.(*hostBuffer).f32
	return h.startMove(t, out.(*hostBuffer))
}

// startMove starts a task over the parameter that it writes.
func (h *host) startMove(t *ascendTask, out *hostBuffer) error {
	rows, columns := matrixShape(out.shape)
	t.kernels, t.columns = h.kernels, columns
	t.bad.reset()
	inPlace := t.inPlace.Data != nil
	t.turned = out.turnedPanels.Panels
	t.pack = packTask{kernels: h.kernels, b: out}
	if !inPlace {
		t.pack.straight, t.pack.turned = out.panels.Panels, out.turnedPanels.Panels
	}
	out.written()
	out.inPanels = inPlace
	if inPlace {
		return h.startElements(t, rows, columns)
	}
	return h.start(t, rows, square)
}

func (t *ascendTask) done() error {
	out := t.pack.b
	out.panels.fresh, out.turnedPanels.fresh = out.panels.Data != nil, out.turnedPanels.Data != nil
	return t.bad.fault(out)
}
