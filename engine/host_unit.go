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

	p      *hostBuffer // the means; may be z; nil if only the field is wanted
	temper kernels.Temper
	betas  []float32 // by levels, instead of temper's
	levels []float32 // of the rows, or nil

	s    *hostBuffer // the states, or nil
	ones kernels.Ones
	draw kernels.Draw
}

// unitRows are as many rows as are dealt with at a time: few enough for their values to
// stay in the second-level cache, enough to go through the weights for.
const unitRows = 256

func (t *unitTask) run(lo, hi int) {
	for ; lo < hi; lo += unitRows {
		t.some(lo, min(lo+unitRows, hi))
	}
}

func (t *unitTask) some(lo, hi int) {
	if t.x != nil {
		t.field(lo, hi)
	}
	if t.z != nil && t.p != nil {
		t.mean(lo, hi)
	}
	if t.s != nil {
		columns, draw := t.s.width(), t.draw
		draw.Row += uint32(lo)
		t.kernels.Sample(t.s.f32[lo*columns:], t.ones.From(lo), t.p.f32[lo*columns:], draw, hi-lo, columns)
	}
}

func (t *unitTask) field(lo, hi int) {
	in, out := t.x.width(), t.z.width()
	if t.sparse {
		t.kernels.FieldOnes(t.z.f32[lo*out:], t.x.ones.From(lo), t.weights, t.bias, hi-lo)
		return
	}
	t.kernels.Field(t.z.f32[lo*out:], t.x.f32[lo*in:], t.weights, t.bias, hi-lo)
}

func (t *unitTask) mean(lo, hi int) {
	columns := t.p.width()
	if t.levels != nil {
		ladderMean(t.kernels.Mean, t.p.f32, t.z.f32, t.temper.Base, t.betas, t.levels, lo, hi, columns)
		return
	}
	t.kernels.Mean(t.p.f32[lo*columns:], t.z.f32[lo*columns:], t.temper, hi-lo, columns)
}

// unit launches a layer. Where nobody else reads fields and means, they take the same place.
func (h *host) unit(u *unit) error {
	t := &h.tasks.unit
	*t = unitTask{kernels: h.kernels}
	if u.z != nil {
		t.z = u.z.(*hostBuffer)
	}
	if u.x != nil {
		t.x, t.bias = u.x.(*hostBuffer), u.b.(*hostBuffer).f32
		t.weights, t.sparse = h.packed(u.w.(*hostBuffer), u.field.Transposed), h.sparse(t.x)
		t.z.written()
	}
	if u.mean != nil {
		t.p = u.mean.(*hostBuffer)
		if u.unread && t.x != nil {
			t.p = t.z
		}
		if t.z != nil {
			t.p.written()
		}
	}
	t.temper = kernels.Model
	switch {
	case u.levels != nil:
		t.temper.Base, t.betas, t.levels = u.base.(*hostBuffer).f32, u.betas.(*hostBuffer).f32, u.levels.(*hostBuffer).f32
	case u.betas != nil:
		at := int(u.clock.(*hostBuffer).i32[ClockUpdate]) + u.ahead
		t.temper = kernels.Temper{Beta: u.betas.(*hostBuffer).f32[at], Base: u.base.(*hostBuffer).f32}
	}
	if u.state != nil {
		t.s = u.state.(*hostBuffer)
		t.ones, t.draw = t.s.lists(), u.sample.draw(u.clock.(*hostBuffer).i32)
		t.s.written()
	}
	rows := cmp.Or(t.z, t.s).rows()
	h.pool.run(t, rows, h.grain(rows))
	if t.s != nil {
		t.s.listed = true
	}
	return nil
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
