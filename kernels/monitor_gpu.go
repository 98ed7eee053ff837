//go:build gpu

package kernels

// PseudoLikelihood launches [PseudoLikelihood]. The kinds of either layer may be none. The clock
// gives the update of the draw.
func (g *GPU) PseudoLikelihood(f, v, z, w, a, visibleKinds, hiddenKinds, clock Address, visibleUnits Units, d Draw,
	rows, visible, hidden int) error {
	key0, key1, stream, row := d.key()
	widest := max(1, visibleUnits.widest()) // columns of a visible unit, at most
	return g.launch("pseudo_likelihood", rows*lanes, f, v, z, w, a, visibleKinds, hiddenKinds, clock,
		key0, key1, stream, row, rows, visibleUnits.Count(visible), widest, visible, hidden)
}

// SquaredError launches [SquaredError].
func (g *GPU) SquaredError(f, x, y Address, rows, columns int) error {
	return g.launch("squared_error", rows*lanes, f, x, y, rows, columns)
}
