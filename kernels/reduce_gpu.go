//go:build gpu

package kernels

// The tiles of the kernel column_means: columns, and slices of rows for each block.
const (
	tileColumns = 128
	tileSlices  = threads / 32
)

// ColumnMeans launches [ColumnMeans] of x (rows, columns). mean receives the means (columns) and,
// unless s (rows) is none, behind them the weighted means (columns). room has ColumnMeansRoom
// bytes, all zero before the first launch; it may serve other launches after this one.
func (g *GPU) ColumnMeans(mean, x, s, room Address, rows, columns int) error {
	tiles, slices := (columns+tileColumns-1)/tileColumns, (rows+sliceRows-1)/sliceRows
	blocks := tiles * ((slices + tileSlices - 1) / tileSlices)
	return g.launch("column_means", blocks*threads, mean, x, s, room+Address(countsOfTiles(columns)), room, rows, columns)
}

// ColumnMeansRoom returns the number of bytes of the room of [GPU.ColumnMeans]: the counts of the
// tiles, and two sums for each slice and column.
func ColumnMeansRoom(rows, columns int) int64 {
	return countsOfTiles(columns) + int64((rows+sliceRows-1)/sliceRows)*2*4*int64(columns)
}

func countsOfTiles(columns int) int64 {
	return aligned(4 * int64((columns+tileColumns-1)/tileColumns))
}

// CenteredDot launches [CenteredDot].
func (g *GPU) CenteredDot(out, x, c Address, rows, columns int) error {
	return g.launch("centered_dot", rows*lanes, out, x, c, rows, columns)
}
