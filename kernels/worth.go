package kernels

// Worth prepares weights for fields over the bits of units of any kind. Let low_i and high_i be
// the worth of the bits of unit i, and B the units whose bit is 1. The sum of a field is
//
//	Σ_i x_i*w[i,j] = Σ_i low_i*w[i,j] + Σ_{i in B} (high_i-low_i)*w[i,j]
//
// Therefore the sparse sums of [Field] serve every kind, with other weights and another bias. For
// the columns lo ≤ j < hi, which are whole panels, Worth is
//
//	for j := lo; j < hi; j++ {
//		offset[j] = Σ_i low_i*w[i,j]         // in float64, i in rising order
//		for i := range w.Rows {
//			w[i,j] = (high_i-low_i)*w[i,j]
//		}
//	}
//
// in place, with units the kinds of the rows of w, and offset (w.Columns). Rows of [Bernoulli]
// units stay as they are. Worth panics if a slice is shorter than its shape.
func Worth(w Panels, offset []float32, units Units, lo, hi int) {
	w.check()
	units.check(w.Rows)
	if len(offset) < hi || lo%PanelWidth != 0 {
		panic("kernels: worth: the offset is shorter than its shape, or the columns are not whole panels")
	}
	for j := lo; j < hi; j += PanelWidth {
		panel, width := w.from(j), min(PanelWidth, hi-j)
		var sum [PanelWidth]float64
		for from := 0; from < w.Rows; {
			k, to := units.group(from, w.Rows)
			if low, span := k.Low(), k.span(); low != 0 || span != 1 {
				for i := from; i < to; i++ {
					row := panel[i*PanelWidth:][:width]
					for c, v := range row {
						sum[c] += float64(low) * float64(v)
						row[c] = span * v
					}
				}
			}
			from = to
		}
		for c := range width {
			offset[j+c] = float32(sum[c])
		}
	}
}

// OffsetBias writes to sum the bias of fields over the bits of units: b[j] + offset[j] for every
// column j, with the offset of [Worth]. It panics if a slice is shorter than sum.
func OffsetBias(sum, b, offset []float32) {
	if len(b) < len(sum) || len(offset) < len(sum) {
		panic("kernels: offset bias: a slice is shorter than its shape")
	}
	for j := range sum {
		sum[j] = b[j] + offset[j]
	}
}
