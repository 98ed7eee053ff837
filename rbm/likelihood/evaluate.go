package likelihood

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// Evaluation is the mean log-likelihood of rows, -F̄ - log Z, in nats a row. The number has
// a meaning only beside the way log Z was found and the binarization of the rows.
type Evaluation struct {
	Partition *Partition
	Rows      int
	Binarize  dataset.Binarization // Dynamic and Static are one draw by a seed

	MeanFreeEnergy float64
	// StandardError is the standard error of MeanFreeEnergy over the rows, the spread of
	// the same mean over other samples of as many rows.
	StandardError float64

	// Low and High are the interval that log Z leaves.
	LogLikelihood, Low, High float64
}

// EvaluateConfig says how a likelihood is found.
type EvaluateConfig struct {
	Method    string // "auto", "exact" or "ais"; "auto" is exact if the smaller layer has at most 25 units
	AIS       AISConfig
	Exact     rbm.PartitionConfig
	Binarize  dataset.Binarization // of the rows; see dataset.Rows.DefaultBinarization
	Seed      uint64               // of the binarization's draw
	Partition *Partition           // if not nil, log Z as it was found before
}

// Validate returns an error that names the first field out of range.
func (c EvaluateConfig) Validate() error {
	switch c.Method {
	case "auto", "exact", "ais":
	default:
		return fmt.Errorf("likelihood: Method is %q, want auto, exact or ais", c.Method)
	}
	if err := c.Exact.Validate(); err != nil {
		return err
	}
	return c.AIS.Validate()
}

// Evaluate returns the mean log-likelihood of rows.
func Evaluate(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, c EvaluateConfig) (*Evaluation, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if rows.V != m.Visible.Len() {
		return nil, fmt.Errorf("likelihood: evaluate: rows of %d values for a model of %d visible units", rows.V, m.Visible.Len())
	}
	l := &Evaluation{Partition: c.Partition, Rows: rows.N, Binarize: c.Binarize}
	var err error
	if l.Partition == nil {
		if l.Partition, err = partitionBy(ctx, m, d, c); err != nil {
			return nil, err
		}
	}
	energies, err := FreeEnergies(ctx, m, d, rows, c.Binarize, c.Seed)
	if err != nil {
		return nil, fmt.Errorf("likelihood: evaluate: %w", err)
	}
	l.MeanFreeEnergy = estimate.Sum(energies) / float64(rows.N)
	l.StandardError = estimate.StandardError(energies, l.MeanFreeEnergy)
	l.LogLikelihood = -l.MeanFreeEnergy - l.Partition.LogZ
	l.Low = -l.MeanFreeEnergy - l.Partition.High
	l.High = -l.MeanFreeEnergy - l.Partition.Low
	return l, nil
}

// partitionBy finds log Z by the method of c.
func partitionBy(ctx context.Context, m *rbm.Model, d engine.Device, c EvaluateConfig) (*Partition, error) {
	exact := c.Method == "exact" || c.Method == "auto" && m.Enumerable()
	if !exact {
		return AIS(ctx, m, d, c.AIS)
	}
	logZ, err := m.LogPartition(ctx, c.Exact)
	if err != nil {
		return nil, err
	}
	return &Partition{Method: "exact", LogZ: logZ, Low: logZ, High: logZ}, nil
}

// FreeEnergies returns the free energies F(v) (N) of all rows, in nats: log p(v) is
// -F(v) - log Z. The draw of a binarization is a function of the seed.
func FreeEnergies(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float64, error) {
	return graph.ReadRows[float64](ctx, m, d, rows, graph.FixedSource(rows, b, seed), freeEnergyGraph)
}

// freeEnergyGraph gives the free energies of a batch of rows.
func freeEnergyGraph(b *graph.Builder, s graph.Source) (g *gorgonia.ExprGraph, freeEnergy *gorgonia.Node) {
	_, freeEnergy = b.FreeEnergies(s)
	b.Tick()
	return b.Graph, freeEnergy
}
