package kernels

// CumulantSum adds up the cumulants of the units of each row. It is
//
//	for n := range rows {
//		f[n] = Σ_j Γ_j(beta*z[n,j])
//	}
//
// with f (rows), z (rows, columns), Γ_j the cumulant of the unit's [Kind], and j the column of the
// unit, the first one if it has several. Units with real states are left out (see [RealCumulantSum]).
// Each term is rounded to float32. The sum is in float64: sixteen partial sums over j%16, each in
// rising order, are added up in halves, from 16 to 8 to 4 to 2 to 1. Every implementation returns the
// same bits. CumulantSum panics if a slice is shorter than its shape.
func CumulantSum(f []float64, z Grid, units Units, beta float32, rows, columns int) {
	checkCumulantSum(f, z, units, rows, columns)
	for n := range rows {
		var part [16]float64
		x := unitFields{z: z, row: n, beta: beta}
		for j := 0; j < columns; {
			k, to := units.group(j, columns)
			if several := k.of().several; several != nil {
				for ; j < to; j += k.Width() {
					x.from, x.columns = j, k.Width()
					part[j%16] += float64(several.cumulant(x))
				}
				continue
			}
			if k.Real() {
				j = to
				continue
			}
			to = min(to, j/PanelWidth*PanelWidth+PanelWidth)
			cumulant := k.of().cumulant
			for i, field := range z.part(n, j, to-j) {
				part[(j+i)%16] += float64(cumulant(float32(beta * field)))
			}
			j = to
		}
		f[n] = fold(&part)
	}
}

// FreeEnergy writes the free energy of each row. It is
//
//	for n := range rows {
//		f[n] = -a·v[n] - Σ_j Γ_j(z[n,j])
//	}
//
// with f (rows), v (rows, visible), a (visible) and the fields z (rows, hidden) of the hidden
// units given v. [RowDot] and [CumulantSum] define the sums. Every implementation returns the
// same bits. FreeEnergy panics if a slice is shorter than its shape.
func FreeEnergy(f []float64, v, a, z []float32, hiddenUnits Units, rows, visible, hidden int) {
	linear := make([]float64, rows)
	RowDot(linear, ByRows(v, visible), a, rows, visible)
	CumulantSum(f, ByRows(z, hidden), hiddenUnits, 1, rows, hidden)
	for n := range rows {
		f[n] = -linear[n] - f[n]
	}
}

func checkCumulantSum(f []float64, z Grid, units Units, rows, columns int) {
	if len(f) < rows {
		panic("kernels: cumulant sum: f is shorter than its shape")
	}
	z.check(rows, columns, "kernels: cumulant sum: z is shorter than its shape")
	units.check(columns)
}
