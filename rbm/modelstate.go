package rbm

import (
	"context"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
)

// newModelState puts a model's parameters on a device.
func newModelState(d engine.Device, m *Model) (*engine.State, error) {
	s := engine.NewState(d)
	for _, v := range []struct {
		name  string
		data  []float32
		shape []int
	}{
		{varWeights, m.Weights, []int{m.Visible, m.Hidden}},
		{varVisibleBias, m.VisibleBias, []int{m.Visible}},
		{varHiddenBias, m.HiddenBias, []int{m.Hidden}},
	} {
		if err := s.Add(v.name, tensor.Float32, v.shape...); err != nil {
			return nil, err
		}
		if err := s.Set(v.name, v.data); err != nil {
			return nil, err
		}
	}
	return s, s.Add(varClock, tensor.Int32, engine.ClockSize)
}

// inOrder is the order of rows 0..n-1.
func inOrder(n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	return order
}

// readRows runs a graph over all rows of a data set in order, full batches and at the end
// a short one, and returns the values of its result for every row, one or more a row.
func readRows[T float32 | float64](ctx context.Context, m *Model, d engine.Device, rows *dataset.Rows, src source,
	build func(*builder, source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]T, error) {
	s, err := newModelState(d, m)
	if err != nil {
		return nil, err
	}
	if err := loadData(s, rows); err != nil {
		return nil, err
	}
	if err := s.Add(varOrder, tensor.Int32, rows.N); err != nil {
		return nil, err
	}
	if err := s.Set(varOrder, inOrder(rows.N)); err != nil {
		return nil, err
	}
	var values []T
	for done := 0; done < rows.N; {
		src.size = min(src.batch, rows.N-done)
		graph, node := build(newBuilder(m.Visible, m.Hidden, src.seed), src)
		plan, err := engine.Compile(graph, s, node)
		if err != nil {
			return nil, err
		}
		batch := make([]T, node.Shape().TotalSize())
		for ; done+src.size <= rows.N; done += src.size {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := plan.Run(); err != nil {
				return nil, err
			}
			if err := plan.Read(node, batch); err != nil {
				return nil, err
			}
			values = append(values, batch...)
		}
	}
	return values, nil
}
