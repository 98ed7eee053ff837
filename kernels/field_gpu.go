//go:build gpu

package kernels

// Product launches the product of [Field] without its bias: z (rows, out) is x·w, with x (rows,
// in) and w (in, out), or x·wᵀ with w (out, in) if turned. With precision BFloat16, x and w are
// bfloat16.
//
// cuBLAS chooses the order of summation: z is within γ(in+1)·Σ|x·w| of the product of the rounded
// factors (see [Field]).
func (g *GPU) Product(z, x, w Address, rows, in, out int, turned bool, p Precision) error {
	factor := matrix{w, out, turned}
	if turned {
		factor.width = in
	}
	if p == BFloat16 {
		return g.halfProduct(z, matrix{address: x, width: in}, factor, rows, in, out)
	}
	return g.product(z, 1, matrix{address: x, width: in}, factor, 0, rows, in, out, p == TensorFloat32)
}

// AddBias launches z[n,j] += b[j], with z (rows, columns) and b (columns).
func (g *GPU) AddBias(z, b Address, rows, columns int) error {
	return g.launch("add_bias", rows*columns, z, b, rows, columns)
}

// ToHalf launches the rounding of x (size) to bfloat16, to nearest, ties to even.
func (g *GPU) ToHalf(half, x Address, size int) error {
	return g.launch("to_half", size, half, x, size)
}
