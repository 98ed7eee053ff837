//go:build gpu

package kernels

// Moment launches [Moment] over size elements.
func (g *GPU) Moment(next, m, gradient Address, decay float32, squared bool, size int) error {
	return g.launch("moment", size, next, m, gradient, decay, number(squared), size)
}

// Adam launches [Adam] over size elements. The row of rates at the clock's position holds rate
// and epsilon. Faults are recorded as by [GPU.Ascend].
func (g *GPU) Adam(next, w, m, s, rates, clock, faults Address, site, size int) error {
	return g.launch("adam", size, next, w, m, s, rates, clock, faults, site, size)
}
