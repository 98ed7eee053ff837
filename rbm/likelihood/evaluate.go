package likelihood

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// Evaluation is the mean log-likelihood of rows, -F̄ - log Z, in nats a row, where F̄ is their mean free
// energy. Two evaluations are comparable only if the rows were binarized alike. Partition.Method says
// whether log Z is exact.
type Evaluation struct {
	Partition *Partition
	Rows      int
	Binarize  dataset.Binarization // Dynamic and Static are one draw by a seed

	Averages // weighted by the weights of the rows, if they have some

	// Plain has the averages in which each row counts once. It is nil unless the rows have weights.
	Plain *Averages

	// Refuted is an estimate of log Z by which the rows alone would have a total probability above 1, see
	// [LeastLogPartition]. Partition then has the lower bound in its place. It is nil if the estimate is possible.
	Refuted *Partition

	// Incomplete is nil unless cells are missing. Then the log-likelihood counts the known cells alone.
	Incomplete *Incomplete
}

// Averages are the means of an evaluation over rows, in nats a row.
type Averages struct {
	MeanFreeEnergy float64
	// StandardError is the standard error of MeanFreeEnergy over the rows.
	StandardError float64

	// Low and High bound the log-likelihood by the interval of log Z.
	LogLikelihood, Low, High float64
}

// EvaluateConfig holds the settings of [Evaluate]. The zero value takes the rows' values as they are.
type EvaluateConfig struct {
	Method    string // "auto" or "", "exact" or "ais"; "auto" is exact where the model is [rbm.Model.Enumerable]
	AIS       AISConfig
	Exact     rbm.PartitionConfig
	Binarize  dataset.Binarization // how rows become states; see dataset.Rows.DefaultBinarization
	Seed      uint64               // seed of the binarization
	Partition *Partition           // log Z if it is known already; nil to compute it
	Known     KnownConfig          // how missing cells are summed out
}

// Validate returns an error that names the first field out of range.
func (c EvaluateConfig) Validate() error {
	switch c.Method {
	case "", "auto", "exact", "ais":
	default:
		return fmt.Errorf("likelihood: Method is %q, want auto, exact or ais", c.Method)
	}
	if err := c.Exact.Validate(); err != nil {
		return err
	}
	return cmp.Or(c.AIS.Validate(), c.Known.Validate())
}

// Evaluate returns the mean log-likelihood of rows under m, weighted by the weights of the rows if they
// have some.
func Evaluate(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, c EvaluateConfig) (*Evaluation, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := checkRows(m, rows); err != nil {
		return nil, fmt.Errorf("likelihood: evaluate: %w", err)
	}
	l := &Evaluation{Partition: c.Partition, Rows: rows.N, Binarize: c.Binarize}
	var err error
	if l.Partition == nil {
		if l.Partition, err = partitionBy(ctx, m, d, c); err != nil {
			return nil, err
		}
	}
	energies, incomplete, err := freeEnergies(ctx, m, d, rows, c.Binarize, c.Seed, c.Known)
	if err != nil {
		return nil, fmt.Errorf("likelihood: evaluate: %w", err)
	}
	l.Incomplete = incomplete
	l.Partition, l.Refuted = l.Partition.HeldTo(m.Visible.Units, rows, c.Binarize, energies)
	l.Averages = AveragesOf(energies, rows.Weights, l.Partition)
	if rows.Weights != nil {
		l.Plain = new(AveragesOf(energies, nil, l.Partition))
	}
	return l, nil
}

// AveragesOf returns the averages of rows with the given free energies (N), under weights (N) or nil.
func AveragesOf(energies []float64, weights []float32, z *Partition) Averages {
	mean, standardError := estimate.WeightedMean(energies, weights)
	return Averages{mean, standardError, -mean - z.LogZ, -mean - z.High, -mean - z.Low}
}

// checkRows returns an error unless the visible layer of m can take the rows (see graph.CheckRows).
func checkRows(m *rbm.Model, rows *dataset.Rows) error {
	return graph.CheckRows(graph.Layer{Len: m.Visible.Len(), Units: m.Visible.Units}, rows)
}

// partitionBy computes log Z by the method of c.
func partitionBy(ctx context.Context, m *rbm.Model, d engine.Device, c EvaluateConfig) (*Partition, error) {
	exact := c.Method == "exact" || c.Method != "ais" && m.Enumerable()
	if !exact {
		return AIS(ctx, m, d, c.AIS)
	}
	if c.Exact.Ranks == nil {
		c.Exact.Ranks = engine.Divided(d)
	}
	return ExactPartition(ctx, m, c.Exact)
}

// ExactPartition returns log Z by [rbm.Model.LogPartition]. It returns [rbm.ErrNoDistribution] if that is infinite.
func ExactPartition(ctx context.Context, m *rbm.Model, c rbm.PartitionConfig) (*Partition, error) {
	logZ, err := m.LogPartition(ctx, c)
	if err != nil {
		return nil, err
	}
	if math.IsInf(logZ, 1) {
		return nil, fmt.Errorf("likelihood: exact log Z: %w", rbm.ErrNoDistribution)
	}
	return &Partition{Method: "exact", LogZ: logZ, Low: logZ, High: logZ}, nil
}

// FreeEnergies returns the free energies F(v) (N) of all rows, in nats, where
// log p(v) = -F(v) - log Z. A binarization that draws is a function of the seed.
//
// Where cells are missing, v are the known ones, and F(v) is the result of [KnownFreeEnergies] with its
// defaults.
func FreeEnergies(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) ([]float64, error) {
	if err := checkRows(m, rows); err != nil {
		return nil, fmt.Errorf("likelihood: free energies: %w", err)
	}
	energies, _, err := freeEnergies(ctx, m, d, rows, b, seed, KnownConfig{})
	if err != nil {
		return nil, fmt.Errorf("likelihood: free energies: %w", err)
	}
	return energies, nil
}

// freeEnergies is [FreeEnergies] of rows that were checked. The second result is nil if no cell is
// missing.
func freeEnergies(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64, c KnownConfig,
) ([]float64, *Incomplete, error) {
	if rows = rows.Unmarked(); rows.Missing != nil {
		return knownEnergies(ctx, m, d, rows, b, seed, c.filled())
	}
	energies, err := graph.ReadRows[float64](ctx, m, d, rows, graph.FixedSource(rows, b, seed), freeEnergyGraph)
	return energies, nil, err
}

// freeEnergyGraph returns the free energies of a batch of rows.
func freeEnergyGraph(b *graph.Builder, s graph.Source) (g *gorgonia.ExprGraph, freeEnergy *gorgonia.Node) {
	_, freeEnergy = b.FreeEnergies(s)
	b.Tick()
	return b.Graph, freeEnergy
}
