//go:build gpu

package kernels

// Gather are the operands of the launch that takes a batch of rows from a data set and
// binarizes them.
type Gather struct {
	State Address // (Rows, Columns)
	Half  Address // (Rows, Columns) the states in bfloat16, or none

	Bytes, Floats Address // the data set (.., Columns): one of them
	Order, Clock  Address // row n is row Order[position*Batch+n] of the data set
	Batch         int
	Window        int // 0, or the data are (Window, Columns) with row Order[i] in place i%Window

	Binarize      int // how: 0 as it is, 1 by the threshold, 2 one draw per row, 3 one per row and epoch
	Threshold     float32
	Draw          Draw
	Rows, Columns int
}

// Gather launches it. No batch may go beyond the end of the window. [Binarize] and [Sample] define the draws.
func (g *GPU) Gather(r Gather) error {
	key0, key1, stream := r.Draw.key()
	return g.launch("gather", fours(r.Rows, r.Columns), r.State, r.Half, r.Bytes, r.Floats, r.Order, r.Clock, r.Batch,
		r.Window, r.Binarize, r.Threshold, key0, key1, stream, r.Rows, r.Columns)
}
