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
func Binarize(ctx context.Context, d engine.Device, rows *dataset.Rows, order []int32, b dataset.Binarization, units engine.Units, seed uint64) ([]float32, error) {
	s, err := newState(d)
	if err != nil {
		return nil, err
	}
	src := NewSource(rows, Fixed(b), min(EvaluationBatch, len(order)), seed)
	src.Order = len(order)
	return readBatches[float32](ctx, s, rows, order, src, func(src Source) (*gorgonia.ExprGraph, *gorgonia.Node) {
		b := NewBuilder(Layer{rows.V, units}, Layer{}, seed)
		v := b.Data(src)
		b.Tick()
		return b.Graph, v
	})
}
