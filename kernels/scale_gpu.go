//go:build gpu

package kernels

// ScaleRows launches [ScaleRows] over all rows. If each, s has a number for each row, else one for all.
func (g *GPU) ScaleRows(out, x, s Address, each bool, rows, columns int) error {
	share := rows * columns // elements for each number of s
	if each {
		share = columns
	}
	return g.launch("scale_rows", rows*columns, out, x, s, share, rows*columns)
}
