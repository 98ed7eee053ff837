//go:build gpu

package kernels

// Nesterov launches [Nesterov] of so many elements, with the momentum of the clock's
// position in rates. Faults are noted as by [GPU.Ascend].
func (g *GPU) Nesterov(next, w, v, before, rates, clock, faults Address, site, size int) error {
	return g.launch("nesterov", size, next, w, v, before, rates, clock, faults, site, size)
}
