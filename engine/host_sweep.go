package engine

import (
	"errors"
	"sync/atomic"

	"harmonium/kernels"
)

// sweepTask draws coupled units in turn.
type sweepTask struct {
	kernels *kernels.Set
	what    kernels.Sweep // without the room, which each thread has for itself
	rooms   [][]float32
	betas   []float32 // room for the inverse temperatures of rows
	state   *hostBuffer
	ones    atomic.Int64
}

func (t *sweepTask) run(thread, lo, hi int) {
	s := t.what
	s.Room = t.rooms[thread]
	t.ones.Add(int64(t.kernels.SweepRows(s, lo, hi)))
}

func (t *sweepTask) done() error {
	t.state.bareStates(int(t.ones.Load()))
	return nil
}

var errSweptValues = errors.New("a sweep of values that are no states")

func (h *host) sweep(out Buffer, in []Buffer, op Sweep) error {
	from, to := in[0].(*hostBuffer), out.(*hostBuffer)
	if !from.findStates(op.Units) {
		return errSweptValues
	}
	free, path := op.indices(len(in))
	t := h.tasks.sweep.next()
	t.kernels, t.state = h.kernels, to
	t.ones.Store(0)
	to.written()
	states := to.roomForStates(op.Units)
	for n := range to.rows() {
		states.CopyRow(n, from.states, n)
	}
	t.what = kernels.Sweep{
		Rows: to.rows(), Columns: to.width(), Units: op.Units, States: states, Field: expanded(in[1]).f32, Lateral: expanded(in[2]).f32,
		Backward: op.Backward, Draw: op.Draw.at(in[3].(*hostBuffer).i32),
	}
	if op.Held {
		t.what.Free = expanded(in[free]).f32
	}
	t.what.Path = pathOn(op.Place, in[path:], to.rows(), &t.betas)
	if t.rooms == nil {
		t.rooms = make([][]float32, h.threads())
	}
	for i, room := range t.rooms {
		if len(room) < kernels.RoomForSweep(to.width()) {
			t.rooms[i] = make([]float32, kernels.RoomForSweep(to.width()))
		}
	}
	return h.start(t, to.rows(), 1)
}

// pairTask computes the energies of couplings.
type pairTask struct {
	nothing
	out, before *hostBuffer
	v, y        *hostBuffer
	scales      []float64
	room        []float64
}

func (t *pairTask) run(_, lo, hi int) {
	columns := t.v.width()
	scales := t.scales
	if len(scales) > 1 {
		scales = scales[lo:]
	}
	kernels.PairEnergies(t.out.f64[lo:], t.before.f64[lo:], scales, t.v.f32[lo*columns:], t.y.f32[lo*columns:], hi-lo, columns)
}

func (h *host) pairEnergy(out Buffer, in []Buffer, op PairEnergy) error {
	t := h.tasks.pairs.next()
	rows := out.(*hostBuffer).rows()
	if len(t.room) < rows {
		t.room = make([]float64, rows)
	}
	t.out, t.before, t.v, t.y = out.(*hostBuffer), in[0].(*hostBuffer), expanded(in[1]), expanded(in[2])
	var betas, levels []float32
	var clock []int32
	if op.Along != model {
		betas, clock = expanded(in[3]).f32, in[4].(*hostBuffer).i32
	}
	if op.Along == ladder {
		levels = expanded(in[5]).f32
	}
	t.scales = op.scales(t.room[:rows], betas, levels, clock)
	t.out.written()
	return h.start(t, rows, 1)
}

// pairMoveTask computes the gradient of couplings, or the shift of the gradient of biases.
type pairMoveTask struct {
	nothing
	units Units
	shift bool
	out   *hostBuffer
	in    [3][]float32
}

func (t *pairMoveTask) run(_, lo, hi int) {
	columns := t.out.shape[len(t.out.shape)-1]
	if t.shift {
		kernels.PairShift(t.out.f32, t.in[0], t.in[1], t.in[2], lo, hi, columns)
		return
	}
	kernels.PairGradient(t.out.f32, t.in[0], t.in[1], t.in[2], t.units, lo, hi, columns)
}

func (h *host) pairMove(out Buffer, in []Buffer, units Units, shift bool) error {
	t := h.tasks.pairMoves.next()
	*t = pairMoveTask{units: units, shift: shift, out: out.(*hostBuffer)}
	for i, b := range in {
		t.in[i] = expanded(b).f32
	}
	t.out.written()
	return h.start(t, t.out.shape[0], 1)
}
