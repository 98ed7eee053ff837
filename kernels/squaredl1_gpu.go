//go:build gpu

package kernels

// SquaredL1 launches [SquaredL1] over all columns. kinds are the kinds of the hidden units, or none.
func (g *GPU) SquaredL1(out, gradient, w, kinds Address, cost float32, rows, columns int) error {
	return g.launch("squared_l1", columns*lanes, out, gradient, w, kinds, cost, rows, columns)
}
