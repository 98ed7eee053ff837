package likelihood

import (
	"context"
	"fmt"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
)

// Bidirectional estimates log Z from both sides. c.Runs runs go from the base model up to the
// model, as in [AIS]. One run goes from each row of samples (n,V), n ≥ 1, of the model down to the base
// model, as in [ReverseAIS]. [estimate.Bennett] joins the two. Samples that miss modes of the
// model make the joint estimate too low, so the larger one of it and of the runs up is returned.
// The interval from Low to High covers three standard errors on either side and the estimates of
// both directions.
func Bidirectional(ctx context.Context, m *rbm.Model, d engine.Device, samples []float32, c AISConfig) (*Partition, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if m.BaseRates == nil {
		return nil, errNoBaseRates
	}
	if len(samples) == 0 || len(samples)%m.Visible.Len() != 0 {
		return nil, fmt.Errorf("likelihood: annealing from both sides: %d values, want rows of %d", len(samples), m.Visible.Len())
	}
	p, err := bidirectional(ctx, m, d, samples, c.filled())
	if err != nil {
		return nil, fmt.Errorf("likelihood: annealing from both sides: %w", err)
	}
	return p, nil
}

func bidirectional(ctx context.Context, m *rbm.Model, d engine.Device, samples []float32, c AISConfig) (*Partition, error) {
	up, _, err := annealUp(ctx, m, d, c)
	if err != nil {
		return nil, err
	}
	down, err := annealDown(ctx, m, d, samples, c)
	if err != nil {
		return nil, err
	}
	p, err := join(m, up, down)
	if err != nil {
		return nil, err
	}
	p.LogZ = max(p.LogZ, up.LogZ)
	p.Low, p.High = min(p.Low, up.LogZ, down.LogZ), max(p.High, up.LogZ, down.LogZ)
	return p, nil
}

// join returns Bennett's estimate of log Z from the runs up and the runs down, with an
// interval of three standard errors on either side.
func join(m *rbm.Model, up, down *Partition) (*Partition, error) {
	ratio, standardError, err := estimate.Bennett(up.LogWeights, negated(down.LogWeights))
	if err != nil {
		return nil, err
	}
	logZ := m.LogBasePartition() + ratio
	return &Partition{
		Method: "bennett", LogZ: logZ, Low: logZ - 3*standardError, High: logZ + 3*standardError,
		Runs: up.Runs + down.Runs, Betas: up.Betas,
	}, nil
}
