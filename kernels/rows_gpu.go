//go:build gpu

package kernels

// GPUBatch holds the operands of a launch of [Gather].
type GPUBatch struct {
	State Address // (Rows, Columns)
	Half  Address // receives a copy of State in bfloat16 as in [Half], and State must hold states; or none

	Bytes, Floats Address // the data set (.., Columns), a byte b standing for b/255; exactly one is set
	Kinds         Address // (Columns), or none
	Order, Clock  Address // row n is row Order[position*Batch+First+n], an int32, of the data set
	Batch, First  int     // rows of a full batch, and the row of it with which the Rows begin
	Window        int     // 0, or the data set is (Window, Columns), with row Order[i] at place i%Window

	Binarize      Binarization
	Threshold     float32
	Draw          Draw
	Rows, Columns int
}

// Gather launches [Gather]. No batch may cross the end of the window. For Dynamic
// the clock's epoch is the update of the draw.
func (g *GPU) Gather(b GPUBatch) error {
	key0, key1, stream, _ := b.Draw.key()
	return g.launch("gather", sixteens(b.Rows, b.Columns), b.State, b.Half, b.Bytes, b.Floats, b.Kinds, b.Order, b.Clock,
		b.Batch, b.First, b.Window, int(b.Binarize), b.Threshold, key0, key1, stream, b.Rows, b.Columns)
}
