//go:build gpu

package kernels

// The tiles of the kernel layer_means, as in reduce.cu: columns, and slices of rows for each block, one for each
// warp of 32 threads.
const (
	tileColumns = 128
	tileSlices  = threads / 32
)

// GPUMeans holds the operands of [ColumnMeans] over X (Rows, columns). Mean receives the means
// (columns) and, unless Weights (Rows) is none, behind them the weighted means (columns). Half is none, or
// the first term of a [Half] that holds X exactly, and is read instead.
type GPUMeans struct {
	Mean, X, Half, Weights Address
	Rows                   int
}

// GPULayer holds the means of one layer over data and over chains, and their [Difference].
type GPULayer struct {
	Data, Chains GPUMeans // Chains may be zero
	Difference   Address  // (Columns), or none
	Room         Address  // [GPULayer.RoomBytes] bytes, all zero before the first launch that uses it
	Columns      int
}

func (l GPULayer) slices() int {
	return (l.Data.Rows+sliceRows-1)/sliceRows + (l.Chains.Rows+sliceRows-1)/sliceRows
}

func (l GPULayer) tiles() int { return (l.Columns + tileColumns - 1) / tileColumns }

// countBytes returns the number of bytes at the start of the room that hold the counts of finished blocks.
func (l GPULayer) countBytes() int64 { return aligned(4 * int64(l.tiles())) }

// blocks returns the number of blocks of a layer.
func (l GPULayer) blocks() int { return l.tiles() * ((l.slices() + tileSlices - 1) / tileSlices) }

// RoomBytes returns the size of the room of a layer: a count for each tile of columns, and two
// sums, plain and weighted, for each slice and column.
func (l GPULayer) RoomBytes() int64 {
	return l.countBytes() + int64(l.slices())*2*4*int64(l.Columns)
}

// LayersAtOnce is the largest number of layers of one launch: the visible and the hidden one.
const LayersAtOnce = 2

// LayerMeans launches [ColumnMeans] and [Difference] of one or two layers.
func (g *GPU) LayerMeans(layers ...GPULayer) error {
	blocks := 0
	var arguments []any
	for _, l := range append(layers, GPULayer{})[:LayersAtOnce] { // one layer is followed by one without columns
		blocks += l.blocks()
		for _, m := range []GPUMeans{l.Data, l.Chains} {
			arguments = append(arguments, m.Mean, m.X, m.Half, m.Weights, m.Rows)
		}
		arguments = append(arguments, l.Difference, l.Room+Address(l.countBytes()), l.Room, l.Columns)
	}
	return g.launch("layer_means", blocks*threads, arguments...)
}

// GPUDots holds the operands of [CenteredDot]: Out (Rows), X (Rows, Columns) and C (Columns). Half is as in
// [GPUMeans].
type GPUDots struct {
	Out, X, Half, C Address
	Rows, Columns   int
}

// DotsAtOnce is the largest number of products of one launch: two layers, each over data and over chains.
const DotsAtOnce = 4

// CenteredDots launches up to DotsAtOnce products [CenteredDot].
func (g *GPU) CenteredDots(all ...GPUDots) error {
	const rowsOfBlock = threads/lanes - 1 // the other lanes compute c·c
	blocks := 0
	var arguments []any
	for i := range DotsAtOnce {
		var d GPUDots
		if i < len(all) {
			d = all[i]
		}
		blocks += (d.Rows + rowsOfBlock - 1) / rowsOfBlock
		arguments = append(arguments, d.Out, d.X, d.Half, d.C, d.Rows, d.Columns)
	}
	return g.launch("centered_dots", blocks*threads, arguments...)
}
