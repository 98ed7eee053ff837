package engine

import "harmonium/kernels"

type sparsityTask struct {
	op        Sparsity
	out, p, q *hostBuffer
}

func (t *sparsityTask) run(_, lo, hi int) {
	kernels.Sparsity(t.out.f32, t.p.f32, t.q.f32, t.op.Target, t.op.Cost, lo, hi, t.out.width())
}

func (h *host) Sparsity(out, p, q Buffer, s Sparsity) error {
	to := out.(*hostBuffer)
	h.tasks.sparsity = sparsityTask{s, to, expanded(p), expanded(q)}
	to.written()
	h.pool.run(&h.tasks.sparsity, to.rows(), 1)
	return nil
}
