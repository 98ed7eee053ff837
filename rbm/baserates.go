package rbm

import (
	"math"

	"harmonium/dataset"
	"harmonium/rbm/estimate"
)

// BaseRates returns the means (V) of the states that a binarization makes of rows, each
// in [0,1]: the base model of annealed importance sampling. A binarization that draws has
// the means of the values.
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

// SmoothedLogits returns the logits of base rates that were counted over n rows. Each rate
// is smoothed as if two more rows had been seen, one on and one off, so that constant
// columns stay finite.
func SmoothedLogits(rates []float32, n int) []float32 {
	biases := make([]float32, len(rates))
	rows := float64(n)
	for i, r := range rates {
		on := float64(r)*rows + 1
		biases[i] = float32(math.Log(on / (rows + 2 - on)))
	}
	return biases
}

// smoothRows stands for the number of rows of the training data, which a model does not
// keep: MNIST's order of magnitude.
const smoothRows = 10000

// BaseBiases returns the visible biases a⁰ (V) of the base model: the smoothed logits of
// the base rates, which must be known.
func (m *Model) BaseBiases() []float32 { return SmoothedLogits(m.BaseRates, smoothRows) }

// LogBasePartition returns log Z_0 = H ln 2 + Σ_i softplus(a⁰_i) of the base model, whose
// visible units are independent with biases a⁰ and whose hidden units are free.
func (m *Model) LogBasePartition() float64 {
	logZ0 := float64(m.Hidden) * math.Ln2
	for _, a := range m.BaseBiases() {
		logZ0 += estimate.Softplus(float64(a))
	}
	return logZ0
}
