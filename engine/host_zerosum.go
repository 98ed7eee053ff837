package engine

import "harmonium/kernels"

// zeroSumTask is ZeroSum of weights, or ZeroSumShift of a bias.
type zeroSumTask struct {
	nothing
	out           *hostBuffer
	weights, bias []float32 // bias is nil where the result is weights
	units         Units
	side          Side
	rows, columns int
}

func (t *zeroSumTask) run(_, lo, hi int) {
	if t.bias == nil {
		kernels.ZeroSum(t.out.f32, t.weights, t.units, t.side, lo, hi, t.rows, t.columns)
		return
	}
	kernels.ZeroSumShift(t.out.f32, t.bias, t.weights, t.units, t.side, lo, hi, t.rows, t.columns)
}

func (h *host) zeroSum(out Buffer, in []Buffer, z ZeroSum) error {
	return h.startZeroSum(zeroSumTask{out: out.(*hostBuffer), weights: expanded(in[0]).f32, units: z.Units, side: z.Side}, in[0])
}

func (h *host) zeroSumShift(out Buffer, in []Buffer, z ZeroSumShift) error {
	return h.startZeroSum(zeroSumTask{
		out: out.(*hostBuffer), bias: expanded(in[0]).f32, weights: expanded(in[1]).f32, units: z.Units, side: z.Side,
	}, in[1])
}

func (h *host) startZeroSum(task zeroSumTask, weights Buffer) error {
	task.rows, task.columns = matrixShape(weights.Shape())
	t := h.tasks.zeroSum.next()
	*t = task
	t.out.written()
	group := 1 // rows of weights, for hidden units
	if t.bias != nil || t.side == VisibleSide {
		group = cacheLine
	}
	return h.start(t, across(t.side, t.rows, t.columns), group)
}
