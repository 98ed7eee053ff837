package likelihood

import (
	"context"
	"fmt"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/sample"
)

// StackConfig holds the settings of [StackBound]. The zero value takes the rows' values as they are.
type StackConfig struct {
	Draws     int                  // number of draws of the hidden states of each row; 0 means [DefaultDraws]
	Binarize  dataset.Binarization // how rows become states
	Seed      uint64               // seed of all draws
	Partition *Partition           // log Z of the last model; required
	Progress  func(done, total int)
}

// DefaultDraws is the number of draws of the hidden states of each row. Chosen: over many rows the noise of a draw
// averages out, and each draw takes the time of an evaluation.
const DefaultDraws = 20

// StackBound returns a lower bound of the mean log-likelihood of rows under a stack, in nats a row
// (Salakhutdinov and Murray, On the quantitative analysis of deep belief networks, 2008, §4): the mean
// over the hidden states h_l, drawn from each model's p(h|v) up to the last model, of
//
//	-F₁(v) + Σ_l (F_l(h_l) - F_{l+1}(h_l)) - log Z_L.
//
// F_l(h_l) is the free energy of the hidden states of model l, and F_{l+1}(h_l) the free energy of the
// same states as visible ones of the model above. A term is log p(v|h) - log p(h|v), in which log Z of the model
// cancels. The draws make no bias. An error of log Z moves the bound as much as it moves a likelihood. For a
// stack of one model the bound is the log-likelihood itself.
//
// In the Averages of the result, MeanFreeEnergy is the negative bound without log Z, and StandardError
// includes the noise of the draws.
func StackBound(ctx context.Context, s rbm.Stack, d engine.Device, rows *dataset.Rows, c StackConfig) (*Evaluation, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	switch {
	case c.Draws < 0:
		return nil, fmt.Errorf("likelihood: Draws is %d, want at least 1, or 0 for %d", c.Draws, DefaultDraws)
	case c.Partition == nil:
		return nil, fmt.Errorf("likelihood: bound of a stack: no log Z of its last model")
	case c.Draws == 0:
		c.Draws = DefaultDraws
	}
	if len(s) == 1 { // no hidden states are drawn
		c.Draws = 1
	}
	if err := checkRows(s[0], rows); err != nil {
		return nil, fmt.Errorf("likelihood: bound of a stack: %w", err)
	}
	if rows = rows.Unmarked(); rows.Missing != nil {
		return nil, fmt.Errorf("likelihood: bound of a stack: rows with %d missing cells, want none", rows.MissingCells())
	}
	energies, err := stackEnergies(ctx, s, d, rows, c)
	if err != nil {
		return nil, fmt.Errorf("likelihood: bound of a stack: %w", err)
	}
	l := &Evaluation{
		Partition: c.Partition, Rows: rows.N, Binarize: c.Binarize, Averages: AveragesOf(energies, rows.Weights, c.Partition),
	}
	if rows.Weights != nil {
		l.Plain = new(AveragesOf(energies, nil, c.Partition))
	}
	return l, nil
}

// stackEnergies returns the negative bound (N) of each row, without log Z.
func stackEnergies(ctx context.Context, s rbm.Stack, d engine.Device, rows *dataset.Rows, c StackConfig) ([]float64, error) {
	// The hidden states of a model are the visible states of its transpose.
	transposed := make([]*rbm.Model, len(s)-1)
	for l, m := range s[:len(s)-1] {
		transposed[l] = m.Transposed()
	}
	sum := make([]float64, rows.N)
	// add adds factor times the free energies of a rung's rows as visible states of m.
	add := func(m *rbm.Model, r sample.Rung, factor float64) error {
		src := graph.FixedSource(r.Rows, r.Binarize, r.Seed)
		energies, err := graph.ReadRows[float64](ctx, m, d, r.Rows, src, freeEnergyGraph)
		for n, f := range energies {
			sum[n] += factor * f / float64(c.Draws)
		}
		return err
	}
	for draw := range c.Draws {
		rungs, err := sample.Climb(ctx, s, d, rows, c.Binarize, c.Seed, draw)
		if err != nil {
			return nil, err
		}
		for l, r := range rungs {
			if l > 0 {
				if err := add(transposed[l-1], r, -1); err != nil {
					return nil, err
				}
			}
			if err := add(r.Model, r, 1); err != nil {
				return nil, err
			}
		}
		if c.Progress != nil {
			c.Progress(draw+1, c.Draws)
		}
	}
	return sum, nil
}
