package engine

import (
	"cmp"
	"sync/atomic"

	"harmonium/kernels"
)

// activationTask computes the fields of a layer, the means of its units and their states, or
// some of these, in pieces of its rows or of its elements (see [kernels.Activate]).
type activationTask struct {
	kernels  *kernels.Set
	what     kernels.Activation // less the room for lists, which each thread has its own of
	elements bool
	lists    [][]int32 // room of each thread
	betas    []float32 // room for the inverse temperatures of rows
	state    *hostBuffer
	ones     atomic.Int64
}

func (t *activationTask) run(thread, lo, hi int) {
	a := t.what
	if a.Input.States.Bits != nil {
		a.Input.Room = t.lists[thread]
	}
	if !t.elements {
		a = a.Part(lo, hi)
		lo, hi = 0, a.Rows*a.Columns
	}
	t.ones.Add(int64(t.kernels.Activate(a, lo, hi)))
}

// activate launches an activation.
func (h *host) activate(a *activation) error {
	t := h.tasks.activation.next()
	shape := cmp.Or(a.z, a.state).Shape()
	t.kernels, t.what = h.kernels, kernels.Activation{Rows: shape[0], Columns: shape[1]}
	k := &t.what
	switch {
	case a.x != nil:
		k.Input = h.input(a)
		if a.mean == nil || a.wanted {
			k.Field = a.z.(*hostBuffer).target(a.wanted) // those of a chain stay in panels
		}
	case a.z != nil:
		k.Field = a.z.(*hostBuffer).values()
	default:
		k.Mean = a.mean.(*hostBuffer).values()
	}
	if a.mean != nil && a.z != nil && !a.unread {
		p := a.mean.(*hostBuffer)
		k.Mean = p.target(p.panels.Data != nil) // keep panels where a gradient has read this buffer in panels: it will again
	}
	k.Temper = t.temper(a, k.Rows)
	if t.state = nil; a.state != nil {
		t.state = a.state.(*hostBuffer)
		t.state.written()
		k.States, k.Draw = t.state.room(), a.sample.draw(a.clock.(*hostBuffer).i32)
	}
	if k.Input.States.Bits != nil {
		t.lists = h.roomForLists(kernels.RoomFor(k.Rows, k.Input.Weights.Rows))
	}
	t.ones.Store(0)
	if t.elements = byElements(a, k); t.elements {
		return h.startElements(t, k.Rows, k.Columns)
	}
	return h.start(t, k.Rows, 1)
}

func (t *activationTask) done() error {
	if t.state != nil {
		t.state.bareStates(int(t.ones.Load()))
	}
	return nil
}

// roomForLists returns room for at least size numbers for each thread.
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
func byElements(a *activation, k *kernels.Activation) bool {
	if a.was != nil {
		return 5*k.Rows <= 2*k.Columns
	}
	return a.x != nil && k.Rows <= 2*k.Columns
}

// input returns what the fields of a launch come from.
func (h *host) input(a *activation) kernels.Input {
	x := a.x.(*hostBuffer)
	in := kernels.Input{Weights: h.packed(a.w.(*hostBuffer), a.field.Transposed), Bias: expanded(a.b).f32}
	switch {
	case a.was != nil:
		was := a.was.(*hostBuffer)
		was.draw()
		x.draw()
		in.States, in.Was, in.Before = x.states, was.states, a.before.(*hostBuffer).values()
	case h.sparse(x):
		in.States = x.states
	default:
		in.Values = expanded(x).f32
	}
	return in
}

// temper returns what a launch does to the fields of its rows.
func (t *activationTask) temper(a *activation, rows int) kernels.Temper {
	switch {
	case a.levels != nil:
		if len(t.betas) < rows {
			t.betas = make([]float32, rows)
		}
		kernels.LevelBetas(t.betas[:rows], expanded(a.betas).f32, expanded(a.levels).f32)
		return kernels.Temper{Betas: t.betas, Base: expanded(a.base).f32}
	case a.betas != nil:
		at := int(a.clock.(*hostBuffer).i32[ClockUpdate]) + a.ahead
		return kernels.Temper{Beta: expanded(a.betas).f32[at], Base: expanded(a.base).f32}
	}
	return kernels.Model
}

// sparse reports whether x is of states with few enough ones to win over the dense product.
func (h *host) sparse(x *hostBuffer) bool {
	return x.drawn && float64(x.ones) <= h.kernels.SparseBelow*float64(len(x.f32))
}
