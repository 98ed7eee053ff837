package kernels

// SoftplusSum adds up the softplus of each row. It is
//
//	for n := range rows {
//		f[n] = Σ_j softplus(beta*z[n,j])
//	}
//
// with f (rows) and z (rows, columns). Each term is rounded to float32; the sum
// is in float64, as sixteen partial sums over j%16, each in rising order, folded
// in halves: 16 to 8 to 4 to 2 to 1. Every implementation returns the same bits.
// SoftplusSum panics if a slice is shorter than its shape.
func SoftplusSum(f []float64, z Grid, beta float32, rows, columns int) {
	checkSoftplusSum(f, z, rows, columns)
	for n := range rows {
		var part [16]float64
		for j := 0; j < columns; j += PanelWidth {
			for k, v := range z.part(n, j, min(PanelWidth, columns-j)) {
				part[k%16] += float64(Softplus(float32(beta * v)))
			}
		}
		f[n] = fold(&part)
	}
}

// FreeEnergy writes the free energy of each row. It is
//
//	for n := range rows {
//		f[n] = -a·v[n] - Σ_j softplus(z[n,j])
//	}
//
// with f (rows), v (rows, visible), a (visible) and z (rows, hidden), the fields of the hidden
// units given v. [RowDot] and [SoftplusSum] define the sums. Every implementation returns
// the same bits. FreeEnergy panics if a slice is shorter than its shape.
func FreeEnergy(f []float64, v, a, z []float32, rows, visible, hidden int) {
	linear := make([]float64, rows)
	RowDot(linear, ByRows(v, visible), a, rows, visible)
	SoftplusSum(f, ByRows(z, hidden), 1, rows, hidden)
	for n := range rows {
		f[n] = -linear[n] - f[n]
	}
}

func checkSoftplusSum(f []float64, z Grid, rows, columns int) {
	if len(f) < rows {
		panic("kernels: softplus sum: f is shorter than its shape")
	}
	z.check(rows, columns, "kernels: softplus sum: z is shorter than its shape")
}
