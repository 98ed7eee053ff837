package train

import (
	"errors"
	"fmt"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// checkInput returns an error unless a run can use a data set and a device.
func checkInput(data *dataset.Set, d engine.Device) error {
	if err := data.Validate(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if d == nil {
		return errors.New("train: no device: nil")
	}
	return nil
}

// checkRows returns an error unless the visible units can take the rows of all parts of the data, and their missing
// cells have states. The test rows are checked here too, so that a run does not fail in its evaluation at the end.
func (t *Trainer) checkRows() error {
	if err := graph.CheckBinarization(t.visible.Units, t.binarize); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	for _, part := range []struct {
		name string
		rows *dataset.Rows
	}{{partTrain, t.data.Train}, {partValid, t.data.Valid}, {partTest, t.data.Test}} {
		if part.rows == nil {
			continue
		}
		if err := graph.CheckRows(t.visible, part.rows); err != nil {
			return fmt.Errorf("train: %s rows: %w", rowsName[part.name], err)
		}
		if part.rows.Missing != nil && t.binarize.Mode == dataset.None && !graph.HoldsStates(t.visible.Units, part.rows) {
			return fmt.Errorf("train: missing cells in %s rows of fractions, want states or a binarization that makes them",
				rowsName[part.name])
		}
	}
	return nil
}

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
