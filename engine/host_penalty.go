package engine

import "harmonium/kernels"

// penaltyTask subtracts the slope of a penalty from a gradient, or shrinks the blocks of a matrix.
type penaltyTask struct {
	nothing
	kernels   *kernels.Set
	out       *hostBuffer
	from      []float32 // the gradient, or the matrix
	weights   []float32 // nil to shrink
	squared   SquaredL1
	blocks    Blocks
	threshold float32
}

func (t *penaltyTask) run(_, lo, hi int) {
	rows, columns := matrixShape(t.out.shape)
	if t.weights != nil {
		t.kernels.SquaredL1(t.out.f32, t.from, t.weights, t.squared.Units, t.squared.Cost, lo, hi, rows, columns)
		return
	}
	t.kernels.Shrink(t.out.f32, t.from, t.blocks, t.threshold, lo, hi, rows, columns)
}

func (h *host) squaredL1(out Buffer, in []Buffer, s SquaredL1) error {
	to := out.(*hostBuffer)
	t := h.tasks.penalty.next()
	*t = penaltyTask{kernels: h.kernels, out: to, from: expanded(in[0]).f32, weights: expanded(in[1]).f32, squared: s}
	to.written()
	return h.start(t, to.width(), cacheLine)
}

func (h *host) shrink(out Buffer, in []Buffer, s Shrink) error {
	to := out.(*hostBuffer)
	t := h.tasks.penalty.next()
	*t = penaltyTask{kernels: h.kernels, out: to, from: expanded(in[0]).f32, blocks: s.Blocks}
	t.threshold = s.threshold(expanded(in[1]).f32, in[2].(*hostBuffer).i32)
	to.written()
	group := 1
	if s.Blocks.Over == HiddenUnits {
		group = cacheLine
	}
	return h.start(t, s.Blocks.Lines(to.rows(), to.width()), group)
}

// cacheLine is the number of float32 columns that share a cache line of 64 bytes, which no two threads should write.
const cacheLine = 16
