package rbm

import (
	"context"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// newModelState puts a model's parameters on a device.
func newModelState(d engine.Device, m *Model) (*engine.State, error) {
	s := engine.NewState(d)
	for _, v := range []struct {
		name  string
		data  []float32
		shape []int
	}{
		{graph.Weights, m.Weights, []int{m.Visible, m.Hidden}},
		{graph.VisibleBias, m.VisibleBias, []int{m.Visible}},
		{graph.HiddenBias, m.HiddenBias, []int{m.Hidden}},
	} {
		if err := s.Add(v.name, tensor.Float32, v.shape...); err != nil {
			return nil, err
		}
		if err := s.Set(v.name, v.data); err != nil {
			return nil, err
		}
	}
	return s, s.Add(graph.Clock, tensor.Int32, engine.ClockSize)
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
func readRows[T float32 | float64](ctx context.Context, m *Model, d engine.Device, rows *dataset.Rows, src graph.Source,
	build func(*graph.Builder, graph.Source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]T, error) {
	s, err := newModelState(d, m)
	if err != nil {
		return nil, err
	}
	if err := graph.LoadData(s, rows); err != nil {
		return nil, err
	}
	if err := s.Add(graph.Order, tensor.Int32, rows.N); err != nil {
		return nil, err
	}
	if err := s.Set(graph.Order, inOrder(rows.N)); err != nil {
		return nil, err
	}
	var values []T
	for done := 0; done < rows.N; {
		src.Size = min(src.Batch, rows.N-done)
		g, node := build(graph.NewBuilder(m.Visible, m.Hidden, src.Seed), src)
		plan, err := engine.Compile(g, s, node)
		if err != nil {
			return nil, err
		}
		batch := make([]T, node.Shape().TotalSize())
		for ; done+src.Size <= rows.N; done += src.Size {
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
