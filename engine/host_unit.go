package engine

import (
	"cmp"

	"harmonium/kernels"
)

// unitTask computes the fields of a layer, the means of its units and their states, or
// some of these, a few rows at a time, so that one is still near when it becomes the next.
type unitTask struct {
	kernels *kernels.Set

	x       *hostBuffer // of the field; nil if z is there already
	weights kernels.Panels
	bias    []float32
	sparse  bool
	z       *hostBuffer

	before, was *hostBuffer     // fields of an earlier x, and that; or nil
	room        kernels.Changes // for unitRows rows of each piece
	grain       int             // rows of a piece

	p      *hostBuffer // the means; may be z; nil if only the field is wanted
	temper kernels.Temper
	betas  []float32 // by levels, instead of temper's
	levels []float32 // of the rows, or nil

	// What nobody else reads is put into the same few rows of a piece every time, which then
	// stay near.
	passingField, passingMean bool

	s    *hostBuffer // the states, or nil
	ones kernels.Ones
	draw kernels.Draw
}

// unitRows are as many rows as are dealt with at a time: few enough for their values to
// stay in the second-level cache, enough to go through the weights for.
const unitRows = 256

// drawRows are as many rows as go from their fields to their states at a time: few enough for
// the first-level cache.
const drawRows = 16

func (t *unitTask) run(lo, hi int) {
	first := lo
	for ; lo < hi; lo += unitRows {
		t.some(lo, min(lo+unitRows, hi), first)
	}
}

// some deals with the rows from lo to hi of the piece that begins with row first.
func (t *unitTask) some(lo, hi, first int) {
	field := lo
	if t.passingField {
		field = first
	}
	if t.x != nil {
		t.field(lo, hi-lo, field, first/t.grain)
	}
	for ; lo < hi; lo, field = lo+drawRows, field+drawRows {
		rows, mean := min(drawRows, hi-lo), lo
		switch {
		case t.passingMean && t.passingField: // in the same place
			mean = field
		case t.passingMean:
			mean = first
		}
		if t.z != nil && t.p != nil {
			t.mean(lo, rows, field, mean)
		}
		if t.s != nil {
			columns, draw := t.s.width(), t.draw
			draw.Row += uint32(lo)
			t.kernels.Sample(nil, t.ones.From(lo), t.p.f32[mean*columns:], draw, rows, columns)
		}
	}
}

// field writes the fields of the rows from lo on to those from to on.
func (t *unitTask) field(lo, rows, to, piece int) {
	in, out := t.x.width(), t.z.width()
	z := t.z.f32[to*out:]
	switch {
	case t.was != nil:
		room := t.room.From(piece * min(unitRows, t.grain))
		t.kernels.ChangedField(z, t.before.f32[lo*out:], t.was.ones.From(lo), t.x.ones.From(lo), room, t.weights, t.bias, rows)
	case t.sparse:
		t.kernels.FieldOnes(z, t.x.ones.From(lo), t.weights, t.bias, rows)
	default:
		t.kernels.Field(z, t.x.f32[lo*in:], t.weights, t.bias, rows)
	}
}

// mean writes the means of the rows from lo on, whose fields are from row field on, to the
// rows from row to on.
func (t *unitTask) mean(lo, rows, field, to int) {
	columns := t.p.width()
	p, z := t.p.f32[to*columns:], t.z.f32[field*columns:]
	if t.levels != nil {
		ladderMean(t.kernels.Mean, p, z, t.temper.Base, t.betas, t.levels[lo:lo+rows], columns)
		return
	}
	t.kernels.Mean(p, z, t.temper, rows, columns)
}

// unit launches a layer.
func (h *host) unit(u *unit) error {
	t := &h.tasks.unit
	*t = unitTask{kernels: h.kernels}
	if u.x != nil {
		t.z = u.z.(*hostBuffer)
	} else if u.z != nil {
		t.z = expanded(u.z)
	}
	rows := cmp.Or(u.z, u.state).Shape()[0]
	t.grain = h.grain(rows)
	if u.x != nil {
		t.x, t.bias = u.x.(*hostBuffer), expanded(u.b).f32
		t.weights = h.packed(u.w.(*hostBuffer), u.field.Transposed)
		if u.was != nil {
			t.before, t.was, t.room = expanded(u.before), u.was.(*hostBuffer), h.roomForChanges(t)
			t.was.list()
			t.x.list()
		} else if t.sparse = h.sparse(t.x); !t.sparse {
			expanded(u.x)
		}
		t.z.written()
	}
	if u.mean != nil {
		if t.z != nil {
			t.p = u.mean.(*hostBuffer)
			t.p.written()
		} else {
			t.p = expanded(u.mean)
		}
		t.passingField, t.passingMean = t.x != nil && !u.wanted, u.unread
		if t.passingField && t.passingMean {
			t.p = t.z
		}
	}
	t.temper = kernels.Model
	switch {
	case u.levels != nil:
		t.temper.Base, t.betas, t.levels = expanded(u.base).f32, expanded(u.betas).f32, expanded(u.levels).f32
	case u.betas != nil:
		at := int(u.clock.(*hostBuffer).i32[ClockUpdate]) + u.ahead
		t.temper = kernels.Temper{Beta: expanded(u.betas).f32[at], Base: expanded(u.base).f32}
	}
	if u.state != nil {
		t.s = u.state.(*hostBuffer)
		t.ones, t.draw = t.s.lists(), u.sample.draw(u.clock.(*hostBuffer).i32)
		t.s.written()
	}
	h.pool.run(t, rows, t.grain)
	if t.s != nil {
		t.s.drawn()
	}
	return nil
}

// roomForChanges returns room for what changed in unitRows rows of each piece.
func (h *host) roomForChanges(t *unitTask) kernels.Changes {
	rows, columns := min(unitRows, t.grain)*h.threads(), t.x.width()
	if len(h.room.On.Count) < rows || len(h.room.On.Index) < rows*columns {
		h.room = kernels.NewChanges(max(rows, len(h.room.On.Count)), max(columns, h.room.On.Columns))
	}
	h.room.On.Columns, h.room.Off.Columns = columns, columns
	return h.room
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

// sparse reports whether x has lists that are short enough to win over the dense product.
func (h *host) sparse(x *hostBuffer) bool {
	if !x.listed {
		return false
	}
	var ones int
	for _, c := range x.ones.Count {
		ones += int(c)
	}
	return float64(ones) <= h.kernels.SparseBelow*float64(len(x.f32))
}
