//go:build gpu

package kernels

// Moment launches [Moment] of so many elements.
func (g *GPU) Moment(next, m, gradient Address, decay float32, squared bool, size int) error {
	return g.launch("moment", size, next, m, gradient, decay, number(squared), size)
}

// Adam launches [Adam] of so many elements, with the row of the clock's position in rates.
// Faults are noted as by [GPU.Ascend].
func (g *GPU) Adam(next, w, m, s, rates, clock, faults Address, site, size int) error {
	return g.launch("adam", size, next, w, m, s, rates, clock, faults, site, size)
}
