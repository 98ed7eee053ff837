package kernels

// The kernels of couplings L (V,V) among the units of a layer, which add -½ vᵀLv to the energy.

// PairEnergies adds to each number a multiple of the energy of couplings, -½ vᵀLv. It is
//
//	for n := range rows {
//		out[n] = before[n] - scales[n]/2 * Σ_j v[n,j]*y[n,j]
//	}
//
// with out, before and scales (rows), and v and y (rows, columns), y = vL. scales may have one number, for
// all rows. [RowDot] defines the sum. out may be before. Every implementation returns the same bits.
// PairEnergies panics if a slice is shorter than its shape.
func PairEnergies(out, before, scales []float64, v, y []float32, rows, columns int) {
	size := rows * columns
	if len(out) < rows || len(before) < rows || len(scales) != 1 && len(scales) < rows || len(v) < size || len(y) < size {
		panic("kernels: pair energies: a slice is shorter than its shape")
	}
	for n := range rows {
		scale := scales[0]
		if len(scales) > 1 {
			scale = scales[n]
		}
		var dot [1]float64
		RowDot(dot[:], ByRows(v[n*columns:], columns), y[n*columns:], 1, columns)
		out[n] = before[n] - float64(scale/2*dot[0])
	}
}

// PairGradient makes the gradient of couplings from the gradient of all pairs of columns, in the rows
// lo ≤ i < hi. It is
//
//	for i := lo; i < hi; i++ {
//		for j := range columns {
//			out[i,j] = (g[i,j]+g[j,i])/2 - (offset[i]*difference[j] + difference[i]*offset[j])
//			out[i,j] = 0 where i and j are columns of one unit
//		}
//	}
//
// with out and g (columns, columns), and offset and difference (columns), the offsets of the centered
// gradient and the difference of the means of data and chains. Without offsets the second term is left
// out. out is symmetric to the bit, and must not overlap g. Every implementation returns the same
// bits. PairGradient panics if a slice is shorter than its shape.
func PairGradient(out, g, offset, difference []float32, units Units, lo, hi, columns int) {
	size := columns * columns
	if hi > columns || len(out) < size || len(g) < size || offset != nil && (len(offset) < columns || len(difference) < columns) {
		panic("kernels: pair gradient: a slice is shorter than its shape")
	}
	units.check(columns)
	for i := lo; i < hi; i++ {
		k, first := units.At(i)
		row := out[i*columns : (i+1)*columns]
		for j := range row {
			row[j] = (g[i*columns+j] + g[j*columns+i]) / 2
			if offset != nil {
				row[j] -= float32(offset[i]*difference[j]) + float32(difference[i]*offset[j])
			}
		}
		clear(row[first : first+k.Width()])
	}
}

// PairShift moves the gradient of a bias by the gradient of centered couplings, for the elements
// lo ≤ j < hi. It is
//
//	for j := lo; j < hi; j++ {
//		out[j] = float32(d[j] - Σ_i g[i,j]*offset[i])    // i in rising order, in float64
//	}
//
// with out, d and offset (columns) and g (columns, columns). The products are exact. out may be d. Every
// implementation returns the same bits. PairShift panics if a slice is shorter than its shape.
func PairShift(out, d, g, offset []float32, lo, hi, columns int) {
	if hi > columns || len(out) < columns || len(d) < columns || len(g) < columns*columns || len(offset) < columns {
		panic("kernels: pair shift: a slice is shorter than its shape")
	}
	for j := lo; j < hi; j++ {
		var sum float64
		for i, c := range offset[:columns] {
			sum += float64(g[i*columns+j]) * float64(c)
		}
		out[j] = float32(float64(d[j]) - sum)
	}
}
