package engine

import "harmonium/kernels"

// scaleTask is ScaledRows of some rows.
type scaleTask struct {
	nothing
	out, x, s *hostBuffer
}

func (t *scaleTask) run(_, lo, hi int) {
	kernels.ScaleRows(t.out.f32, t.x.f32, t.s.f32, lo, hi, t.out.width())
}

func (h *host) scaledRows(out Buffer, in []Buffer) error {
	to := out.(*hostBuffer)
	t := h.tasks.scale.next()
	*t = scaleTask{out: to, x: expanded(in[0]), s: expanded(in[1])}
	to.written()
	return h.start(t, to.rows(), 1)
}
