//go:build gpu

package kernels

// Gradient launches [Gradient] as two products: of vd (data, visible) with pd (data,
// hidden), less that of vm (chains, visible) with pm (chains, hidden), each divided by its
// rows. BFloat16 rounds as TensorFloat32 does: the means are no states.
func (g *GPU) Gradient(gradient, vd, pd, vm, pm Address, data, chains, visible, hidden int, p Precision) error {
	tensor := p != Float32
	err := g.product(gradient, 1/float32(data), matrix{vd, visible, true}, matrix{pd, hidden, false}, 0,
		visible, data, hidden, tensor)
	if err != nil {
		return err
	}
	return g.product(gradient, -1/float32(chains), matrix{vm, visible, true}, matrix{pm, hidden, false}, 1,
		visible, chains, hidden, tensor)
}
