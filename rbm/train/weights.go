package train

import (
	"slices"

	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// weighting holds the weights of the rows on both sides of the gradient. The gradient of a batch of B
// rows, out of rows with the mean weight m, is
//
//	1/B Σ_n w_n/m (gradient of log p(v_n))
//
// which is an unbiased estimate of the gradient of the mean of all rows, weighted by w. Divided by the
// weights of the batch instead, a heavy row would lose weight to its neighbours in a batch.
//
// So each row has its weight on the side of the data, and a chain that begins at the row has it as
// well. Persistent chains belong to no row: each has the mean weight of the batch, so that both sides
// have the same total.
type weighting struct {
	data   *gorgonia.Node // (B,1), or nil without weights
	chains *gorgonia.Node // (B,1) or (1,1), or nil
}

// weighting returns the weights of a batch, for chains that begin at its rows or persist.
func (b builder) weighting(s graph.Source, persistent bool) weighting {
	w := weighting{data: b.RowWeights(s)}
	if w.chains = w.data; w.data != nil && persistent {
		w.chains = engine.NewMeans(b.RowWeights(s.Whole()))
	}
	return w
}

// meanOf returns the mean of all values of rows (n,width), weighted by the weights of the rows, which may
// be nil.
func meanOf(rows []float32, width int, weights []float32) float64 {
	if weights == nil {
		return estimate.Sum(rows) / float64(len(rows))
	}
	var means []float64
	for row := range slices.Chunk(rows, width) {
		means = append(means, estimate.Sum(row)/float64(width))
	}
	mean, _ := estimate.WeightedMean(means, weights)
	return mean
}
