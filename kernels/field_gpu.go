//go:build gpu

package kernels

// Product launches the product of [Field] without its bias: z (rows, out) is x·w, with x (rows,
// in) and w (in, out), or x·wᵀ with w (out, in) if turned.
//
// cuBLAS chooses the order of summation: z is within γ(in+1)·Σ|x·w| of the product of the rounded
// factors (see [Field]). With tensor, factors are rounded to TF32.
func (g *GPU) Product(z, x, w Address, rows, in, out int, turned, tensor bool) error {
	factor := matrix{w, out, turned}
	if turned {
		factor.width = in
	}
	return g.product(z, 1, matrix{address: x, width: in}, factor, 0, rows, in, out, tensor)
}

// AddBias launches z[n,j] += b[j], with z (rows, columns) and b (columns).
func (g *GPU) AddBias(z, b Address, rows, columns int) error {
	return g.launch("add_bias", rows*columns, z, b, rows, columns)
}
