//go:build gpu

package kernels

import "cmp"

// Gradient launches [Gradient], which writes gradient (visible, hidden), as two products:
//
//	gradient = vdᵀ·pd / data
//	gradient -= vmᵀ·pm / chains
//
// with vd (data, visible), pd (data, hidden), vm (chains, visible) and pm (chains, hidden). The
// divisors are ofData and ofChains, as [Phase] has them. With tensor, factors are rounded to TF32.
func (g *GPU) Gradient(gradient, vd, pd, vm, pm Address, data, chains, visible, hidden, ofData, ofChains int, tensor bool) error {
	err := g.product(gradient, 1/float32(cmp.Or(ofData, data)), matrix{vd, visible, true}, matrix{pd, hidden, false}, 0,
		visible, data, hidden, tensor)
	if err != nil {
		return err
	}
	return g.product(gradient, -1/float32(cmp.Or(ofChains, chains)), matrix{vm, visible, true}, matrix{pm, hidden, false}, 1,
		visible, chains, hidden, tensor)
}
