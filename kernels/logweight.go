package kernels

// LogWeight adds one step of annealed importance sampling to the log-weights of samples. It is
//
//	for n := range rows {
//		out[n] = before[n] +
//			LogIncrement(from, to, a·v[n], base·v[n], Σ_j softplus(from*z[n,j]), Σ_j softplus(to*z[n,j]))
//	}
//
// with out and before (rows), v (rows, visible), a and base (visible), the biases of the model and
// of the base model, and z (rows, hidden), the fields of the hidden units given v. [RowDot] and
// [SoftplusSum] define the sums. out may be before. Every implementation returns the same
// bits. LogWeight panics if a slice is shorter than its shape.
func LogWeight(out, before []float64, v, a, base, z []float32, from, to float32, rows, visible, hidden int) {
	if len(out) < rows || len(before) < rows {
		panic("kernels: log-weight: a slice is shorter than its shape")
	}
	var sums [4][]float64
	for i := range sums {
		sums[i] = make([]float64, rows)
	}
	RowDot(sums[0], ByRows(v, visible), a, rows, visible)
	RowDot(sums[1], ByRows(v, visible), base, rows, visible)
	SoftplusSum(sums[2], ByRows(z, hidden), from, rows, hidden)
	SoftplusSum(sums[3], ByRows(z, hidden), to, rows, hidden)
	for n := range rows {
		out[n] = before[n] + LogIncrement(from, to, sums[0][n], sums[1][n], sums[2][n], sums[3][n])
	}
}

// LogIncrement returns log p*_to(v) - log p*_from(v) of a sample on the path of annealing
//
//	log p*_β(v) = (1-β) baseᵀv + β aᵀv + Σ_j softplus(β field_j)
//
// whose linear terms are aᵀv and baseᵀv and whose softplus sums are those at from and at to.
func LogIncrement(from, to float32, linear, base, softplusFrom, softplusTo float64) float64 {
	return float64((float64(to)-float64(from))*(linear-base)) + (softplusTo - softplusFrom)
}
