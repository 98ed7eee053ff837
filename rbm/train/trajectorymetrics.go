package train

import (
	"fmt"
	"math"

	"harmonium/rbm/internal/graph"
)

const (
	metricSweeps = 20        // sweeps of copies of the chains before an estimate of log Z, at fixed parameters
	slowFactor   = 1.0 / 512 // factor of the learning rate below which a warning says that the run may stall
)

// TrajectoryMetrics is the state of parallel trajectory tempering. Errors are
// standard errors and energies in nats.
type TrajectoryMetrics struct {
	Models int `json:"models"` // number of models on the ladder, counting the model of independent units and the current one
	// Acceptance holds the rates of exchange between neighbours, from the foot of the ladder
	// up. The rate of two frozen models was measured when the later one was at equilibrium.
	// The rate of the current and the last frozen model is from the last update.
	Acceptance []float32 `json:"acceptance"`
	RateFactor float64   `json:"rate_factor"` // factor of the learning rate, halved at each return to the last frozen model

	// SweepTime is the autocorrelation time of the chains with their exchanges, in sweeps at
	// fixed parameters, measured when the last model was frozen. Metrics.AutocorrelationTime
	// is the time without exchanges.
	SweepTime float64 `json:"sweep_time"`

	// LogPartition is log Z of the current model: log Z of the model of independent units
	// plus the logs of Bennett's ratios of all neighbours. Its standard error assumes that
	// only exchanges move samples between modes. It is too large where Gibbs steps move them
	// as well.
	LogPartition  float64 `json:"log_partition"`
	StandardError float64 `json:"log_partition_standard_error"`

	// EnergyDrift is the change in the mean free energy of samples of the last frozen model
	// over 500 Gibbs steps. At equilibrium it is 0 within its standard error.
	EnergyDrift      float64 `json:"energy_drift"`
	EnergyDriftError float64 `json:"energy_drift_standard_error"`

	// LogMass is the log of the total probability of the distinct monitored training rows. A
	// value above 0 is impossible: log Z is too low. Nil if the rows have values between 0
	// and 1.
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
		RateFactor: tr.Factor, SweepTime: tr.Time,
		EnergyDrift: tr.Drift.Mean, EnergyDriftError: tr.Drift.StandardError,
	}
	ratio, standardError, err := t.ratioNow()
	if err != nil {
		return nil, err
	}
	m.LogPartition = tr.LogPartition + ratio
	m.StandardError = math.Sqrt(tr.Variance + standardError*standardError)
	m.LogMass, err = t.logMass(m.LogPartition)
	return m, err
}

// ratioNow returns Bennett's ratio of the current model to the last frozen one. The samples of
// the current model are copies of the chains after metricSweeps sweeps. The same number of
// refreshed samples represents the frozen model.
func (t *Trainer) ratioNow() (ratio, standardError float64, err error) {
	w, err := t.newSweeper(t.seedNow(graph.SeedLook))
	if err == nil {
		_, err = w.run(metricSweeps)
	}
	if err != nil {
		return 0, 0, err
	}
	states, err := w.states()
	if err != nil {
		return 0, 0, err
	}
	frozen, err := t.samples()
	if err == nil {
		frozen, err = t.refreshed(frozen[:len(states)])
	}
	if err != nil {
		return 0, 0, err
	}
	return t.ratioToFrozen(frozen, states)
}

// warnings returns the problems found in the run, one sentence each.
func (m *TrajectoryMetrics) warnings() []string {
	var list []string
	if d := (drift{m.EnergyDrift, m.EnergyDriftError}); d.significant() {
		list = append(list, fmt.Sprintf("samples of the last frozen model are not at its equilibrium: their energy drifts by %.3g ± %.2g nats in %d Gibbs steps, so log Z is biased; more Gibbs steps or a lower learning rate may help",
			d.Mean, d.StandardError, driftSteps))
	}
	if m.LogMass != nil && *m.LogMass > 3*m.StandardError {
		list = append(list, fmt.Sprintf("the monitored rows alone have a probability of e^%.3g if log Z = %.3f ± %.2g, which is impossible: the ladder misses part of the model; more Gibbs steps or a lower learning rate may help",
			*m.LogMass, m.LogPartition, m.StandardError))
	}
	if m.RateFactor < slowFactor {
		list = append(list, fmt.Sprintf("the learning rate was reduced to %.2g of its configured value to let the chains keep up: the run may stall; a lower learning rate or more Gibbs steps from the start may help",
			m.RateFactor))
	}
	return list
}
