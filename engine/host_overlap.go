package engine

import (
	"time"

	"harmonium/ranks"
)

// A gradient travels in up to overlapBlocks blocks of whole rows, each of at least leastOfBlock numbers. Both are
// chosen: with smaller blocks the exchange begins sooner and ends sooner after the last block is computed, but each block
// costs a latency of the network and reads all means of the hidden units.
const (
	overlapBlocks = 8
	leastOfBlock  = 1 << 15
)

// blockTask is a gradientTask over the rows from first on.
type blockTask struct {
	*gradientTask
	first int
}

func (t *blockTask) run(thread, lo, hi int) { t.gradientTask.run(thread, t.first+lo, t.first+hi) }

// RowsOfBlock returns the number of rows in the blocks of a gradient (V,H). The last block may have fewer.
func RowsOfBlock(visible, hidden int) int {
	return max((visible+overlapBlocks-1)/overlapBlocks, (leastOfBlock+hidden-1)/hidden)
}

// gradientTotal computes a gradient block by block, and adds up each over the ranks while the next one is computed.
// The bits of a gradient and of its sum over ranks do not depend on the size of the blocks. Unlike all other launches
// it allocates: a goroutine and its channels.
func (h *host) gradientTotal(out Buffer, in []Buffer, op *gradientTotal) error {
	g, data, chains := op.gradient.out.(*hostBuffer), in[0].(*hostBuffer), in[2].(*hostBuffer)
	t := &h.tasks.block
	t.gradientTask = &gradientTask{kernels: h.kernels, g: g, phases: h.phases(data, in[1], chains, in[3], op.op)}
	g.written()
	rows, width := g.rows(), g.width()
	size := RowsOfBlock(rows, width)
	room := h.exchange.roomFor(size * width)
	blocks, result := make(chan []float32, overlapBlocks), make(chan error, 1) // computing never waits for an exchange
	go func() {
		var err error
		for x := range blocks {
			if err == nil {
				err = ranks.Sum(h.exchange.ranks, x, room)
			}
		}
		result <- err
	}()
	for t.first = 0; t.first < rows; t.first += size {
		end := min(t.first+size, rows)
		h.pool.run(t, end-t.first, 1)
		blocks <- g.f32[t.first*width : end*width]
	}
	close(blocks)
	start := time.Now()
	err := <-result
	h.exchange.spend(start)
	if to := out.(*hostBuffer); to != g {
		copy(to.f32, g.f32)
		to.written()
	}
	return err
}
