package kernels

// CumulantSum adds up the cumulants of the units of each row. It is
//
//	for n := range rows {
//		f[n] = Σ_j Γ_j(beta*z[n,j])
//	}
//
// with f (rows), the fields z (rows, columns), and Γ_j the cumulant of the unit's [Kind]. j ranges over the
// first columns of the units; the cumulant of a unit of several columns is a function of all its fields.
// Units with real states are left out (see [RealCumulantSum]).
//
// Each term is rounded to float32. The sum is in float64, in sixteen parts: the terms of a part have the
// same j%16 and are added in rising order of j. Then part l+8 is added to part l for l < 8, part l+4 for
// l < 4, and so on. Every implementation returns the same bits. CumulantSum panics if a slice is shorter
// than its shape.
func CumulantSum(f []float64, z Grid, units Units, beta float32, rows, columns int) {
	checkCumulantSum(f, z, units, rows, columns)
	for n := range rows {
		var part [16]float64
		x := unitFields{z: z, row: n, beta: beta}
		for j := 0; j < columns; {
			k, to := units.group(j, columns) // the kind of a group of columns, and its end
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
			to = min(to, j/PanelWidth*PanelWidth+PanelWidth) // z.part needs columns of one panel
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
// units given v. [RowDot] and [CumulantSum] define the sums. [RealSum] adds the terms of units with real
// states that are missing here: ½ (v/σ)² of visible units, and Γ of hidden units. Every implementation returns
// the same bits. FreeEnergy panics if a slice is shorter than its shape.
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
