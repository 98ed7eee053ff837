package train

import (
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// chosenRows returns the numbers of at most n rows, evenly spread over all rows, and their weights, or nil.
// If all their weights are 0, the rows are evenly spread over those with a positive weight.
func chosenRows(r *dataset.Rows, n int) (order []int32, weights []float32) {
	order = graph.Spread(min(n, r.N), r.N)
	if r.Weights == nil {
		return order, nil
	}
	weightOf := func(row int32) float32 { return r.Weights[row] }
	if !slices.ContainsFunc(order, func(row int32) bool { return weightOf(row) > 0 }) {
		positive := slices.DeleteFunc(graph.InOrder(r.N), func(row int32) bool { return weightOf(row) == 0 })
		order = graph.Spread(min(n, len(positive)), len(positive))
		for k, at := range order {
			order[k] = positive[at]
		}
	}
	for _, row := range order {
		weights = append(weights, weightOf(row))
	}
	return order, weights
}

// selected returns a copy of the rows with the given numbers.
func selected(r *dataset.Rows, order []int32) *dataset.Rows {
	numbers := make([]int, len(order))
	for k, n := range order {
		numbers[k] = int(n)
	}
	return r.Select(numbers)
}

// shareRows makes the variables of state `from` that hold rows r, the data and the marks of missing cells, variables of
// state s too.
func shareRows(s, from *engine.State, r *dataset.Rows) error {
	names := []string{graph.Data}
	if r.Missing != nil {
		names = append(names, graph.Missing)
	}
	return s.Share(from, names...)
}
