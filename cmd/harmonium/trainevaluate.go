package main

import (
	"context"

	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// evaluatedRows is the largest number of rows of a part with missing cells that a run evaluates at its end.
// It is chosen: the error over 1000 rows is small, and AIS of each row takes time.
const evaluatedRows = 1000

// evaluate estimates the log-likelihood of the test rows, else of the validation rows, else of the
// training rows, beside independent units. If cells are missing it takes up to evaluatedRows of the rows.
func (r *trainRun) evaluate(ctx context.Context, m *rbm.Model) (*evaluation, error) {
	split := firstSplit(r.set)
	rows := r.trainer.EvaluatedRows(split, evaluatedRows)
	seed := r.trainer.Config().Seed
	l, err := r.trainer.Evaluate(ctx, m, split, evaluatedRows, likelihood.EvaluateConfig{
		AIS:   likelihood.AISConfig{Progress: r.progress.stage("betas", "log Z by AIS")},
		Exact: rbm.PartitionConfig{Progress: r.progress.stage("states", "log Z by enumeration")},
		Known: likelihood.KnownConfig{Progress: r.progress.stage("rows", "missing cells")},
	})
	if err != nil {
		return nil, err
	}
	base := m.Independent(r.set.Train.N)
	independent, err := likelihood.Independent(ctx, r.device, base, rows, r.binarize, seed)
	if err != nil {
		return nil, err
	}
	e := newEvaluation(m, l, independent, nameOf(r.set, rows), split, seed)
	e.Fractions = seenRows{Rows: rows, binarize: r.binarize}.fractions()
	e.Grey = r.grey.bitsOf(e, rows.V)
	return e, nil
}
