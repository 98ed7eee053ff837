//go:build gpu

package kernels

// Tick launches [Tick].
func (g *GPU) Tick(out, clock Address) error { return g.launch("tick", 1, out, clock) }

// Clamp launches [Clamp].
func (g *GPU) Clamp(out, x, pattern Address, size int) error {
	return g.launch("clamp", size, out, x, pattern, size)
}

// Difference launches [Difference].
func (g *GPU) Difference(out, data, chains Address, size int) error {
	return g.launch("difference", size, out, data, chains, size)
}

// Blend launches [Blend].
func (g *GPU) Blend(out, offset, data, chains Address, rate float32, size int) error {
	return g.launch("blend", size, out, offset, data, chains, rate, size)
}

// BiasGradient launches [BiasGradient] for a bias (size), where the other layer has `others` columns.
func (g *GPU) BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset Address, size, others int) error {
	return g.launch("bias_gradient", threads, out, difference, data, chains, offset, otherDifference, otherOffset, size, others)
}
