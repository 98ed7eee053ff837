package kernels

import "math/bits"

// ColumnMeans writes the averages of the columns lo ≤ j < hi of x. It is
//
//	for j := lo; j < hi; j++ {
//		mean[j] = (Σ_n x[n,j]) / rows           // n in slices of 64 rows
//		weighted[j] = (Σ_n x[n,j]*s[n]) / rows
//	}
//
// with x (rows, hi or more), s (rows), and mean and weighted (hi or more). The rows of a slice are
// added up in rising order, from 0. The sum of slice i joins part i%16 of sixteen parts, in rising
// order, which are added up in halves. A division multiplies by the rounded reciprocal; without
// rows the means are NaN. If s is nil, weighted is not written. Every implementation returns the same bits. ColumnMeans panics if
// a slice is shorter than its shape.
func ColumnMeans(mean, weighted []float32, x Grid, s []float32, lo, hi, rows int) {
	checkColumnMeans(mean, weighted, x, s, lo, hi, rows)
	scale := 1 / float32(rows)
	for width := 0; lo < hi; lo += width {
		width = min(PanelWidth-lo%PanelWidth, hi-lo)
		sum := mean[lo : lo+width]
		sumRows(sum, rows, func(n int) { addRow(sum, x.part(n, lo, width)) })
		scaleRow(sum, scale)
		if s == nil {
			continue
		}
		sum = weighted[lo : lo+width]
		sumRows(sum, rows, func(n int) { addScaledRow(sum, x.part(n, lo, width), s[n]) })
		scaleRow(sum, scale)
	}
}

// ColumnMeansStates is [ColumnMeans] of states, and returns the same bits. The sums of bits worth 0
// and 1 are counts, which are exact in any order up to 2²⁴ rows. It panics if a slice is shorter than its shape.
func ColumnMeansStates(mean, weighted []float32, x States, s []float32, lo, hi, rows int) {
	checkColumnMeansStates(mean, weighted, x, s, lo, hi, rows)
	if !x.Units.Plain() {
		columnMeansOfUnits(mean, weighted, x, s, lo, hi, rows)
		return
	}
	scale := 1 / float32(rows)
	for first := lo / 64 * 64; first < hi; first += 64 {
		some := wordRange(lo-first, hi-first)
		var count [64]int32
		for n := range rows {
			for rest := *x.word(n, first) & some; rest != 0; rest &= rest - 1 {
				count[bits.TrailingZeros64(rest)]++
			}
		}
		var product [64]float32
		if s != nil {
			sumRows(product[:], rows, func(n int) {
				for rest := *x.word(n, first) & some; rest != 0; rest &= rest - 1 {
					product[bits.TrailingZeros64(rest)] += s[n]
				}
			})
		}
		for j := max(lo, first); j < min(hi, first+64); j++ {
			mean[j] = float32(count[j-first]) * scale
			if s != nil {
				weighted[j] = product[j-first] * scale
			}
		}
	}
}

// columnMeansOfUnits is [ColumnMeansStates] of units whose bits are not all worth 0 and 1.
func columnMeansOfUnits(mean, weighted []float32, x States, s []float32, lo, hi, rows int) {
	scale := 1 / float32(rows)
	for j := lo; j < hi; j++ {
		k := x.Units.Of(j)
		worth := [2]float32{k.Low(), k.High()}
		value := func(n int) float32 { return worth[*x.word(n, j)>>(j%64)&1] }
		mean[j] = sumTerms(0, rows, value) * scale
		if s != nil {
			weighted[j] = sumTerms(0, rows, func(n int) float32 { return float32(s[n] * value(n)) }) * scale
		}
	}
}

// RowDot writes the inner product of each row of x with c. It is
//
//	for n := range rows {
//		f[n] = Σ_j x[n,j]*c[j]
//	}
//
// with f (rows), x (rows, columns) and c (columns). The products are exact. The sums are in
// float64, in sixteen parts as in [CumulantSum]. Every implementation returns the same bits.
// RowDot panics if a slice is shorter than its shape.
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
		for from := 0; from < x.Columns; {
			k, to := x.Units.group(from, x.Columns)
			if k.Low() == 0 && k.High() == 1 {
				x.addOnes(&part, c, n, from, to)
			} else {
				x.addWorth(&part, c, k, n, from, to)
			}
			from = to
		}
		f[n] = fold(&part)
	}
}

// addOnes adds the inner product of row n with c, over the columns from ≤ j < to of units whose
// bits are worth 0 and 1.
func (s States) addOnes(part *[16]float64, c []float32, n, from, to int) {
	for first := from / 64 * 64; first < to; first += 64 {
		for rest := *s.word(n, first) & wordRange(from-first, to-first); rest != 0; rest &= rest - 1 {
			j := first + bits.TrailingZeros64(rest)
			part[j%16] += float64(c[j])
		}
	}
}

// addWorth adds the inner product of row n with c, over the columns from ≤ j < to of units of
// kind k.
func (s States) addWorth(part *[16]float64, c []float32, k Kind, n, from, to int) {
	worth := [2]float64{float64(k.Low()), float64(k.High())}
	for j := from; j < to; j++ {
		part[j%16] += worth[*s.word(n, j)>>(j%64)&1] * float64(c[j])
	}
}

// CenteredDot writes the inner product (x[n]-c)·c for each row of x. It is
//
//	for n := range rows {
//		f[n] = x[n]·c - c·c
//	}
//
// with f (rows), x (rows, columns) and c (columns), and the products as in [RowDot] and [Dot].
// Every implementation returns the same bits. CenteredDot panics if a slice is shorter than its
// shape.
func CenteredDot(f, x, c []float32, rows, columns int) {
	if len(f) < rows {
		panic("kernels: centered dot: f is shorter than its shape")
	}
	product := make([]float64, rows)
	RowDot(product, ByRows(x, columns), c, rows, columns)
	square := Dot(c[:columns], c[:columns])
	for n, p := range product {
		f[n] = float32(p - square)
	}
}

// Dot returns the inner product of x and c, summed as in [RowDot]. It panics if c is shorter than
// x.
func Dot(x, c []float32) float64 {
	var sum [1]float64
	RowDot(sum[:], ByRows(x, len(x)), c, 1, len(x))
	return sum[0]
}

func checkColumnMeansStates(mean, weighted []float32, x States, s []float32, lo, hi, rows int) {
	x.check(rows, x.Columns)
	if lo < 0 || x.Columns < hi || len(mean) < hi || s != nil && (len(weighted) < hi || len(s) < rows) {
		panic("kernels: column means: a slice is shorter than its shape")
	}
}

func checkColumnMeans(mean, weighted []float32, x Grid, s []float32, lo, hi, rows int) {
	if lo < 0 || len(mean) < hi || s != nil && (len(weighted) < hi || len(s) < rows) {
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
