//go:build gpu

package kernels

// Gradient launches [Gradient] as two products: vdᵀ·pd, with vd (data, visible) and pd (data,
// hidden), minus vmᵀ·pm, with vm (chains, visible) and pm (chains, hidden), each divided by its
// number of rows. BFloat16 rounds as TensorFloat32 does, since only states are exact in
// bfloat16.
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
