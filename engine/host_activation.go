package engine

import (
	"errors"
	"sync/atomic"

	"harmonium/kernels"
)

// activationTask computes any of the fields of a layer, the means of its units and their states.
// Its pieces are rows or elements (see [kernels.Activate]).
type activationTask struct {
	kernels  *kernels.Set
	what     kernels.Activation // without the room for lists, which each thread has for itself
	elements bool
	lists    [][]int32 // room of each thread
	betas    []float32 // room for the inverse temperatures of rows
	bias     []float32 // room for the bias of fields over units that are not of the default kind
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
	shape := a.z.Shape()
	t := h.newActivation(shape[0], shape[1])
	k := &t.what
	k.Units = a.units
	if a.x != nil {
		var err error
		if k.Input, err = h.input(t, a); err != nil {
			h.tasks.free() // t is not started
			return err
		}
		several := a.units.Several() // these units are computed row by row, in a second pass over stored fields
		if a.wanted || several || a.mean == nil && a.state == nil {
			k.Field = a.z.(*hostBuffer).target(a.wanted && !several) // in panels, as the next changed field reads them
		}
	} else {
		k.Field = a.z.(*hostBuffer).values()
	}
	if a.mean != nil {
		p := a.mean.(*hostBuffer)
		k.Mean = p.target(p.panels.Data != nil) // in panels where a gradient has read this buffer in panels: it will again
	}
	k.Path = pathOn(a.place, a.path[:], k.Rows, &t.betas)
	if a.state != nil {
		t.drawTo(a.state, a.units, a.draw, a.clock)
	}
	if k.Input.States.Bits != nil {
		t.lists = h.roomForLists(kernels.RoomFor(k.Rows, k.Input.Weights.Rows))
	}
	if t.elements = byElements(a, k); t.elements {
		return h.startElements(t, k.Rows, k.Columns)
	}
	return h.start(t, k.Rows, 1)
}

// toss draws states with given probabilities.
func (h *host) toss(out Buffer, in []Buffer, op Toss) error {
	p := in[0].(*hostBuffer)
	t := h.newActivation(p.rows(), p.width())
	t.what.Mean, t.elements = p.values(), false // without fields, the kernel takes Mean as given
	t.drawTo(out, nil, op.Draw, in[1])
	return h.start(t, p.rows(), 1)
}

// newActivation returns a task that computes nothing yet.
func (h *host) newActivation(rows, columns int) *activationTask {
	t := h.tasks.activation.next()
	t.kernels, t.what = h.kernels, kernels.Activation{Rows: rows, Columns: columns}
	t.state = nil
	t.ones.Store(0)
	return t
}

// drawTo makes a task draw states to a buffer.
func (t *activationTask) drawTo(out Buffer, units Units, d Draw, clock Buffer) {
	t.state = out.(*hostBuffer)
	t.state.written()
	t.what.States, t.what.Draw = t.state.roomForStates(units), d.at(clock.(*hostBuffer).i32)
}

func (t *activationTask) done() error {
	if t.state != nil {
		t.state.bareStates(int(t.ones.Load()))
	}
	return nil
}

// roomForLists returns room for at least size numbers per thread.
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

// byElements reports whether the threads should split a launch by elements rather than by rows.
// Each thread then reads only its part of the weights, which it has updated itself and which may
// still be in its cache. But each thread lists the active units of all rows. Therefore the rows may
// be at most twice the columns, and at most 2/5 of the columns where fields are computed from
// earlier ones, since the lists of changed units cost more. Both limits are by measurement.
func byElements(a *activation, k *kernels.Activation) bool {
	if a.units.Several() {
		return false // a unit may be in the parts of two threads
	}
	if a.was != nil {
		return 5*k.Rows <= 2*k.Columns
	}
	return a.x != nil && k.Rows <= 2*k.Columns
}

// input returns the operands of the fields of a launch.
func (h *host) input(t *activationTask, a *activation) (kernels.Input, error) {
	x, w := a.x.(*hostBuffer), a.w.(*hostBuffer)
	b := expanded(a.b).f32
	if !a.field.Units.Plain() && x.findStates(a.field.Units) {
		return h.inputOfUnits(t, a, x, w, b)
	}
	in := kernels.Input{Weights: h.packed(w, a.field.Transposed), Bias: b}
	switch {
	case a.was != nil:
		err := h.changes(&in, a, x)
		return in, err
	case h.sparse(x):
		in.States = x.states
	default:
		in.Values = expanded(x).f32
	}
	return in, nil
}

// inputOfUnits is input for bits of units that are not all of the default kind.
func (h *host) inputOfUnits(t *activationTask, a *activation, x, w *hostBuffer, b []float32) (kernels.Input, error) {
	worth := h.worth(w, a.field)
	if len(t.bias) < len(b) {
		t.bias = make([]float32, len(b))
	}
	kernels.OffsetBias(t.bias[:len(b)], b, worth.offset)
	in := kernels.Input{Weights: worth.Panels, Bias: t.bias[:len(b)], States: x.states}
	if a.was == nil {
		return in, nil
	}
	err := h.changes(&in, a, x)
	return in, err
}

// changes makes the fields derive from the fields of earlier states.
func (h *host) changes(in *kernels.Input, a *activation, x *hostBuffer) error {
	was := a.was.(*hostBuffer)
	if !was.findStates(a.field.Units) || !x.findStates(a.field.Units) {
		return errChangedValues
	}
	in.States, in.Was, in.Before = x.states, was.states, a.before.(*hostBuffer).values()
	return nil
}

var errChangedValues = errors.New("a changed field of values that are no states")

// pathOn returns a path from fields to the units of rows. It makes room for their inverse temperatures
// where they are on a ladder.
func pathOn(at place, path []Buffer, rows int, room *[]float32) kernels.Path {
	switch at.Along {
	case ladder:
		if len(*room) < rows {
			*room = make([]float32, rows)
		}
		kernels.LevelBetas((*room)[:rows], expanded(path[1]).f32, expanded(path[2]).f32)
		return kernels.Path{Betas: *room, Base: expanded(path[0]).f32}
	case schedule:
		update := int(path[2].(*hostBuffer).i32[ClockUpdate])
		return kernels.Path{Beta: expanded(path[1]).f32[update+at.Ahead], Base: expanded(path[0]).f32}
	}
	return kernels.Model
}

// sparse reports whether x holds states with few enough ones that the sparse sum is faster than
// the dense product.
func (h *host) sparse(x *hostBuffer) bool {
	return x.hasStates && float64(x.ones) <= h.kernels.SparseBelow*float64(len(x.f32))
}
