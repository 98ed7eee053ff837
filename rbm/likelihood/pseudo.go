package likelihood

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/memory"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// PseudoLikelihoods returns the log-pseudo-likelihood (N) of all rows, in nats:
//
//	Σ_i log p(v_i | the other units) = -Σ_i log(1 + e^(F(v) - F(v with unit i in its other state)))
//
// (Besag 1975). It needs no log Z. A binarization that draws is a function of the seed, and makes the
// states that [FreeEnergies] uses. Rows of fractions that the binarization keeps are an error.
//
// The sums are float64, on as many goroutines as there are cores. A row costs V·H cumulants.
func PseudoLikelihoods(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float64, error) {
	logs, err := pseudoLikelihoods(ctx, m, d, rows, b, seed)
	if err != nil {
		return nil, fmt.Errorf("likelihood: pseudo-likelihoods: %w", err)
	}
	return logs, nil
}

func pseudoLikelihoods(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float64, error) {
	if err := checkRows(m, rows); err != nil {
		return nil, err
	}
	if b.Mode == dataset.None && !rows.Binary() {
		return nil, errors.New("rows of fractions, want states or a binarization that makes them")
	}
	what := fmt.Sprintf("the states of %d rows of %d units", rows.N, rows.V)
	if err := memory.Check(what, 2*4*float64(rows.N)*float64(rows.V)); err != nil { // the slice doubles as it grows
		return nil, err
	}
	states, err := graph.Binarize(ctx, d, rows, graph.InOrder(rows.N), b, m.Visible.Units, seed)
	if err != nil {
		return nil, err
	}
	logs := make([]float64, rows.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), rows.N) {
		wg.Go(func() {
			field, other := make([]float64, m.Hidden.Len()), make([]float64, m.Hidden.Len())
			for n := int(next.Add(1)) - 1; n < rows.N && ctx.Err() == nil; n = int(next.Add(1)) - 1 {
				logs[n] = pseudoLikelihood(m, states[n*rows.V:(n+1)*rows.V], field, other)
			}
		})
	}
	wg.Wait()
	return logs, ctx.Err()
}

// pseudoLikelihood returns the log-pseudo-likelihood of states v (V). The other slices (H) are room
// for fields.
func pseudoLikelihood(m *rbm.Model, v []float32, field, other []float64) float64 {
	rest := m.Hidden.Cumulant(m.HiddenField(field, v))
	var sum float64
	for i, s := range v {
		k := m.Visible.Units.Of(i)
		change := float64(k.Low()) + float64(k.High()) - 2*float64(s) // from the state to the other one
		for j, w := range m.Weights[i*m.Hidden.Len() : (i+1)*m.Hidden.Len()] {
			other[j] = field[j] + change*float64(w)
		}
		rise := change*float64(m.Visible.Bias[i]) + m.Hidden.Cumulant(other) - rest // of log p*(v)
		sum -= estimate.Softplus(rise)
	}
	return sum
}
