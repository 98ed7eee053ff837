package main

import (
	"context"
	"fmt"
	"io"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
)

// missingCells says how the likelihood of the known cells of rows was found.
type missingCells struct {
	Cells         int     `json:"cells"`          // that are missing
	Rows          int     `json:"rows"`           // with missing cells
	Exact         int     `json:"rows_exact"`     // rows summed over all states of their missing cells
	Sampled       int     `json:"rows_sampled"`   // rows estimated by AIS
	Runs          int     `json:"runs"`           // of AIS, for each sampled row
	Betas         int     `json:"betas"`          // of AIS
	VarLogW       float64 `json:"var_log_w"`      // mean over the sampled rows of the variance of the log-weights
	StandardError float64 `json:"standard_error"` // of the mean log-likelihood, by the runs alone
}

func newMissingCells(i *likelihood.Incomplete) *missingCells {
	return &missingCells{i.Cells, i.Rows, i.Exact, i.Sampled, i.Runs, i.Betas, i.VarLogWeight, i.StandardError}
}

// freeEnergies returns the free energies of the known cells of rows, and how the sums over missing cells
// were found, if cells are missing.
func freeEnergies(ctx context.Context, m *rbm.Model, d engine.Device, of seenRows, seed uint64,
	c likelihood.KnownConfig) ([]float64, *missingCells, error) {
	if of.Missing == nil {
		energies, err := likelihood.FreeEnergies(ctx, m, d, of.Rows, of.binarize, seed)
		return energies, nil, err
	}
	energies, info, err := likelihood.KnownFreeEnergies(ctx, m, d, of.Rows, of.binarize, seed, c)
	if err != nil {
		return nil, nil, err
	}
	return energies, newMissingCells(info), nil
}

// mostVarLogW is the largest variance of the log-weights of AIS over missing cells that raises no doubt. --betas auto
// ends by the same bound for log Z, see package likelihood.
const mostVarLogW = 1

// print writes the numbers for people.
func (m *missingCells) print(w io.Writer) {
	fmt.Fprintf(w, "missing: %s in %s, the log-likelihood counts the known cells alone; %s summed exactly",
		plural(m.Cells, "cell"), plural(m.Rows, "row"), plural(m.Exact, "row"))
	if m.Sampled > 0 {
		fmt.Fprintf(w, ", %d by AIS: %d runs x %d betas, var log w %.3g, standard error %.3f", m.Sampled, m.Runs, m.Betas,
			m.VarLogW, m.StandardError)
		if m.VarLogW > mostVarLogW {
			fmt.Fprint(w, "; the log-likelihood is too low, and more betas (eval --missing-betas) bring it up")
		}
	}
	fmt.Fprintln(w)
}

// incomplete reports whether a cell of any part of a set is missing.
func incomplete(set *dataset.Set) bool {
	for _, rows := range []*dataset.Rows{set.Train, set.Valid, set.Test} {
		if rows != nil && rows.Missing != nil {
			return true
		}
	}
	return false
}

// noteOnMissing says on a page that it shows no rows because cells are missing.
const noteOnMissing = "Cells of the data are missing, so the page shows no rows and compares no samples with them."
