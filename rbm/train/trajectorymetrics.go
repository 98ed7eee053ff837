package train

import (
	"fmt"
	"math"

	"harmonium/rbm/internal/graph"
)

const slowFactor = 1.0 / 512 // factor of the learning rate below which a warning says that the run may stall (chosen)

// TrajectoryMetrics is the state of parallel trajectory tempering. Errors are
// standard errors and energies in nats.
type TrajectoryMetrics struct {
	Models int `json:"models"` // number of models on the ladder, counting the model of independent units and the current one
	// Acceptance holds the rates of exchange between neighbours, from the foot of the ladder
	// up. The rate of two frozen models is by samples of the earlier one and their weights (see
	// [estimate.ExchangeRate]). The rate of the current and the last frozen model is by the
	// chains in the last update.
	Acceptance []float32 `json:"acceptance"`
	// Stages is the number of stages in which samples of the frozen model before the last one became samples of the
	// last (see bridge.go).
	Stages int `json:"stages"`
	// RateFactor is the factor of the learning rate: halved at each return to the last frozen model, and doubled
	// again, up to 1, while the run goes on.
	RateFactor float64 `json:"rate_factor"`

	// LogPartition is log Z of the current model: log Z of the model of independent units plus
	// the log of the ratio of Z of each two neighbours up the ladder. Its standard error assumes that
	// the errors of these ratios are independent.
	LogPartition  float64 `json:"log_partition"`
	StandardError float64 `json:"log_partition_standard_error"`

	// EnergyDrift is the change in the mean free energy of samples of the last frozen model
	// over 500 Gibbs steps. At equilibrium it is 0 within its standard error.
	EnergyDrift      float64 `json:"energy_drift"`
	EnergyDriftError float64 `json:"energy_drift_standard_error"`

	// LogMass is the log of the total probability of the distinct monitored training rows. A
	// value above 0 is impossible: log Z is too low. Nil if a value of the rows is neither 0
	// nor 1.
	LogMass *float64 `json:"log_mass,omitempty"`
}

// trajectoryMetrics returns the state of the ladder and the current model.
func (t *Trainer) trajectoryMetrics() (*TrajectoryMetrics, error) {
	tr := t.trajectory
	last := make([]float32, 1)
	if err := t.state.Get(graph.Acceptance, last); err != nil {
		return nil, err
	}
	m := &TrajectoryMetrics{
		Models: len(tr.Acceptance) + 2, Acceptance: append(append([]float32{}, tr.Acceptance...), last...),
		Stages: tr.Stages, RateFactor: tr.Factor,
	}
	reservoir, err := t.samples()
	if err != nil {
		return nil, err
	}
	d, err := t.reservoirDrift(reservoir)
	if err != nil {
		return nil, err
	}
	m.EnergyDrift, m.EnergyDriftError = d.Mean, d.StandardError
	c, err := t.crossNow(reservoir)
	if err != nil {
		return nil, err
	}
	m.LogPartition = tr.LogPartition + c.ratio
	m.StandardError = math.Sqrt(tr.Variance + c.variance)
	m.LogMass, err = t.logMass(m.LogPartition)
	return m, err
}

// crossNow takes samples of the last frozen model to the current one, as many as there are chains.
func (t *Trainer) crossNow(reservoir []float32) (*crossing, error) {
	samples, err := t.refreshed(t.tenth(reservoir))
	if err != nil {
		return nil, err
	}
	b, err := t.newBridge(t.ladder().chains, t.seedNow(graph.SeedLook))
	if err != nil {
		return nil, err
	}
	w, err := t.way(b, samples, samples)
	switch {
	case err != nil:
		return nil, err
	case w == wideWay:
		return b.crossWide(samples)
	}
	return b.cross(samples)
}

// warnings returns the problems found in the run, one sentence each.
func (m *TrajectoryMetrics) warnings() []string {
	var list []string
	if d := (drift{m.EnergyDrift, m.EnergyDriftError}); d.significant() {
		list = append(list, fmt.Sprintf("samples of the last frozen model are not at its equilibrium: their energy drifts by "+
			"%.3g ± %.2g nats in %d Gibbs steps, so log Z is biased; more Gibbs steps or a lower learning rate may help",
			d.Mean, d.StandardError, driftSteps))
	}
	if m.LogMass != nil && *m.LogMass > 3*m.StandardError {
		list = append(list, fmt.Sprintf("the monitored rows alone have a probability of e^%.3g if log Z = %.3f ± %.2g, which is "+
			"impossible: the ladder misses part of the model; more Gibbs steps or a lower learning rate may help",
			*m.LogMass, m.LogPartition, m.StandardError))
	}
	if m.RateFactor < slowFactor {
		list = append(list, fmt.Sprintf("the learning rate was reduced to %.2g of its configured value to let the chains keep "+
			"up: the run may stall; a lower learning rate or more Gibbs steps from the start may help",
			m.RateFactor))
	}
	return list
}
