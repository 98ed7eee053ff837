package engine

import "harmonium/kernels"

// sparsityTask is Sparsity of some rows.
type sparsityTask struct {
	nothing
	op        Sparsity
	out, p, q *hostBuffer
}

func (t *sparsityTask) run(_, lo, hi int) {
	kernels.Sparsity(t.out.f32, t.p.f32, t.q.f32, t.op.Target, t.op.Cost, lo, hi, t.out.width())
}

func (h *host) sparsity(out Buffer, in []Buffer, s Sparsity) error {
	to := out.(*hostBuffer)
	t := h.tasks.sparsity.next()
	*t = sparsityTask{op: s, out: to, p: expanded(in[0]), q: expanded(in[1])}
	to.written()
	return h.start(t, to.rows(), 1)
}
