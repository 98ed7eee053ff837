//go:build gpu

package kernels

import "cmp"

// Gradient launches [Gradient], which writes gradient (visible, hidden), as two products:
//
//	gradient = vdᵀ·pd / data
//	gradient -= vmᵀ·pm / chains
//
// with vd (data, visible), pd (data, hidden), vm (chains, visible) and pm (chains, hidden). The
// divisors are ofData and ofChains, as [Phase] has them. Float32
// rounds no factor. TensorFloat32 and BFloat16 round factors to TF32: the means pd and pm are not
// exact in bfloat16 as states are.
func (g *GPU) Gradient(gradient, vd, pd, vm, pm Address, data, chains, visible, hidden, ofData, ofChains int, p Precision) error {
	tensor := p != Float32
	err := g.product(gradient, 1/float32(cmp.Or(ofData, data)), matrix{vd, visible, true}, matrix{pd, hidden, false}, 0,
		visible, data, hidden, tensor)
	if err != nil {
		return err
	}
	return g.product(gradient, -1/float32(cmp.Or(ofChains, chains)), matrix{vm, visible, true}, matrix{pm, hidden, false}, 1,
		visible, chains, hidden, tensor)
}
