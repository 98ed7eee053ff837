//go:build gpu

package kernels

// Tick launches the step of a clock by one update.
func (g *GPU) Tick(out, clock Address) error { return g.launch("tick", 1, out, clock) }

// Clamp launches out = x, but pattern where that is not NaN.
func (g *GPU) Clamp(out, x, pattern Address, size int) error {
	return g.launch("clamp", size, out, x, pattern, size)
}

// Difference launches out = data - chains.
func (g *GPU) Difference(out, data, chains Address, size int) error {
	return g.launch("difference", size, out, data, chains, size)
}

// Blend launches out = offset + rate·(½(data + chains) - offset).
func (g *GPU) Blend(out, offset, data, chains Address, rate float32, size int) error {
	return g.launch("blend", size, out, offset, data, chains, rate, size)
}

// BiasGradient launches the gradient of a bias of so many units, corrected for the
// centering by the other layer of so many others.
func (g *GPU) BiasGradient(out, difference, data, chains, offset, otherDifference, otherOffset Address, size, others int) error {
	return g.launch("bias_gradient", size, out, difference, data, chains, offset, otherDifference, otherOffset, size, others)
}
