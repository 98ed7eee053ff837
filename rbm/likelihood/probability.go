package likelihood

import (
	"context"
	"fmt"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
)

// LogProbabilities returns log p(v) = -F(v) - logZ (N) of all rows, in nats, in batches on the
// device. logZ is [Partition.LogZ] of an estimate, or exact by [ExactPartition]. Its error is the same for all
// rows. Where cells are missing, v are the known ones, as in [FreeEnergies]. A binarization that draws is a function of
// the seed. If the binarization keeps fractions, the
// results are not log-probabilities, as the model has no such states.
func LogProbabilities(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64, logZ float64,
) ([]float64, error) {
	if err := checkRows(m, rows); err != nil {
		return nil, fmt.Errorf("likelihood: log-probabilities: %w", err)
	}
	logs, _, err := freeEnergies(ctx, m, d, rows, b, seed, KnownConfig{})
	if err != nil {
		return nil, fmt.Errorf("likelihood: log-probabilities: %w", err)
	}
	for n, f := range logs {
		logs[n] = -f - logZ
	}
	return logs, nil
}
