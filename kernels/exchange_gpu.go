//go:build gpu

package kernels

// Chance launches the probabilities with which two models exchange so many states, by the
// free energies in float64 of both states under both models.
func (g *GPU) Chance(p, first, firstOther, second, secondOther Address, size int) error {
	return g.launch("chance", size, p, first, firstOther, second, secondOther, size)
}

// Select launches the choice of each row from y where mask (rows) is not 0, else from x.
func (g *GPU) Select(out, mask, x, y Address, rows, columns int) error {
	return g.launch("select_rows", rows*columns, out, mask, x, y, rows, columns)
}
