package rbm

import (
	"math"

	"harmonium/dataset"
)

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

// baseBiases returns the logits of base rates over so many rows, each rate smoothed as
// if two rows more had been seen, one on and one off, so that constant columns stay
// finite.
func baseBiases(rates []float32, rows int) []float32 {
	biases := make([]float32, len(rates))
	n := float64(rows)
	for i, r := range rates {
		on := float64(r)*n + 1
		biases[i] = float32(math.Log(on / (n + 2 - on)))
	}
	return biases
}

// smoothRows is the number of rows that base rates are smoothed for where the number
// they were counted on is not known: MNIST's order of magnitude.
const smoothRows = 10000

// baseBiases are the visible biases a⁰ (V) of the base model.
func (m *Model) baseBiases() []float32 { return baseBiases(m.BaseRates, smoothRows) }

// logBasePartition is log Z_0 = H ln 2 + Σ_i softplus(a⁰_i).
func (m *Model) logBasePartition() float64 {
	logZ0 := float64(m.Hidden) * math.Ln2
	for _, a := range m.baseBiases() {
		logZ0 += softplus(float64(a))
	}
	return logZ0
}
