//go:build gpu

package kernels

// FreeEnergy launches [FreeEnergy]. kinds holds the kinds of the hidden units, or is none.
func (g *GPU) FreeEnergy(f, v, a, z, kinds Address, rows, visible, hidden int) error {
	return g.launch("free_energy", rows*lanes, f, v, a, z, kinds, rows, visible, hidden)
}
