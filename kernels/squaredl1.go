package kernels

// SquaredL1 subtracts from a gradient the slope of the penalty
//
//	½ cost Σ_μ (Σ|w|)²/n_μ
//
// where the inner sum is over the n_μ weights of hidden unit μ. The penalty makes the weights of a
// unit sparse, most of all where the weights of the unit are large (Tubiana, Cocco and Monasson,
// Learning protein constitutive motifs from sequence data, 2019, eq. 8). For each hidden unit that
// begins with a column lo ≤ j < hi, SquaredL1 is
//
//	slope := cost * (Σ|w[i,j]| / n)
//	out[i,j] = g[i,j] - slope*sign(w[i,j])
//
// for all rows i and the columns j of the unit, with out, g and w (rows, columns). The sum, in sixteen
// parts (see blocks.go), and the slope are in float64; the slope is rounded to float32. sign(0) is 0.
// out may be g. Every implementation returns the same bits. SquaredL1 panics if a slice is shorter than
// its shape.
func SquaredL1(out, g, w []float32, units Units, cost float32, lo, hi, rows, columns int) {
	eachSquaredL1(out, g, w, units, lo, hi, rows, columns, func(r run) { r.squaredL1(out, g, w, cost, columns) })
}

// eachSquaredL1 calls f for the runs of blocks of SquaredL1.
func eachSquaredL1(out, g, w []float32, units Units, lo, hi, rows, columns int, f func(run)) {
	if size := rows * columns; len(out) < size || len(g) < size || len(w) < size {
		panic("kernels: squared L1: a slice is shorter than its shape")
	}
	blocks := Blocks{Over: HiddenUnits, Hidden: units}
	blocks.check(hi, rows, columns)
	blocks.each(lo, hi, rows, columns, f)
}

// squaredL1 is SquaredL1 of a run of blocks.
func (r run) squaredL1(out, g, w []float32, cost float32, columns int) {
	r.eachTile(func(r run) {
		var sum [mostBlocks]float64
		r.sums(&sum, w, columns, false)
		var slope [mostBlocks]float32
		for k := range r.count {
			slope[k] = float32(float64(cost) * (sum[k] / float64(r.size())))
		}
		for i := r.top; i < r.top+r.height; i++ {
			to, from, row := r.row(out, i, columns), r.row(g, i, columns), r.row(w, i, columns)
			if r.count == 1 { // all columns are of one hidden unit
				for k := range row {
					againstSign(to[k:k+1], from[k:k+1], row[k:k+1], slope[:])
				}
				continue
			}
			againstSign(to, from, row, slope[:])
		}
	})
}

// againstSign writes g - slope*sign(w) to out, element by element.
func againstSign(out, g, w, slope []float32) {
	out, g, slope = out[:len(w)], g[:len(w)], slope[:len(w)]
	for k, x := range w {
		if x != 0 {
			out[k] = g[k] - signed(slope[k], x)
		} else {
			out[k] = g[k] - float32(slope[k]*0) // as in C: NaN where the slope is not finite
		}
	}
}
