package rbm

import "harmonium/dataset"

// BaseRates returns the means (V) of the states that a binarization makes of rows, each
// in [0,1]: what annealed importance sampling must know of the training data. A drawn
// binarization has the means of the values.
func BaseRates(rows *dataset.Rows, b dataset.Binarization) []float32 {
	means := make([]float32, rows.V)
	if b.Mode != dataset.Threshold {
		for i, m := range rows.Means() {
			means[i] = float32(m)
		}
		return means
	}
	row := make([]float32, rows.V)
	counts := make([]int, rows.V)
	for n := range rows.N {
		rows.Row(row, n)
		for i, x := range row {
			if x > float32(b.Threshold) {
				counts[i]++
			}
		}
	}
	for i, c := range counts {
		means[i] = float32(float64(c) / float64(rows.N))
	}
	return means
}
