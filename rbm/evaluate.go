package rbm

import (
	"context"
	"fmt"
	"math"

	"harmonium/dataset"
	"harmonium/engine"
)

// evaluationBatch is how many rows are looked at together.
const evaluationBatch = 500

// Likelihood is the mean log-likelihood of rows, -F̄ - log Z, in nats a row, with what
// it takes to read it: how log Z was found, and which binarization of the rows it is
// of. Without these the number means nothing.
type Likelihood struct {
	Partition *Partition
	Rows      int
	Binarize  dataset.Binarization // Dynamic and Static are one draw by a seed

	MeanFreeEnergy float64
	// StandardError is that of MeanFreeEnergy over the rows: how far the mean of as
	// many other rows of the same kind may lie.
	StandardError float64

	// Low and High are the interval that log Z leaves.
	LogLikelihood, Low, High float64
}

// EvaluateConfig says how a likelihood is found.
type EvaluateConfig struct {
	Method    string // "auto", "exact" or "ais"; "auto" is exact if the smaller layer has at most 25 units
	AIS       AISConfig
	Exact     PartitionConfig
	Binarize  dataset.Binarization
	Seed      uint64     // of the binarization's draw
	Partition *Partition // if not nil, log Z as it was found before
}

// Validate returns an error that names the first field out of range.
func (c EvaluateConfig) Validate() error {
	switch c.Method {
	case "auto", "exact", "ais":
	default:
		return fmt.Errorf("rbm: Method is %q, want auto, exact or ais", c.Method)
	}
	if err := c.Exact.Validate(); err != nil {
		return err
	}
	return c.AIS.Validate()
}

// Evaluate returns the mean log-likelihood of rows.
func (m *Model) Evaluate(ctx context.Context, d engine.Device, rows *dataset.Rows, c EvaluateConfig) (*Likelihood, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if rows.V != m.Visible {
		return nil, fmt.Errorf("rbm: evaluate: rows of %d values for a model of %d visible units", rows.V, m.Visible)
	}
	l := &Likelihood{Partition: c.Partition, Rows: rows.N, Binarize: c.Binarize}
	var err error
	if l.Partition == nil {
		if l.Partition, err = m.partition(ctx, d, c); err != nil {
			return nil, err
		}
	}
	energies, err := m.freeEnergies(ctx, d, rows, c.Binarize, c.Seed)
	if err != nil {
		return nil, fmt.Errorf("rbm: evaluate: %w", err)
	}
	l.MeanFreeEnergy = sum64(energies) / float64(rows.N)
	l.StandardError = standardError(energies, l.MeanFreeEnergy)
	l.LogLikelihood = -l.MeanFreeEnergy - l.Partition.LogZ
	l.Low = -l.MeanFreeEnergy - l.Partition.High
	l.High = -l.MeanFreeEnergy - l.Partition.Low
	return l, nil
}

// partition finds log Z by the method of c.
func (m *Model) partition(ctx context.Context, d engine.Device, c EvaluateConfig) (*Partition, error) {
	exact := c.Method == "exact" || c.Method == "auto" && m.Enumerable()
	if !exact {
		return m.EstimateLogPartition(ctx, d, c.AIS)
	}
	logZ, err := m.LogPartition(ctx, c.Exact)
	if err != nil {
		return nil, err
	}
	return &Partition{Method: "exact", LogZ: logZ, Low: logZ, High: logZ}, nil
}

// freeEnergies returns the free energy of every row.
func (m *Model) freeEnergies(ctx context.Context, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float64, error) {
	return readRows[float64](ctx, m, d, rows, newSource(rows, fixed(b), min(evaluationBatch, rows.N), seed), freeEnergyGraph)
}

// Features returns the hidden means (N,H) of rows: the model as a sigmoid layer.
func (m *Model) Features(ctx context.Context, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float32, error) {
	if rows.V != m.Visible {
		return nil, fmt.Errorf("rbm: features: rows of %d values for a model of %d visible units", rows.V, m.Visible)
	}
	src := newSource(rows, fixed(b), min(evaluationBatch, rows.N), seed)
	features, err := readRows[float32](ctx, m, d, rows, src, featuresGraph)
	if err != nil {
		return nil, fmt.Errorf("rbm: features: %w", err)
	}
	return features, nil
}

// standardError is that of the mean of x.
func standardError(x []float64, mean float64) float64 {
	if len(x) < 2 {
		return 0
	}
	var squares float64
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	n := float64(len(x))
	return math.Sqrt(squares / (n - 1) / n)
}
