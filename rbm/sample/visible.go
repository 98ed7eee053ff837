package sample

import (
	"context"
	"fmt"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// RandomVisible returns n visible states of m (n,V), fair coin flips by the seed. n may be 0.
func RandomVisible(m *rbm.Model, n int, seed uint64) []float32 {
	v := make([]float32, n*m.Visible.Len())
	engine.Coins(v, n, m.Visible.Units, seed, graph.StreamStart)
	return v
}

// DataVisible returns n states (n,V) of visible units of rows that are spread evenly over a data set. If
// n is larger than the number of rows, rows appear several times, with the same state.
//
// A binarization that draws has one draw of a row, a function of the seed: the states that
// package likelihood evaluates, and that training with a static binarization visits. Grey
// values that the binarization leaves as they are are drawn in the same way.
func DataVisible(ctx context.Context, d engine.Device, rows *dataset.Rows, b dataset.Binarization, units engine.Units, n int, seed uint64) ([]float32, error) {
	if n < 1 || rows.N < 1 {
		return nil, fmt.Errorf("sample: %d states of %d rows, want at least 1 of both", n, rows.N)
	}
	if b.Mode == dataset.None && !rows.Binary() {
		b.Mode = dataset.Static
	}
	order := make([]int32, n)
	for k := range order {
		order[k] = int32(k * rows.N / n)
	}
	states, err := graph.Binarize(ctx, d, rows, order, b, units, seed)
	if err != nil {
		return nil, fmt.Errorf("sample: states of rows: %w", err)
	}
	return states, nil
}
