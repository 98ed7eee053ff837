package kernels

import "math/bits"

// ColumnMeans writes the averages of the columns lo ≤ j < hi of x. It is
//
//	for j := lo; j < hi; j++ {
//		mean[j] = (Σ_n x[n,j]) / rows           // n in rising order
//		weighted[j] = (Σ_n x[n,j]*s[n]) / rows
//	}
//
// with x (rows, hi or more), s (rows), and mean and weighted (hi or more); the
// divisions multiply by the rounded reciprocal. weighted is left alone where s is
// nil. Every implementation returns the same bits. ColumnMeans panics if a slice
// is shorter than its shape.
func ColumnMeans(mean, weighted []float32, x Grid, s []float32, lo, hi, rows int) {
	checkColumnMeans(mean, weighted, x, s, hi, rows)
	scale := 1 / float32(rows)
	for width := 0; lo < hi; lo += width {
		width = min(PanelWidth-lo%PanelWidth, hi-lo)
		sum := mean[lo : lo+width]
		clear(sum)
		for n := range rows {
			addRow(sum, x.part(n, lo, width))
		}
		scaleRow(sum, scale)
		if s == nil {
			continue
		}
		sum = weighted[lo : lo+width]
		clear(sum)
		for n := range rows {
			addScaledRow(sum, x.part(n, lo, width), s[n])
		}
		scaleRow(sum, scale)
	}
}

// ColumnMeansOnes is [ColumnMeans] of the states whose transposed lists are t
// (columns, rows), and returns the same bits. It panics if a slice is shorter
// than its shape.
func ColumnMeansOnes(mean, weighted []float32, t Ones, s []float32, lo, hi, rows int) {
	if len(mean) < hi || len(t.Count) < hi || s != nil && (len(weighted) < hi || len(s) < rows) {
		panic("kernels: column means: a slice is shorter than its shape")
	}
	scale := 1 / float32(rows)
	for j := lo; j < hi; j++ {
		mean[j] = float32(t.Count[j]) * scale
	}
	if s == nil {
		return
	}
	j := lo
	for ; j+4 <= hi; j += 4 {
		sumFour(weighted[j:j+4:j+4], [4][]int32{t.Row(j), t.Row(j + 1), t.Row(j + 2), t.Row(j + 3)}, s)
	}
	for ; j < hi; j++ {
		weighted[j] = addListed(0, t.Row(j), s)
	}
	scaleRow(weighted[lo:hi], scale)
}

// sumFour writes the sums of those elements of s that four lists name: four at once,
// since additions depend on each other.
func sumFour(sum []float32, list [4][]int32, s []float32) {
	all := min(len(list[0]), len(list[1]), len(list[2]), len(list[3]))
	l0, l1, l2, l3 := list[0][:all], list[1][:all], list[2][:all], list[3][:all]
	var s0, s1, s2, s3 float32
	for k := range l0 {
		s0 += s[l0[k]]
		s1 += s[l1[k]]
		s2 += s[l2[k]]
		s3 += s[l3[k]]
	}
	for i, begun := range [4]float32{s0, s1, s2, s3} {
		sum[i] = addListed(begun, list[i][all:], s)
	}
}

// addListed adds the elements of s that a list names.
func addListed(sum float32, list []int32, s []float32) float32 {
	for _, n := range list {
		sum += s[n]
	}
	return sum
}

// RowDot writes the inner product of each row of x with c. It is
//
//	for n := range rows {
//		f[n] = Σ_j x[n,j]*c[j]
//	}
//
// with f (rows), x (rows, columns) and c (columns). The products are exact and the
// sums in float64, in sixteen parts as in [SoftplusSum]. Every implementation
// returns the same bits. RowDot panics if a slice is shorter than its shape.
func RowDot(f []float64, x Grid, c []float32, rows, columns int) {
	checkRowDot(f, x, c, rows, columns)
	for n := range rows {
		var part [16]float64
		for j := 0; j < columns; j += PanelWidth {
			for k, v := range x.part(n, j, min(PanelWidth, columns-j)) {
				part[k%16] += float64(v) * float64(c[j+k])
			}
		}
		f[n] = fold(&part)
	}
}

// RowDotStates is [RowDot] of states, and returns the same bits. It panics if a slice is
// shorter than its shape.
func RowDotStates(f []float64, x States, c []float32, rows int) {
	x.check(rows, x.Columns)
	if len(f) < rows || len(c) < x.Columns {
		panic("kernels: row dot: a slice is shorter than its shape")
	}
	for n := range rows {
		var part [16]float64
		for first := 0; first < x.Columns; first += 64 {
			for rest := *x.word(n, first); rest != 0; rest &= rest - 1 {
				k := bits.TrailingZeros64(rest)
				part[k%16] += float64(c[first+k])
			}
		}
		f[n] = fold(&part)
	}
}

func checkColumnMeans(mean, weighted []float32, x Grid, s []float32, hi, rows int) {
	if len(mean) < hi || s != nil && (len(weighted) < hi || len(s) < rows) {
		panic("kernels: column means: a slice is shorter than its shape")
	}
	x.check(rows, hi, "kernels: column means: x is shorter than its shape")
}

func checkRowDot(f []float64, x Grid, c []float32, rows, columns int) {
	if len(f) < rows || len(c) < columns {
		panic("kernels: row dot: a slice is shorter than its shape")
	}
	x.check(rows, columns, "kernels: row dot: x is shorter than its shape")
}

// fold adds up sixteen partial sums in halves.
func fold(part *[16]float64) float64 {
	for half := 8; half > 0; half /= 2 {
		for l := range half {
			part[l] += part[l+half]
		}
	}
	return part[0]
}

func scaleRow(x []float32, scale float32) {
	for j := range x {
		x[j] *= scale
	}
}
