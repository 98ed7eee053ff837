package sample

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/memory"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// CheckMemory returns a [*memory.Error] if n chains of m, with the states that they start from, do not fit
// into the memory of the host. d is the device of the chains.
func CheckMemory(m *rbm.Model, d engine.Device, n int) error {
	states := 2 * 4 * float64(n) * float64(m.Visible.Len()) // the start and the samples
	if engine.OnHost(d) {
		states += graph.ChainMemory(m, n)
	}
	return memory.Check(fmt.Sprintf("%d chains of %d + %d units", n, m.Visible.Len(), m.Hidden.Len()), states)
}

// RandomVisible returns n ≥ 0 visible states (n,V) of the units of m, drawn without its parameters (see
// engine.Coins). They are a function of the seed.
func RandomVisible(m *rbm.Model, n int, seed uint64) []float32 {
	v := make([]float32, n*m.Visible.Len())
	engine.Coins(v, n, m.Visible.Units, seed, graph.StreamStart)
	return v
}

// DataVisible returns n visible states (n,V), of n rows spread evenly over a data set. If n
// exceeds the number of rows, rows repeat, with the same state. Rows with weights are spread evenly over
// the sum of the weights: a row occurs in proportion to its weight, rounded up or down.
//
// A binarization that draws makes one draw of each row, a function of the seed. With the same
// seed, package likelihood evaluates the same states, and training with a static binarization
// uses them. Grey values that the binarization would keep are drawn in the same way.
func DataVisible(
	ctx context.Context, d engine.Device, rows *dataset.Rows, b dataset.Binarization, units engine.Units, n int, seed uint64,
) ([]float32, error) {
	number := func(k int) int { return k * rows.N / n }
	if rows.Weights != nil {
		at := shares(rows.Weights)
		number = func(k int) int { return at(float64(k) / float64(n)) }
	}
	return statesOf(ctx, d, rows, n, number, b, units, seed)
}

// ResampledVisible returns [DataVisible] of n rows that are drawn with replacement, a function of
// the seed, in proportion to their weights: it varies as n independent samples of the rows' distribution
// do.
func ResampledVisible(
	ctx context.Context, d engine.Device, rows *dataset.Rows, b dataset.Binarization, units engine.Units, n int, seed uint64,
) ([]float32, error) {
	r := rand.New(rand.NewPCG(seed, uint64(graph.StreamStart)))
	number := func(int) int { return r.IntN(rows.N) }
	if rows.Weights != nil {
		at := shares(rows.Weights)
		number = func(int) int { return at(r.Float64()) }
	}
	return statesOf(ctx, d, rows, n, number, b, units, seed)
}

// shares returns the function from a share in [0,1) of the sum of weights to the row that holds it.
func shares(weights []float32) func(share float64) int {
	sums, sum := make([]float64, len(weights)), 0.0
	for n, w := range weights {
		sum += float64(w)
		sums[n] = sum
	}
	return func(share float64) int {
		// share*sum may round up to the whole sum, and then no element of sums is above it.
		n := sort.Search(len(sums), func(n int) bool { return sums[n] > share*sum })
		return min(n, len(sums)-1)
	}
}

// statesOf returns the states (n,V) of n rows: state k of the row number(k).
func statesOf(
	ctx context.Context, d engine.Device, rows *dataset.Rows, n int, number func(k int) int, b dataset.Binarization, units engine.Units, seed uint64,
) ([]float32, error) {
	if err := graph.CheckRows(graph.Layer{Len: rows.V, Units: units}, rows); err != nil {
		return nil, fmt.Errorf("sample: states of rows: %w", err)
	}
	if n < 1 {
		return nil, fmt.Errorf("sample: %d states of %d rows, want at least 1 of both", n, rows.N)
	}
	if b.Mode == dataset.None && !graph.HoldsStates(units, rows) {
		b.Mode = dataset.Static
	}
	order := make([]int32, n)
	for k := range order {
		order[k] = int32(number(k))
	}
	states, err := graph.Binarize(ctx, d, rows, order, b, units, seed)
	if err != nil {
		return nil, fmt.Errorf("sample: states of rows: %w", err)
	}
	return states, nil
}
