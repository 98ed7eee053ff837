//go:build gpu

package kernels

// FreeEnergy launches [FreeEnergy].
func (g *GPU) FreeEnergy(f, v, a, z Address, rows, visible, hidden int) error {
	return g.launch("free_energy", rows*lanes, f, v, a, z, rows, visible, hidden)
}
