package kernels

// Transpose writes the columns lo ≤ i < hi of dst (columns, rows), the transpose
// of src (rows, columns). It is
//
//	for i := lo; i < hi; i++ {
//		for j := range columns {
//			dst[j,i] = src[i,j]
//		}
//	}
//
// dst must not overlap src. Transpose panics if a slice is shorter than its shape.
func Transpose(dst, src []float32, lo, hi, rows, columns int) {
	checkTranspose(dst, src, hi, rows, columns)
	for i := lo; i < hi; i++ {
		for j, v := range src[i*columns : (i+1)*columns] {
			dst[j*rows+i] = v
		}
	}
}

func checkTranspose(dst, src []float32, hi, rows, columns int) {
	if len(dst) < rows*columns || len(src) < hi*columns {
		panic("kernels: transpose: a slice is shorter than its shape")
	}
}
