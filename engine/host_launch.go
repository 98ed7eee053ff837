package engine

import (
	"sync/atomic"

	"harmonium/kernels"
)

func (h *host) Tick(out, clock Buffer) error {
	kernels.Tick(out.(*hostBuffer).i32, clock.(*hostBuffer).i32)
	return nil
}

func (h *host) Copy(dst, src Buffer) error {
	to, from := dst.(*hostBuffer), src.(*hostBuffer)
	to.written()
	if !from.bare {
		copyData(to.data, expanded(src).data)
	}
	if from.drawn {
		states := to.room()
		for n := range from.rows() {
			states.CopyRow(n, from.states, n)
		}
		to.drawn, to.bare, to.ones = true, from.bare, from.ones
	}
	return nil
}

type rowsTask struct {
	kernels *kernels.Set
	batch   kernels.Batch
	binary  bool // the data set
	out     *hostBuffer
	ones    atomic.Int64
}

func (t *rowsTask) run(_, lo, hi int) {
	t.ones.Add(int64(t.kernels.Gather(t.out.f32, t.out.states, &t.batch, lo, hi)))
}

func (h *host) Rows(out, data, order, clock Buffer, r Rows) error {
	x, set := out.(*hostBuffer), expanded(data)
	t := h.tasks.rows.next()
	t.kernels, t.binary, t.out = h.kernels, set.binary, x
	t.batch = r.batch(order.(*hostBuffer).i32, clock.(*hostBuffer).i32, x.width())
	t.batch.Bytes, t.batch.Floats = set.u8, set.f32
	t.ones.Store(0)
	x.room()
	x.written()
	return h.startLoose(t, x.rows(), rowsOfLine)
}

// rowsOfLine is how many rows of states share a cache line.
const rowsOfLine = 8

func (t *rowsTask) done() error {
	if t.batch.Draws() {
		t.out.bareStates(int(t.ones.Load()))
	} else if t.batch.Binarize == Threshold || t.binary {
		t.out.drawn, t.out.ones = true, int(t.ones.Load())
	}
	return nil
}

// packTask copies a matrix into those of its panels that are asked for and not fresh.
type packTask struct {
	kernels          *kernels.Set
	b                *hostBuffer
	straight, turned bool
}

func (t *packTask) run(_, lo, hi int) {
	if t.straight {
		t.kernels.Pack(t.b.panels.Panels, t.b.f32, lo, hi)
	}
	if t.turned {
		t.kernels.PackTransposed(t.b.turnedPanels.Panels, t.b.f32, lo, hi)
	}
}

// packed returns a matrix, or its transpose, in panels, which the buffer keeps until it
// is written.
func (h *host) packed(b *hostBuffer, transposed bool) kernels.Panels {
	p, rows, columns := &b.panels, b.rows(), b.width()
	if transposed {
		p, rows, columns = &b.turnedPanels, columns, rows
	}
	if !p.fresh {
		if p.Data == nil {
			p.Panels = kernels.NewPanels(rows, columns)
		}
		h.tasks.pack = packTask{h.kernels, expanded(b), !transposed, transposed}
		h.pool.run(&h.tasks.pack, b.rows(), square)
		p.fresh = true
	}
	return p.Panels
}

// square is how many rows the transpose of a matrix is made of at a time.
const square = 16

func (h *host) Clamp(out, x, pattern Buffer) error {
	b := out.(*hostBuffer)
	kernels.Clamp(b.f32, expanded(x).f32, expanded(pattern).f32)
	b.written()
	return nil
}
