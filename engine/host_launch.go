package engine

import (
	"harmonium/kernels"
)

// tasks holds one task of each kind that runs on the pool, so that a launch fills in
// its fields and allocates nothing.
type tasks struct {
	rows      rowsTask
	field     fieldTask
	mean      meanTask
	sample    sampleTask
	rowSums   rowSumsTask
	pack      packTask
	columns   columnsTask
	turn      turnTask
	gradient  gradientTask
	ascend    ascendTask
	moment    Moment
	optimizer optimizerTask
	ladder    ladderTask
	monitor   monitorTask
}

// grain is how many rows of so many a thread takes at a time: an equal share each,
// since a kernel does best with many rows.
func (h *host) grain(rows int) int { return max(1, (rows+h.threads()-1)/h.threads()) }

func (h *host) Tick(out, clock Buffer) error {
	tick(out.(*hostBuffer).i32, clock.(*hostBuffer).i32)
	return nil
}

func (h *host) Copy(dst, src Buffer) error {
	to, from := dst.(*hostBuffer), src.(*hostBuffer)
	copyData(to.data, from.data)
	to.written()
	if from.listed {
		ones := to.lists()
		copy(ones.Count, from.ones.Count)
		for n := range from.rows() {
			start := n * from.width()
			copy(ones.Index[start:], from.ones.Row(n))
		}
		to.listed = true
	}
	return nil
}

type rowsTask struct {
	kernels *kernels.Set
	op      Rows
	out     *hostBuffer
	data    *hostBuffer
	ones    kernels.Ones
	batch   []int32
	clock   []int32
}

func (t *rowsTask) run(lo, hi int) {
	columns := t.out.width()
	for n := lo; n < hi; n++ {
		index := int(t.batch[n])
		dst := t.out.f32[n*columns : (n+1)*columns]
		draw := t.op.draw(t.clock, t.batch[n])
		if t.data.u8 != nil {
			t.op.fromBytes(t.kernels, dst, t.ones, t.data.u8[index*columns:(index+1)*columns], draw, n)
		} else {
			t.op.fromFloats(t.kernels, dst, t.ones, t.data.f32[index*columns:(index+1)*columns], draw, n)
		}
	}
}

func (h *host) Rows(out, data, order, clock Buffer, r Rows) error {
	x, d := out.(*hostBuffer), data.(*hostBuffer)
	now := clock.(*hostBuffer).i32
	h.tasks.rows = rowsTask{h.kernels, r, x, d, x.lists(), r.batch(order.(*hostBuffer).i32, now), now}
	x.written()
	h.pool.run(&h.tasks.rows, x.rows(), h.grain(x.rows()))
	x.listed = r.Binarize != AsIs || d.states
	return nil
}

type fieldTask struct {
	kernels *kernels.Set
	z, x    *hostBuffer
	weights kernels.Panels
	bias    []float32
	sparse  bool
}

func (t *fieldTask) run(lo, hi int) {
	in, out := t.x.width(), t.z.width()
	if t.sparse {
		t.kernels.FieldOnes(t.z.f32[lo*out:], t.x.ones.From(lo), t.weights, t.bias, hi-lo)
		return
	}
	t.kernels.Field(t.z.f32[lo*out:], t.x.f32[lo*in:], t.weights, t.bias, hi-lo)
}

func (h *host) Field(z, x, w, b Buffer, f Field) error {
	out, in := z.(*hostBuffer), x.(*hostBuffer)
	weights := h.packed(w.(*hostBuffer), f.Transposed)
	h.tasks.field = fieldTask{h.kernels, out, in, weights, b.(*hostBuffer).f32, h.sparse(in)}
	out.written()
	h.pool.run(&h.tasks.field, out.rows(), h.grain(out.rows()))
	return nil
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

// packTask copies a matrix into those of its panels that are asked for and not fresh.
type packTask struct {
	kernels          *kernels.Set
	b                *hostBuffer
	straight, turned bool
}

func (t *packTask) run(lo, hi int) {
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
		h.tasks.pack = packTask{h.kernels, b, !transposed, transposed}
		h.pool.run(&h.tasks.pack, b.rows(), h.packGrain(b.rows()))
		p.fresh = true
	}
	return p.Panels
}

// packGrain is grain in whole squares of the transpose.
func (h *host) packGrain(rows int) int { return (h.grain(rows) + 15) / 16 * 16 }

type meanTask struct {
	kernels *kernels.Set
	p, z    *hostBuffer
	temper  kernels.Temper
}

func (t *meanTask) run(lo, hi int) {
	columns := t.p.width()
	t.kernels.Mean(t.p.f32[lo*columns:], t.z.f32[lo*columns:], t.temper, hi-lo, columns)
}

func (h *host) Mean(p, z Buffer) error {
	return h.mean(p.(*hostBuffer), z.(*hostBuffer), kernels.Model)
}

func (h *host) TemperedMean(p, z, base, betas, clock Buffer, ahead int) error {
	beta := betas.(*hostBuffer).f32[int(clock.(*hostBuffer).i32[ClockUpdate])+ahead]
	return h.mean(p.(*hostBuffer), z.(*hostBuffer), kernels.Temper{Beta: beta, Base: base.(*hostBuffer).f32})
}

func (h *host) mean(p, z *hostBuffer, t kernels.Temper) error {
	h.tasks.mean = meanTask{h.kernels, p, z, t}
	p.written()
	h.pool.run(&h.tasks.mean, p.rows(), h.grain(p.rows()))
	return nil
}

type sampleTask struct {
	kernels *kernels.Set
	s, p    *hostBuffer
	ones    kernels.Ones
	draw    kernels.Draw
}

func (t *sampleTask) run(lo, hi int) {
	columns := t.s.width()
	draw := t.draw
	draw.Row += uint32(lo)
	t.kernels.Sample(t.s.f32[lo*columns:], t.ones.From(lo), t.p.f32[lo*columns:], draw, hi-lo, columns)
}

func (h *host) Sample(s, p, clock Buffer, c Sample) error {
	out := s.(*hostBuffer)
	h.tasks.sample = sampleTask{h.kernels, out, p.(*hostBuffer), out.lists(), c.draw(clock.(*hostBuffer).i32)}
	out.written()
	h.pool.run(&h.tasks.sample, out.rows(), h.grain(out.rows()))
	out.listed = true
	return nil
}

func (h *host) Clamp(out, x, pattern Buffer) error {
	b := out.(*hostBuffer)
	clamp(b.f32, x.(*hostBuffer).f32, pattern.(*hostBuffer).f32)
	b.written()
	return nil
}
