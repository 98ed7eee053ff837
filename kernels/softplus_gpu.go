//go:build gpu

package kernels

// FreeEnergy launches f = -a·v - Σ softplus(z) for each row of v (rows, visible) and
// z (rows, hidden), by [RowDot] and [SoftplusSum]. The bits are those of the definitions.
func (g *GPU) FreeEnergy(f, v, a, z Address, rows, visible, hidden int) error {
	return g.launch("free_energy", rows*lanes, f, v, a, z, rows, visible, hidden)
}
