package kernels

// LogWeight adds one step of annealed importance sampling to the log-weights of samples. It is
//
//	for n := range rows {
//		out[n] = before[n] +
//			LogIncrement(from, to, a·v[n], base·v[n], Σ_j Γ_j(from*z[n,j]), Σ_j Γ_j(to*z[n,j]))
//	}
//
// with out and before (rows), v (rows, visible), the visible biases a of the model and base of
// the base model (visible), and the fields z (rows, hidden) of the hidden units given v. units
// holds the kinds of the hidden units. [RowDot] and [CumulantSum] define the sums. out may be
// before. Every implementation returns the same bits. LogWeight panics if a slice is shorter than
// its shape.
func LogWeight(out, before []float64, v, a, base, z []float32, units Units, from, to float32, rows, visible, hidden int) {
	if len(out) < rows || len(before) < rows {
		panic("kernels: log-weight: a slice is shorter than its shape")
	}
	var sums [4][]float64
	for i := range sums {
		sums[i] = make([]float64, rows)
	}
	RowDot(sums[0], ByRows(v, visible), a, rows, visible)
	RowDot(sums[1], ByRows(v, visible), base, rows, visible)
	CumulantSum(sums[2], ByRows(z, hidden), units, from, rows, hidden)
	CumulantSum(sums[3], ByRows(z, hidden), units, to, rows, hidden)
	for n := range rows {
		out[n] = before[n] + LogIncrement(from, to, sums[0][n], sums[1][n], sums[2][n], sums[3][n])
	}
}

// LogIncrement returns log p*_to(v) - log p*_from(v) of a sample v on the annealing path
//
//	log p*_β(v) = (1-β) baseᵀv + β aᵀv + Σ_j Γ_j(β field_j)
//
// given linear = aᵀv, base = baseᵀv, and the sums of cumulants at β = from and at β = to.
func LogIncrement(from, to float32, linear, base, cumulantsFrom, cumulantsTo float64) float64 {
	return float64((float64(to)-float64(from))*(linear-base)) + (cumulantsTo - cumulantsFrom)
}
