package engine

import "harmonium/kernels"

// turnTask lists the ones of the columns of two batches of states, those of the data
// and those of the chains.
type turnTask struct {
	kernels *kernels.Set
	batches [2]*hostBuffer
}

func (t *turnTask) run(lo, hi int) {
	for _, b := range t.batches[lo:hi] {
		if b.listed && !b.turned {
			if b.columns.Count == nil {
				b.columns = kernels.NewOnes(b.width(), b.rows())
			}
			t.kernels.TransposeOnes(b.columns, b.ones, b.rows())
			b.turned = true
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
	h.tasks.turn = turnTask{h.kernels, [2]*hostBuffer{data, chains}}
	batches := 2
	if data == chains {
		batches = 1
	}
	h.pool.run(&h.tasks.turn, batches, 1)
	h.tasks.gradient = gradientTask{h.kernels, out, phase(data, p.(*hostBuffer)), phase(chains, pm.(*hostBuffer))}
	out.written()
	h.pool.run(&h.tasks.gradient, out.rows(), h.grain(out.rows()))
	return nil
}

func phase(v, p *hostBuffer) kernels.Phase {
	ph := kernels.Phase{Rows: v.rows(), Visible: v.f32, Hidden: p.f32}
	if v.turned {
		ph.Lists = v.columns
	}
	return ph
}

type columnsTask struct {
	kernels *kernels.Set
	m, x    *hostBuffer
	s       []float32
}

func (t *columnsTask) run(lo, hi int) {
	rows, columns := t.x.rows(), t.x.width()
	mean, weighted := splitMeans(t.m.f32, columns)
	if t.x.turned {
		kernels.ColumnMeansOnes(mean, weighted, t.x.columns, t.s, lo, hi, rows)
		return
	}
	t.kernels.ColumnMeans(mean, weighted, t.x.f32, t.s, lo, hi, rows, columns)
}

func (h *host) Means(m, x, s Buffer) error {
	out, in := m.(*hostBuffer), x.(*hostBuffer)
	h.tasks.columns = columnsTask{kernels: h.kernels, m: out, x: in}
	if s != nil {
		h.tasks.columns.s = s.(*hostBuffer).f32
	}
	out.written()
	h.pool.run(&h.tasks.columns, in.width(), h.grain(in.width()))
	return nil
}

func (h *host) Difference(out, data, chains Buffer) error {
	b := out.(*hostBuffer)
	difference(b.f32, data.(*hostBuffer).f32, chains.(*hostBuffer).f32)
	b.written()
	return nil
}

func (h *host) BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset Buffer) error {
	b := out.(*hostBuffer)
	biasGradient(b.f32, difference.(*hostBuffer).f32, data.(*hostBuffer).f32, chains.(*hostBuffer).f32,
		offset.(*hostBuffer).f32, otherDifference.(*hostBuffer).f32, otherOffset.(*hostBuffer).f32)
	b.written()
	return nil
}

func (h *host) Blend(out, offset, data, chains Buffer, b Blend) error {
	to := out.(*hostBuffer)
	b.blend(to.f32, offset.(*hostBuffer).f32, data.(*hostBuffer).f32, chains.(*hostBuffer).f32)
	to.written()
	return nil
}

// ascendTask moves a parameter, or adds to it.
type ascendTask struct {
	kernels *kernels.Set
	move    kernels.Ascent
	columns int
	x, y    []float32 // operands of a plain sum; nil for a move
	bad     firstBad
}

func (t *ascendTask) run(lo, hi int) {
	var bad int
	if t.x != nil {
		bad = t.kernels.Add(t.move.Next, t.x, t.y, lo*t.columns, hi*t.columns)
	} else {
		bad = t.kernels.Ascend(t.move, lo, hi, t.columns)
	}
	t.bad.note(bad)
}

func (h *host) Ascend(next Buffer, in []Buffer, a Ascend) error {
	var operands [9][]float32
	for i, b := range in {
		operands[i] = b.(*hostBuffer).f32
	}
	t := &h.tasks.ascend
	t.kernels, t.x, t.y = h.kernels, nil, nil
	t.move = a.move(next.(*hostBuffer).f32, operands[:len(in)], in[4].(*hostBuffer).i32)
	return h.ascend(next.(*hostBuffer))
}

func (h *host) Add(z, x, y Buffer) error {
	t := &h.tasks.ascend
	t.kernels, t.x, t.y = h.kernels, x.(*hostBuffer).f32, y.(*hostBuffer).f32
	t.move.Next = z.(*hostBuffer).f32
	return h.ascend(z.(*hostBuffer))
}

// ascend runs h.tasks.ascend over the rows of the parameter that it writes.
func (h *host) ascend(out *hostBuffer) error {
	t := &h.tasks.ascend
	rows, columns := matrixShape(out.shape)
	t.columns = columns
	t.bad.reset()
	out.written()
	h.pool.run(t, rows, h.grain(rows))
	return t.bad.fault(out)
}
