package kernels

import "math"

// Shrink is the proximal step of the group lasso (Yuan and Lin, Model selection and estimation in
// regression with grouped variables, 2006), whose penalty is the sum of the Euclidean norms ‖w‖ of
// blocks of weights. For each block that begins with a line lo ≤ n < hi of [Blocks] it is
//
//	next = w * max(0, 1 - threshold/‖w‖)
//
// which minimises ½‖next-w‖² + threshold*‖next‖ over next. The blocks with norms up to the threshold
// become 0. A block of one weight moves by the threshold towards 0, in float32. For other blocks the
// norm and the factor are computed in float64, and the factor is rounded to float32. The squares are
// added in sixteen parts (see blocks.go). next and w have the shape (rows, columns). next may be w. The
// threshold is at least 0. Every implementation returns the same bits. Shrink panics if a slice is
// shorter than its shape.
func Shrink(next, w []float32, blocks Blocks, threshold float32, lo, hi, rows, columns int) {
	eachShrink(next, w, blocks, lo, hi, rows, columns, func(r run) { r.shrink(next, w, threshold, columns) })
}

// eachShrink calls f for the runs of blocks of Shrink.
func eachShrink(next, w []float32, blocks Blocks, lo, hi, rows, columns int, f func(run)) {
	if size := rows * columns; len(next) < size || len(w) < size {
		panic("kernels: shrink: a slice is shorter than its shape")
	}
	blocks.check(hi, rows, columns)
	blocks.each(lo, hi, rows, columns, f)
}

// shrink is Shrink of a run of blocks.
func (r run) shrink(next, w []float32, threshold float32, columns int) {
	if r.size() == 1 {
		to := r.row(next, r.top, columns)
		for k, x := range r.row(w, r.top, columns) {
			to[k] = softened(x, threshold)
		}
		return
	}
	r.eachTile(func(r run) {
		var sum [mostBlocks]float64
		r.sums(&sum, w, columns, true)
		var factor [mostBlocks]float32
		for k := range r.count {
			factor[k] = shrinkage(math.Sqrt(sum[k]), float64(threshold))
		}
		for i := r.top; i < r.top+r.height; i++ {
			to, row := r.row(next, i, columns), r.row(w, i, columns)
			if r.count == 1 { // all columns are of one block
				for k, x := range row {
					to[k] = factor[0] * x
				}
				continue
			}
			for k, f := range factor[:r.count] {
				to[k] = f * row[k]
			}
		}
	})
}

// shrinkage returns the factor of the proximal step of a block.
func shrinkage(norm, threshold float64) float32 {
	if norm <= threshold {
		return 0
	}
	return float32((norm - threshold) / norm)
}

// softened returns the result of the proximal step of a block of one weight.
func softened(x, threshold float32) float32 {
	return signed(max(magnitude(x)-threshold, 0), x)
}
