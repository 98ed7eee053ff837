//go:build gpu

package kernels

// Chance launches [Chance] over size rows.
func (g *GPU) Chance(p, first, firstOther, second, secondOther Address, size int) error {
	return g.launch("chance", size, p, first, firstOther, second, secondOther, size)
}

// Select launches [Select].
func (g *GPU) Select(out, mask, x, y Address, rows, columns int) error {
	return g.launch("select_parts", rows*columns, out, mask, x, y, columns, rows*columns)
}

// SelectCells launches [SelectCells] over size cells.
func (g *GPU) SelectCells(out, mask, x, y Address, size int) error {
	return g.launch("select_parts", size, out, mask, x, y, 1, size)
}
