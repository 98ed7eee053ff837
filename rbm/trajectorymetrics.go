package rbm

import "math"

const metricSweeps = 20 // that copies of the chains make with the parameters held still before a look at log Z

// TrajectoryMetrics is what the monitors see of parallel trajectory tempering. Errors are
// standard errors and energies in nats.
type TrajectoryMetrics struct {
	Models int `json:"models"` // of the ladder, with the one of independent units and the current one
	// Acceptance is that of the exchanges of neighbours on the ladder, from its foot on: of
	// frozen models when the later one had come to equilibrium, of the last and the current
	// one in the last update.
	Acceptance []float32 `json:"acceptance"`
	RateFactor float64   `json:"rate_factor"` // of the learning rate, halved each time the run went back to the last frozen model

	// SweepTime is the autocorrelation time of the chains with their exchanges, in updates
	// whose parameters stand still, when the last model was frozen. Beside it,
	// Metrics.AutocorrelationTime is that of Gibbs steps alone.
	SweepTime float64 `json:"sweep_time"`

	// LogPartition is log Z of the current model: that of the model of independent units and
	// Bennett's ratios of all neighbours.
	LogPartition  float64 `json:"log_partition"`
	StandardError float64 `json:"log_partition_standard_error"`
}

// trajectoryMetrics looks at the ladder and the current model.
func (t *Trainer) trajectoryMetrics() (*TrajectoryMetrics, error) {
	tr := t.trajectory
	last := make([]float32, 1)
	if err := t.state.Get(varAcceptance, last); err != nil {
		return nil, err
	}
	m := &TrajectoryMetrics{
		Models: len(tr.Acceptance) + 2, Acceptance: append(append([]float32{}, tr.Acceptance...), last...),
		RateFactor: tr.Factor, SweepTime: tr.Time,
	}
	ratio, standardError, err := t.ratioNow()
	if err != nil {
		return nil, err
	}
	m.LogPartition = tr.LogPartition + ratio
	m.StandardError = math.Sqrt(tr.Variance + standardError*standardError)
	return m, nil
}

// ratioNow is Bennett's ratio of the current model to the last frozen one, from copies of the
// chains that have run on a little and as many samples of that one, refreshed.
func (t *Trainer) ratioNow() (ratio, standardError float64, err error) {
	w, err := t.newSweeper(t.seedNow(seedLook))
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
