package graph

import (
	"context"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm"
)

// SetClock sets the counters of a state.
func SetClock(s *engine.State, update, position, epoch int) error {
	clock := make([]int32, engine.ClockSize)
	clock[engine.ClockUpdate] = int32(update)
	clock[engine.ClockPosition] = int32(position)
	clock[engine.ClockEpoch] = int32(epoch)
	return s.Set(Clock, clock)
}

// newState returns variables on a device: a clock at zero, and no others yet.
func newState(d engine.Device) (*engine.State, error) {
	s := engine.NewState(d)
	return s, s.Add(Clock, tensor.Int32, engine.ClockSize)
}

// Aside returns variables for a plan beside the plans of another state: the named variables,
// which it shares, and a clock at zero of its own.
func Aside(parent *engine.State, shared ...string) (*engine.State, error) {
	s, err := newState(parent.Device())
	if err != nil {
		return nil, err
	}
	return s, s.Share(parent, shared...)
}

// NewModelState returns variables on a device: the parameters of a model, what its couplings need, and a
// clock at zero.
func NewModelState(d engine.Device, m *rbm.Model) (*engine.State, error) {
	s, err := newState(d)
	if err != nil {
		return nil, err
	}
	type variable struct {
		name  string
		data  []float32
		shape []int
	}
	list := []variable{
		{Weights, m.Weights, []int{m.Visible.Len(), m.Hidden.Len()}},
		{VisibleBias, m.Visible.Bias, []int{m.Visible.Len()}},
		{HiddenBias, m.Hidden.Bias, []int{m.Hidden.Len()}},
	}
	if m.Coupled() {
		list = append(list, variable{Lateral, m.Lateral, []int{m.Visible.Len(), m.Visible.Len()}},
			variable{NoField, make([]float32, m.Visible.Len()), []int{m.Visible.Len()}})
	}
	for _, v := range []variable{
		{VisibleLogVariance, m.Visible.LogVariance, []int{m.Visible.Len()}},
		{HiddenLogVariance, m.Hidden.LogVariance, []int{m.Hidden.Len()}},
		{HiddenJump, m.Hidden.Jump, []int{m.Hidden.Len()}},
		{HiddenSkew, m.Hidden.Skew, []int{m.Hidden.Len()}},
	} {
		if v.data != nil {
			list = append(list, v)
		}
	}
	for _, v := range list {
		if err := s.Define(v.name, v.data, v.shape...); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// ChainMemory estimates the bytes of n chains of a model on the host: the states of both layers as
// numbers, once as a variable and once as a field, beside a log-weight.
func ChainMemory(m *rbm.Model, n int) float64 {
	const size = 4 // bytes of a float32
	return float64(n) * (2*size*(float64(m.Visible.Len())+float64(m.Hidden.Len())) + 8)
}

// Spread returns the numbers of n of all rows, evenly spread.
func Spread(n, all int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i * all / n)
	}
	return order
}

// InOrder returns the row numbers 0 to n-1.
func InOrder(n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	return order
}

// ReadRows runs a graph over all rows of a data set in order, in full batches and at the end
// a short one. It returns the values of the graph's result for every row, one or more a row.
func ReadRows[T float32 | float64](ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, src Source,
	build func(*Builder, Source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]T, error) {
	if err := src.check(m.Visible.Units); err != nil {
		return nil, err
	}
	s, err := NewModelState(d, m)
	if err != nil {
		return nil, err
	}
	if err := LoadData(s, rows); err != nil {
		return nil, err
	}
	return ReadOrder[T](ctx, s, InOrder(rows.N), src, func(src Source) (*gorgonia.ExprGraph, *gorgonia.Node) {
		return build(NewModelBuilder(m, src.Seed), src)
	})
}

// readBatches loads rows into s and then reads batches as ReadOrder does, by this rank alone.
func readBatches[T float32 | float64](ctx context.Context, s *engine.State, rows *dataset.Rows, order []int32, src Source,
	build func(Source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]T, error) {
	if err := LoadData(s, rows); err != nil {
		return nil, err
	}
	return readFrom[T](ctx, s, order, 0, len(order), src, build)
}

// ReadOrder runs a graph over the rows of an order, in full batches and at the end a short
// one, from a clock at zero. The variable Data of s holds the rows. It returns the values of the
// graph's result for every batch, one after the other. The batches are divided among the ranks of a divided
// device.
func ReadOrder[T float32 | float64](ctx context.Context, s *engine.State, order []int32, src Source,
	build func(Source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]T, error) {
	team := engine.Divided(s.Device())
	first, batches := ranks.Part(team, (len(order)+src.Batch-1)/src.Batch)
	if first > 0 { // go on after the batches of the ranks before
		if err := SetClock(s, first, first, 0); err != nil {
			return nil, err
		}
	}
	own, err := readFrom[T](ctx, s, order, first*src.Batch, min((first+batches)*src.Batch, len(order)), src, build)
	if err != nil {
		return nil, err
	}
	return ranks.Join(team, own)
}

// readFrom runs a graph over rows from to to-1 of an order, in batches, from the clock of s on. It compiles the
// graph for full batches and again for the short one at the end.
func readFrom[T float32 | float64](ctx context.Context, s *engine.State, order []int32, from, to int, src Source,
	build func(Source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]T, error) {
	if err := s.Define(Order, order, len(order)); err != nil {
		return nil, err
	}
	var values []T
	for done := from; done < to; {
		src.Size = min(src.Batch, to-done)
		g, node := build(src)
		plan, err := engine.Compile(g, s, node)
		if err != nil {
			return nil, err
		}
		batch := make([]T, node.Shape().TotalSize())
		for ; done+src.Size <= to; done += src.Size {
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
