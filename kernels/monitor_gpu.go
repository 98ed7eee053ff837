//go:build gpu

package kernels

// PseudoLikelihood launches [PseudoLikelihood]; the draw's update is the clock's.
func (g *GPU) PseudoLikelihood(f, v, z, w, a, clock Address, d Draw, rows, visible, hidden int) error {
	key0, key1, stream := d.key()
	return g.launch("pseudo_likelihood", rows*lanes, f, v, z, w, a, clock, key0, key1, stream, rows, visible, hidden)
}

// SquaredError launches [SquaredError].
func (g *GPU) SquaredError(f, x, y Address, rows, columns int) error {
	return g.launch("squared_error", rows*lanes, f, x, y, rows, columns)
}
