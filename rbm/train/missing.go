package train

import (
	"cmp"
	"context"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/likelihood"
)

const (
	// IncompleteRows is the largest number of rows with missing cells, of either kind, that an estimate of
	// the log-likelihood uses.
	IncompleteRows = 100

	// The settings of annealing over the missing cells of these rows.
	incompleteRuns  = 4
	incompleteSteps = 50
)

// fill returns the number of Gibbs steps that draw missing cells of rows, 0 if no cell is missing. The
// draws begin anew at each visit of a row, from the rates of the columns (see [graph.Begun]): the
// gradient is of the log-likelihood of the known cells, up to what the steps leave of their start.
func (t *Trainer) fill(r *dataset.Rows) int {
	if r.Missing == nil {
		return 0
	}
	return cmp.Or(t.config.MissingSteps, missingSteps)
}

// shareRows makes the rows that state `of` holds variables of s too.
func shareRows(s, of *engine.State, r *dataset.Rows) error {
	names := []string{graph.Data}
	if r.Missing != nil {
		names = append(names, graph.Missing)
	}
	return s.Share(of, names...)
}

// selected returns a copy of the rows with the given numbers.
func selected(r *dataset.Rows, order []int32) *dataset.Rows {
	numbers := make([]int, len(order))
	for k, n := range order {
		numbers[k] = int(n)
	}
	return r.Select(numbers)
}

// energiesOfKnown returns the free energy of the known cells of each row.
func (t *Trainer) energiesOfKnown(ctx context.Context, e *estimated) ([]float64, error) {
	m, err := t.Model()
	if err != nil {
		return nil, err
	}
	energies, _, err := likelihood.KnownFreeEnergies(ctx, m, t.state.Device(), e.incomplete, t.binarize, t.config.Seed,
		likelihood.KnownConfig{Runs: incompleteRuns, Steps: incompleteSteps})
	return energies, err
}
