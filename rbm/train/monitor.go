package train

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// MonitorRows is the largest number of training rows, and of validation rows, that the monitors use. It was chosen: the
// rows of MNIST have free energies with a standard deviation of 30 to 45 nats, so that the mean of 500 has a standard
// error of 1.3 to 2 nats, at a small part of the cost of an epoch.
const MonitorRows = 500

// Metrics is the state of a run between two updates. Energies and likelihoods are in nats and
// are means over at most 500 rows. The rows are the same each time, and so is the draw of a
// binarization that draws. Missing cells hold draws given the known ones, anew at each record, as in
// training. Means are weighted by the weights of the rows, if they have some.
type Metrics struct {
	Epoch        int     `json:"epoch"`
	Update       int     `json:"update"`
	LearningRate float64 `json:"learning_rate"` // of the last update

	// ReconstructionError is the mean squared difference, per visible unit, between
	// a row and its mean reconstruction from sampled hidden units. Training does not
	// minimise it.
	ReconstructionError float64 `json:"reconstruction_error"`
	// PseudoLikelihood is the mean log-pseudo-likelihood of a training row, estimated from
	// one random unit of each row. PseudoLikelihoodPerUnit is PseudoLikelihood divided by V. Both are 0 if
	// visible units have real states.
	PseudoLikelihood        float64 `json:"pseudo_likelihood,omitempty"`
	PseudoLikelihoodPerUnit float64 `json:"pseudo_likelihood_per_unit,omitempty"`
	// FreeEnergyTrain and FreeEnergyValid are the mean free energies of training and
	// validation rows. FreeEnergyGap, train minus validation, falls as the model overfits
	// (Hinton 2010, §6). Without validation rows the last two are nil.
	FreeEnergyTrain float64  `json:"free_energy_train"`
	FreeEnergyValid *float64 `json:"free_energy_valid,omitempty"`
	FreeEnergyGap   *float64 `json:"free_energy_gap,omitempty"`

	// AutocorrelationTime is the autocorrelation time of the hidden units of up to 10 chains, or of the
	// visible units with couplings, under Gibbs steps alone, in steps. It is estimated from 30 steps, so a time above 15
	// is an underestimate, and so is the time of chains that all stay in one mode. It is 0
	// with cd, which has no chains.
	AutocorrelationTime float64 `json:"autocorrelation_time,omitempty"`

	Ladder     *LadderMetrics     `json:"ladder,omitempty"`     // nil unless the algorithm is pt
	Trajectory *TrajectoryMetrics `json:"trajectory,omitempty"` // nil unless the algorithm is ptt
	// Warnings are the problems found in the run, one sentence each.
	Warnings []string `json:"warnings,omitempty"`

	MeanHidden       float64 `json:"mean_hidden"`                  // mean of the hidden units on data; in [0,1] for the default kind
	WeightNorm       float64 `json:"weight_norm"`                  // root of the mean squared weight, couplings included
	Seconds          float64 `json:"seconds,omitempty"`            // spent in updates since the start of the run
	SamplesPerSecond float64 `json:"samples_per_second,omitempty"` // training rows a second of updates, in this process
}

// monitoring holds the plans that monitor a run (see watch.go).
type monitoring struct {
	train *watch // by monitorGraph
	valid *watch // by validationGraph; nil without validation rows
	mass  *watch // by massGraph, over training rows; nil unless the algorithm is ptt
}

// Metrics returns the current state of the run. It does not change the run. Energies that are not finite, of parameters
// that are finite but far too large, are an error.
func (t *Trainer) Metrics() (Metrics, error) {
	if err := t.collect(); err != nil {
		return Metrics{}, fmt.Errorf("train: metrics: %w", err)
	}
	if t.monitoring == nil {
		t.monitoring = &monitoring{}
		var err error
		if t.monitoring.train, err = t.newWatch(t.data.Train, monitorGraph); err == nil && t.data.Valid != nil {
			t.monitoring.valid, err = t.newWatch(t.data.Valid, validationGraph)
		}
		if err == nil && t.trajectory != nil {
			t.monitoring.mass, err = t.newWatch(t.data.Train, massGraph)
		}
		if err != nil {
			return Metrics{}, fmt.Errorf("train: monitors: %w", err)
		}
	}
	m, err := t.metrics()
	if err != nil {
		return Metrics{}, fmt.Errorf("train: monitors: %w", err)
	}
	if err := checkFinite(map[string]float64{
		"the free energy of training rows": m.FreeEnergyTrain, "the pseudo-likelihood": m.PseudoLikelihood,
		"the free energy of validation rows": valueOf(m.FreeEnergyValid),
	}); err != nil {
		return Metrics{}, fmt.Errorf("train: update %d: %w", t.update, err)
	}
	return m, nil
}

// checkFinite returns an error that names a value that is NaN or infinite.
func checkFinite(values map[string]float64) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if x := values[name]; math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s is %v; a lower learning rate may help", name, x)
		}
	}
	return nil
}

// valueOf returns a value, or 0 if there is none.
func valueOf(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

func (t *Trainer) metrics() (Metrics, error) {
	w := t.monitoring.train
	if err := w.measure(t.update); err != nil {
		return Metrics{}, err
	}
	if w.results.visible != nil { // the graph has no pseudo-likelihoods, see monitorGraph
		if err := t.measurePseudoLikelihood(w); err != nil {
			return Metrics{}, err
		}
	}
	_, total := t.Updates()
	m := Metrics{
		Epoch: t.epoch(), Update: t.update,
		LearningRate:            t.rateFactor() * t.config.rate(max(t.update-1, 0), total),
		ReconstructionError:     w.reconstruction,
		PseudoLikelihood:        w.pseudoLikelihood,
		PseudoLikelihoodPerUnit: w.pseudoLikelihood / float64(w.visible),
		FreeEnergyTrain:         w.freeEnergy,
		MeanHidden:              w.meanHidden,
		Seconds:                 t.trained.Seconds(),
	}
	var err error
	if m.WeightNorm, err = t.weightNorm(); err != nil {
		return m, err
	}
	if spent := (t.trained - t.resumed.trained).Seconds(); spent > 0 {
		m.SamplesPerSecond = float64(t.rowsBetween(t.resumed.update, t.update)) / spent
	}
	if t.chains() > 0 {
		if m.AutocorrelationTime, err = t.autocorrelationTime(correlatedChains); err != nil {
			return m, err
		}
	}
	if t.ladder().levels > 1 {
		if m.Ladder, err = t.ladderMetrics(); err != nil {
			return m, err
		}
	}
	if t.trajectory != nil {
		if m.Trajectory, err = t.trajectoryMetrics(); err != nil {
			return m, err
		}
		m.Warnings = m.Trajectory.warnings()
	}
	if v := t.monitoring.valid; v != nil {
		if err := v.measure(t.update); err != nil {
			return m, err
		}
		energy, gap := v.freeEnergy, w.freeEnergy-v.freeEnergy
		m.FreeEnergyValid, m.FreeEnergyGap = &energy, &gap
	}
	return m, nil
}

// weightNorm returns the root of the mean squared weight, couplings included.
func (t *Trainer) weightNorm() (float64, error) {
	visible := t.visible.Len
	weights := make([]float32, visible*t.hidden.Len)
	if err := t.state.Get(graph.Weights, weights); err != nil {
		return 0, err
	}
	if t.config.Lateral {
		couplings := make([]float32, visible*visible)
		if err := t.state.Get(graph.Lateral, couplings); err != nil {
			return 0, err
		}
		weights = append(weights, couplings...)
	}
	return rootMeanSquare(weights), nil
}

// rowsBetween returns the number of training rows in the batches of the updates `from` to `to`-1, counted from 0.
func (t *Trainer) rowsBetween(from, to int) int {
	seen := func(update int) int {
		return update/t.perEpoch*t.data.Train.N + update%t.perEpoch*t.batch
	}
	return seen(to) - seen(from)
}

func rootMeanSquare(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}

// validationGraph returns the graph of the free energies of a batch of validation rows.
func validationGraph(b *graph.Builder, s graph.Source) (*gorgonia.ExprGraph, monitors) {
	_, freeEnergy := b.FreeEnergies(s)
	b.Tick()
	return b.Graph, monitors{freeEnergy: freeEnergy}
}

// monitorGraph returns the graph of the free energies, the pseudo-likelihoods, the squared errors of the
// mean reconstructions from sampled hidden units, and the hidden means of a batch of rows. With couplings the
// reconstruction is given the other visible units too.
//
// engine.PseudoLikelihood is for discrete units without couplings. With couplings or real hidden states the graph
// returns the rows in place of the pseudo-likelihoods, for measurePseudoLikelihood. Visible units with real states
// have no pseudo-likelihood, and the graph returns neither.
func monitorGraph(b *graph.Builder, s graph.Source) (*gorgonia.ExprGraph, monitors) {
	v := b.Completed(s)
	z := b.HiddenField(v)
	p := b.MeanHidden(z)
	h := b.SampleHidden(z, engine.Path{}, graph.StreamMonitor, 0)
	m := monitors{
		means:          p,
		freeEnergy:     b.FreeEnergy(v, z),
		reconstruction: engine.NewSquaredError(v, b.MeanVisible(b.CoupledField(v, h))),
	}
	switch {
	case b.VisibleUnits.Real():
	case b.Coupled || b.HiddenUnits.Real():
		m.visible = v
	default:
		m.pseudoLikelihood = engine.NewPseudoLikelihood(v, z, b.Weights(), b.VisibleBias(), b.Clock(),
			engine.PseudoLikelihood{Visible: b.VisibleUnits, Hidden: b.HiddenUnits, Draw: b.Draw(graph.StreamUnit, 0)})
	}
	b.Tick()
	return b.Graph, m
}
