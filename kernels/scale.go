package kernels

// ScaleRows multiplies the rows lo ≤ n < hi of x by one number each. It is
//
//	for n := lo; n < hi; n++ {
//		for j := range columns {
//			out[n,j] = x[n,j] * s[n]    // or * s[0], if s has one number
//		}
//	}
//
// with out and x (rows, columns) and s (rows) or (1). out may be x. Every implementation returns the
// same bits. ScaleRows panics if a slice is shorter than its shape.
func ScaleRows(out, x, s []float32, lo, hi, columns int) {
	if len(out) < hi*columns || len(x) < hi*columns || len(s) != 1 && len(s) < hi {
		panic("kernels: scale rows: a slice is shorter than its shape")
	}
	for n := lo; n < hi; n++ {
		factor := s[0]
		if len(s) > 1 {
			factor = s[n]
		}
		from, to := x[n*columns:(n+1)*columns], out[n*columns:(n+1)*columns]
		for j, v := range from {
			to[j] = v * factor
		}
	}
}
