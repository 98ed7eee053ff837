package likelihood

import (
	"context"
	"fmt"
	"math"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// Independent returns the mean log-likelihood of rows, in nats a row, under independent units
// with the biases of base:
//
//	mean of Σ_i θ_i v_i - Γ_i(θ_i) - U_i(v_i)
//
// with U_i(v) = v²/2σ_i² for units with real states and else 0, weighted by the weights of the rows, if they have some. The sum is over known cells.
//
// With [rbm.BaseLayer] of the training rows it is the yardstick of a model: a model without weights can
// learn no more than the rates of its units. The rows become the same states as in [Evaluate] with this
// binarization and seed.
func Independent(
	ctx context.Context, d engine.Device, base rbm.Layer, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) (float64, error) {
	return independent(ctx, d, base, rows, graph.InOrder, b, seed)
}

// IndependentOf returns [Independent] of the rows whose numbers are in order. If the rows have weights,
// one of these must be positive.
func IndependentOf(
	ctx context.Context, d engine.Device, base rbm.Layer, rows *dataset.Rows, order []int32, b dataset.Binarization, seed uint64,
) (float64, error) {
	return independent(ctx, d, base, rows, func(int) []int32 { return order }, b, seed)
}

// independent is [Independent] of the rows with the numbers that order returns, which takes the number of
// all rows.
func independent(
	ctx context.Context, d engine.Device, base rbm.Layer, rows *dataset.Rows, order func(all int) []int32, b dataset.Binarization, seed uint64,
) (float64, error) {
	if err := graph.CheckRows(graph.Layer{Len: base.Len(), Units: base.Units}, rows); err != nil {
		return 0, fmt.Errorf("likelihood: independent units: %w", err)
	}
	if rows = rows.Unmarked(); rows.Missing != nil || base.Units.Real() {
		mean, err := independentKnown(ctx, d, base, rows, order(rows.N), b, seed)
		if err != nil {
			return 0, fmt.Errorf("likelihood: independent units: %w", err)
		}
		return mean, nil
	}
	means, err := graph.MeanStates(ctx, d, rows, order(rows.N), b, base.Units, seed)
	if err != nil {
		return 0, fmt.Errorf("likelihood: independent units: %w", err)
	}
	fields := make([]float64, base.Len())
	var mean float64
	for i, bias := range base.Bias {
		fields[i] = float64(bias)
		mean += fields[i] * means[i]
	}
	return mean - base.Cumulant(fields), nil
}

// independentKnown is [independent] of rows whose cells may be missing and whose states may be real: the mean over rows
// of the log-probability of the known cells.
func independentKnown(
	ctx context.Context, d engine.Device, base rbm.Layer, rows *dataset.Rows, order []int32, b dataset.Binarization, seed uint64,
) (float64, error) {
	whole := *rows
	whole.Missing = nil
	var logs []float64
	var weights []float32
	for part := range slices.Chunk(order, 4*graph.EvaluationBatch) { // parts (chosen), as their states are held in memory
		states, err := graph.Binarize(ctx, d, &whole, part, b, base.Units, seed)
		if err != nil {
			return 0, err
		}
		for k, n := range part {
			pattern := states[k*rows.V : (k+1)*rows.V]
			for i := range pattern {
				if rows.IsMissing(int(n), i) {
					pattern[i] = float32(math.NaN())
				}
			}
			logs = append(logs, base.LogProbabilityKnown(pattern))
			if rows.Weights != nil {
				weights = append(weights, rows.Weights[n])
			}
		}
	}
	mean, _ := estimate.WeightedMean(logs, weights)
	return mean, nil
}
