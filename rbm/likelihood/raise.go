package likelihood

import (
	"context"
	"fmt"
	"slices"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
)

// Conservative is a conservative estimate of the log-likelihood of states, in nats.
type Conservative struct {
	LogLikelihoods      []float64 // of each state
	Mean, StandardError float64   // over the states
}

// RAISE estimates log p(v) from below for each row of visible states (n,V), by reverse
// annealing (Burda, Grosse and Salakhutdinov 2015). The forward runs of annealed importance
// sampling are a model of v themselves, with the probability
//
//	p_annealed(v) = Σ p_0(v_0) T_{β_1}(v_0,v_1) … T_{β_K}(v_{K-1},v),
//
// which approaches p(v) as the schedule grows. Runs that start at v and take the steps
// backwards, T_{β_K} first, have weights with E[w] = p_annealed(v),
//
//	log w = log p*(v) - log Z_0 + Σ_k log p*_{β_{k-1}}(v_{k-1}) - log p*_{β_k}(v_{k-1}),
//
// so the expected log of their mean over the runs of a row is below log p_annealed(v). The
// estimate does not use log Z: in a mode that the forward runs miss, p_annealed is small and so
// is the estimate. AIS overestimates log p(v), so the two enclose the likelihood up to the
// difference of p_annealed and p.
//
// c.Runs runs start at each row. It is an error if the model has no base rates.
func RAISE(ctx context.Context, m *rbm.Model, d engine.Device, states []float32, c AISConfig) (*Conservative, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if m.BaseRates == nil {
		return nil, errNoBaseRates
	}
	n := len(states) / m.Visible.Len()
	if n == 0 || n*m.Visible.Len() != len(states) {
		return nil, fmt.Errorf("likelihood: conservative estimate: %d values, want rows of %d", len(states), m.Visible.Len())
	}
	logs, err := raise(ctx, m, d, states, c.filled())
	if err != nil {
		return nil, fmt.Errorf("likelihood: conservative estimate: %w", err)
	}
	mean := estimate.Sum(logs) / float64(n)
	return &Conservative{logs, mean, estimate.StandardError(logs, mean)}, nil
}

// raise returns the estimate for each state.
func raise(ctx context.Context, m *rbm.Model, d engine.Device, states []float32, c AISConfig) ([]float64, error) {
	var starts []float32 // (n·Runs,V), the runs of a row together
	for v := range slices.Chunk(states, m.Visible.Len()) {
		starts = append(starts, slices.Repeat(v, c.Runs)...)
	}
	// The step from β = 1 to 1 has weight 1 and makes the Gibbs step T_1.
	falling := slices.Insert(reversed(c.Betas), 0, 1)
	logWeights, err := descend(ctx, m, d, starts, falling, c)
	if err != nil {
		return nil, err
	}
	energies, err := stateEnergies(ctx, m, d, states)
	if err != nil {
		return nil, err
	}
	logs := make([]float64, len(energies))
	logZ0 := m.LogBasePartition()
	for n, f := range energies {
		logs[n] = estimate.LogMean(logWeights[n*c.Runs:(n+1)*c.Runs]).Log - f - logZ0
	}
	return logs, nil
}
