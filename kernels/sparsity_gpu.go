//go:build gpu

package kernels

// Sparsity launches [Sparsity] over rows rows.
func (g *GPU) Sparsity(out, p, q Address, target, cost float32, rows, columns int) error {
	return g.launch("sparsity", rows*columns, out, p, q, target, cost, columns, rows*columns)
}
