package graph

import (
	"context"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
)

// Binarize returns the visible states (n,V) of the rows with the numbers in order (n). They are
// the values of these rows in graphs over a [FixedSource] with the same seed: the draw of a row
// does not depend on its place in the order.
func Binarize(
	ctx context.Context, d engine.Device, rows *dataset.Rows, order []int32, b dataset.Binarization, units engine.Units, seed uint64,
) ([]float32, error) {
	s, err := newState(d)
	if err == nil {
		err = CheckBinarization(units, b)
	}
	if err != nil {
		return nil, err
	}
	src := OrderedSource(rows, len(order), b, seed)
	return readBatches[float32](ctx, s, rows, order, src, func(src Source) (*gorgonia.ExprGraph, *gorgonia.Node) {
		builder := NewBuilder(Layer{rows.V, units}, Layer{}, seed)
		v := builder.Data(src)
		builder.Tick()
		return builder.Graph, v
	})
}

// MeanStates returns the means (V) of the states that Binarize returns of discrete units, weighted by the weights of
// the rows if they have some: one of the rows in order must have a positive weight.
func MeanStates(
	ctx context.Context, d engine.Device, rows *dataset.Rows, order []int32, b dataset.Binarization, units engine.Units, seed uint64,
) ([]float64, error) {
	s, err := newState(d)
	if err != nil {
		return nil, err
	}
	src := OrderedSource(rows, len(order), b, seed)
	batches, err := readBatches[float32](ctx, s, rows, order, src, func(src Source) (*gorgonia.ExprGraph, *gorgonia.Node) {
		builder := NewBuilder(Layer{rows.V, units}, Layer{}, seed)
		mean := engine.NewMeans(Weighed(builder.Data(src), builder.RowWeights(src)))
		builder.Tick()
		return builder.Graph, mean
	})
	if err != nil {
		return nil, err
	}
	total := float64(len(order))
	if weights := rows.RelativeWeights(); weights != nil {
		total = 0
		for _, n := range order {
			total += float64(weights[n])
		}
	}
	means := make([]float64, rows.V)
	for i, x := range batches { // the means (V) of each batch
		size := min(src.Batch, len(order)-i/rows.V*src.Batch) // rows of this batch
		means[i%rows.V] += float64(x) * float64(size) / total
	}
	return means, nil
}
