package train

import (
	"cmp"
	"context"

	"harmonium/dataset"
	"harmonium/rbm/likelihood"
)

const (
	missingSteps = 5 // default number of Gibbs steps that draw missing cells (chosen)

	// IncompleteRows is the largest number of training rows, and of validation rows, that an estimate of the
	// log-likelihood uses if a cell of them is missing, be it one cell of one row.
	IncompleteRows = 100

	// The runs and the steps of annealing over the missing cells of each of these rows. They were chosen: an estimate
	// makes 100·4·50 = 20,000 Gibbs steps of a row for them, twice as many as for log Z (see estimateCost). More
	// would make estimates rarer, and fewer would make the error of annealing larger.
	incompleteRuns  = 4
	incompleteSteps = 50
)

// fill returns the number of Gibbs steps that draw missing cells of rows, 0 if no cell is missing. The
// draws begin anew at each visit of a row, at states drawn with the rates of the columns (see [graph.Begun]). The
// gradient is of the log-likelihood of the known cells, if the steps suffice for the draws to forget this start.
func (t *Trainer) fill(r *dataset.Rows) int {
	if r.Missing == nil {
		return 0
	}
	return cmp.Or(t.config.MissingSteps, missingSteps)
}

// energiesOfKnown returns the free energy of the known cells of each of the incomplete rows, and the standard error
// that annealing over missing cells leaves in their mean.
func (t *Trainer) energiesOfKnown(ctx context.Context, e *estimated) (energies []float64, annealed float64, err error) {
	m, err := t.Model()
	if err != nil {
		return nil, 0, err
	}
	energies, incomplete, err := likelihood.KnownFreeEnergies(ctx, m, t.state.Device(), e.incomplete, t.binarize, t.config.Seed,
		likelihood.KnownConfig{Runs: incompleteRuns, Steps: incompleteSteps})
	if err != nil {
		return nil, 0, err
	}
	return energies, incomplete.StandardError, nil
}
