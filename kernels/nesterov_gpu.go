//go:build gpu

package kernels

// Nesterov launches [Nesterov] over size elements. The row of rates at the clock's position holds
// the momentum. Faults are recorded as by [GPU.Ascend].
func (g *GPU) Nesterov(next, w, v, before, rates, clock, faults Address, site, size int) error {
	return g.launch("nesterov", size, next, w, v, before, rates, clock, faults, site, size)
}
