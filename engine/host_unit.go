package engine

import (
	"cmp"
	"sync/atomic"

	"harmonium/kernels"
)

// unitTask computes the fields of a layer, the means of its units and their states, or
// some of these, in pieces of its rows or of its elements (see [kernels.Activate]).
type unitTask struct {
	kernels  *kernels.Set
	layer    kernels.Layer
	elements bool
	lists    [][]int32 // room of each thread
	betas    []float32 // room for the inverse temperatures of rows
	state    *hostBuffer
	ones     atomic.Int64
}

func (t *unitTask) run(thread, lo, hi int) {
	l := t.layer
	if l.Input.States.Bits != nil {
		l.Input.Room = t.lists[thread]
	}
	if !t.elements {
		l = l.Part(lo, hi)
		lo, hi = 0, l.Rows*l.Columns
	}
	t.ones.Add(int64(t.kernels.Activate(l, lo, hi)))
}

// unit launches a layer.
func (h *host) unit(u *unit) error {
	t := h.tasks.unit.next()
	shape := cmp.Or(u.z, u.state).Shape()
	t.kernels, t.layer = h.kernels, kernels.Layer{Rows: shape[0], Columns: shape[1]}
	l := &t.layer
	switch {
	case u.x != nil:
		l.Input = h.input(u)
		if u.mean == nil || u.wanted {
			l.Field = u.z.(*hostBuffer).target(u.wanted) // those of a chain stay in panels
		}
	case u.z != nil:
		l.Field = u.z.(*hostBuffer).values()
	default:
		l.Mean = u.mean.(*hostBuffer).values()
	}
	if u.mean != nil && u.z != nil && !u.unread {
		p := u.mean.(*hostBuffer)
		l.Mean = p.target(p.panels.Data != nil) // as somebody may want them who has wanted panels here before
	}
	l.Temper = t.temper(u, l.Rows)
	if t.state = nil; u.state != nil {
		t.state = u.state.(*hostBuffer)
		t.state.written()
		l.States, l.Draw = t.state.room(), u.sample.draw(u.clock.(*hostBuffer).i32)
	}
	if l.Input.States.Bits != nil {
		t.lists = h.roomForLists(kernels.RoomFor(l.Rows, l.Input.Weights.Rows))
	}
	t.ones.Store(0)
	if t.elements = byElements(u, l); t.elements {
		return h.startElements(t, l.Rows, l.Columns)
	}
	return h.start(t, l.Rows, 1)
}

func (t *unitTask) done() error {
	if t.state != nil {
		t.state.bareStates(int(t.ones.Load()))
	}
	return nil
}

// roomForLists returns room for so many numbers, or more, for each thread.
func (h *host) roomForLists(size int) [][]int32 {
	if h.lists == nil {
		h.lists = make([][]int32, h.threads())
	}
	for i, room := range h.lists {
		if len(room) < size {
			h.lists[i] = make([]int32, size)
		}
	}
	return h.lists
}

// byElements reports whether threads do best to share a launch by its elements. Then each reads
// its part of the weights alone, which it has updated itself and which may stay in its cache
// from launch to launch, but lists the states of all rows, as long as these are not too many:
// fewer where fields follow from those before, as such lists are dear.
func byElements(u *unit, l *kernels.Layer) bool {
	if u.was != nil {
		return 5*l.Rows <= 2*l.Columns
	}
	return u.x != nil && l.Rows <= 2*l.Columns
}

// input returns what the fields of a launch come from.
func (h *host) input(u *unit) kernels.Input {
	x := u.x.(*hostBuffer)
	in := kernels.Input{Weights: h.packed(u.w.(*hostBuffer), u.field.Transposed), Bias: expanded(u.b).f32}
	switch {
	case u.was != nil:
		was := u.was.(*hostBuffer)
		was.draw()
		x.draw()
		in.States, in.Was, in.Before = x.states, was.states, u.before.(*hostBuffer).values()
	case h.sparse(x):
		in.States = x.states
	default:
		in.Values = expanded(x).f32
	}
	return in
}

// temper returns what a launch does to the fields of so many rows.
func (t *unitTask) temper(u *unit, rows int) kernels.Temper {
	switch {
	case u.levels != nil:
		if len(t.betas) < rows {
			t.betas = make([]float32, rows)
		}
		levelBetas(t.betas[:rows], expanded(u.betas).f32, expanded(u.levels).f32)
		return kernels.Temper{Betas: t.betas, Base: expanded(u.base).f32}
	case u.betas != nil:
		at := int(u.clock.(*hostBuffer).i32[ClockUpdate]) + u.ahead
		return kernels.Temper{Beta: expanded(u.betas).f32[at], Base: expanded(u.base).f32}
	}
	return kernels.Model
}

// sparse reports whether x is of states with few enough ones to win over the dense product.
func (h *host) sparse(x *hostBuffer) bool {
	return x.drawn && float64(x.ones) <= h.kernels.SparseBelow*float64(len(x.f32))
}

func (h *host) changedField(z Buffer, in []Buffer, c ChangedField) error {
	return h.unit(&unit{field: c.Field, before: in[0], was: in[1], x: in[2], w: in[3], b: in[4], z: z})
}

func (h *host) Field(z, x, w, b Buffer, f Field) error {
	return h.unit(&unit{field: f, x: x, w: w, b: b, z: z})
}

func (h *host) Mean(p, z Buffer) error { return h.unit(&unit{z: z, mean: p}) }

func (h *host) TemperedMean(p, z, base, betas, clock Buffer, ahead int) error {
	return h.unit(&unit{z: z, mean: p, ahead: ahead, base: base, betas: betas, clock: clock})
}

func (h *host) LadderMean(p, z, base, betas, levels Buffer) error {
	return h.unit(&unit{z: z, mean: p, base: base, betas: betas, levels: levels})
}

func (h *host) Sample(s, p, clock Buffer, c Sample) error {
	return h.unit(&unit{mean: p, sample: c, state: s, clock: clock})
}
