package likelihood

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/memory"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

const (
	// knownTerms is the largest number of terms of the exact sum of a row: states of its missing cells times termsOf.
	// Chosen: with more, more rows are exact, and each takes longer.
	knownTerms = 1 << 19
	// knownBatch is the number of runs of annealing that a device makes at a time. Chosen: with more, the device is
	// better used, and its memory holds the states of more runs.
	knownBatch = 1000
)

// The defaults of [KnownConfig], chosen between the error of a row and the time of many rows. [Incomplete] has the
// error.
const (
	DefaultKnownRuns  = 10
	DefaultKnownSteps = 100
)

// KnownConfig holds the settings of annealing over the missing cells of rows. The zero value is ready to
// use.
type KnownConfig struct {
	Runs  int // number of independent runs for each row, at least 2; 0 means [DefaultKnownRuns]
	Steps int // number of steps, of equal size in β; 0 means [DefaultKnownSteps]
	// Progress, if not nil, is called with the number of rows done and of rows that need annealing.
	Progress func(done, total int)
}

// filled returns the configuration with its defaults in place.
func (c KnownConfig) filled() KnownConfig {
	c.Runs, c.Steps = cmp.Or(c.Runs, DefaultKnownRuns), cmp.Or(c.Steps, DefaultKnownSteps)
	return c
}

// Validate returns an error that names the first field out of range.
func (c KnownConfig) Validate() error {
	switch {
	case c.Runs < 0 || c.Runs == 1:
		return fmt.Errorf("likelihood: Runs over missing cells is %d, want at least 2, or 0 for %d", c.Runs, DefaultKnownRuns)
	case c.Steps < 0:
		return fmt.Errorf("likelihood: Steps over missing cells is %d, want at least 1, or 0 for %d", c.Steps, DefaultKnownSteps)
	}
	return nil
}

// Incomplete says how the free energies of rows with missing cells were found.
type Incomplete struct {
	Rows    int // rows with missing cells
	Cells   int // missing cells; the columns of a unit count as one
	Exact   int // rows whose missing cells were summed out exactly
	Sampled int // rows whose missing cells were summed out by annealed importance sampling
	Runs    int // runs of annealing for each sampled row
	Betas   int // inverse temperatures of each run
	// VarLogWeight is the mean over the sampled rows of the variance of log w. Far above 1 it indicates
	// that the free energies of these rows are too high.
	VarLogWeight float64
	// StandardError is the error that the runs make in the mean free energy of all rows, weighted if the rows
	// have weights. The choice of rows is not part of it.
	StandardError float64
}

// KnownFreeEnergies returns the free energies (N), in nats, of the known cells of rows with missing
// cells:
//
//	-log Σ e^(-F(v))    over all states of the missing cells,
//
// so that the log-probability of the known cells is -F - log Z. The sum is exact in rows with few
// missing cells, where the number of their states times H, or H + V with couplings, is at most 2^19. In other
// rows annealed importance sampling estimates it (see [AIS]). It moves the missing units and holds the known
// ones. The estimate of e^(-F) is unbiased, so that F is too high on average, by about half the variance of
// the log of the mean weight. Rows become states as in [Evaluate].
func KnownFreeEnergies(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64, c KnownConfig,
) ([]float64, *Incomplete, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	if err := checkRows(m, rows); err != nil {
		return nil, nil, fmt.Errorf("likelihood: free energies of known cells: %w", err)
	}
	energies, info, err := knownEnergies(ctx, m, d, rows, b, seed, c.filled())
	if err != nil {
		return nil, nil, fmt.Errorf("likelihood: free energies of known cells: %w", err)
	}
	return energies, info, nil
}

// knownEnergies is [KnownFreeEnergies] of rows and settings that were checked.
func knownEnergies(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64, c KnownConfig,
) ([]float64, *Incomplete, error) {
	what := fmt.Sprintf("the states of %d rows of %d units", rows.N, rows.V)
	if err := memory.Check(what, 2*4*float64(rows.N)*float64(rows.V)); err != nil { // float32 in a slice that doubles as it grows
		return nil, nil, err
	}
	whole := *rows
	whole.Missing = nil
	k := &known{
		KnownConfig: c, model: m, rows: rows, info: &Incomplete{}, energies: make([]float64, rows.N), errors: make([]float64, rows.N),
	}
	var err error
	if k.states, err = graph.Binarize(ctx, d, &whole, graph.InOrder(rows.N), b, m.Visible.Units, seed); err != nil {
		return nil, nil, err
	}
	if b.Mode == dataset.None && !graph.HoldsStates(m.Visible.Units, rows) {
		return nil, nil, fmt.Errorf("missing cells in rows of fractions, want states or a binarization that makes them")
	}
	var few, many []int // rows by their missing cells: to sum out, and to anneal
	for n := range rows.N {
		missing, row := 0, k.states[n*rows.V:(n+1)*rows.V]
		for i := range rows.V {
			if rows.IsMissing(n, i) {
				row[i] = float32(math.NaN())
				if _, first := m.Visible.Units.At(i); i == first {
					missing++
				}
			}
		}
		k.info.Cells += missing
		if float64(termsOf(m))*math.Exp2(m.FreeBits(row)) <= knownTerms {
			few = append(few, n)
			if missing > 0 {
				k.info.Rows++
				k.info.Exact++
			}
		} else {
			many = append(many, n)
		}
	}
	if err := k.sum(ctx, engine.Divided(d), few); err != nil {
		return nil, nil, err
	}
	k.info.Rows += len(many)
	if k.info.Sampled = len(many); len(many) > 0 {
		if m.BaseRates == nil {
			return nil, nil, errNoBaseRates
		}
		k.info.Runs, k.info.Betas = c.Runs, c.Steps+1
	}
	done := 0
	for batch := range slices.Chunk(many, max(1, knownBatch/c.Runs)) {
		if err := k.anneal(ctx, d, batch, seed); err != nil {
			return nil, nil, err
		}
		if done += len(batch); c.Progress != nil {
			c.Progress(done, len(many))
		}
	}
	k.conclude()
	return k.energies, k.info, nil
}

// termsOf returns the number of terms that each state of the missing cells adds to a sum: one for each hidden unit,
// and with couplings one for each visible unit too.
func termsOf(m *rbm.Model) int {
	if m.Coupled() {
		return m.Hidden.Len() + m.Visible.Len()
	}
	return max(m.Hidden.Len(), 1)
}

// known is the sum over missing cells under way.
type known struct {
	KnownConfig
	model    *rbm.Model
	rows     *dataset.Rows
	states   []float32 // (N,V), NaN where missing
	info     *Incomplete
	energies []float64
	errors   []float64 // (N) standard errors of the energies by the runs
}

// row returns the states of row n.
func (k *known) row(n int) []float32 { return k.states[n*k.rows.V : (n+1)*k.rows.V] }

// sum finds the free energies of rows exactly, on as many goroutines as there are cores. The rows are divided
// among the ranks.
func (k *known) sum(ctx context.Context, team ranks.Transport, numbers []int) error {
	first, size := ranks.Part(team, len(numbers))
	energies := make([]float64, size)
	err := graph.Each(ctx, size, func(i int) { energies[i] = -k.model.LogKnown(k.row(numbers[first+i])) })
	if err != nil {
		return err
	}
	energies, err = ranks.Join(team, energies)
	for i, f := range energies {
		k.energies[numbers[i]] = f
	}
	return err
}

// anneal estimates the free energies of rows. The runs of a row are side by side.
func (k *known) anneal(ctx context.Context, d engine.Device, numbers []int, seed uint64) error {
	var patterns []float32
	for _, n := range numbers {
		patterns = append(patterns, slices.Repeat(k.row(n), k.Runs)...)
	}
	seed = graph.ChildSeed(graph.ChildSeed(seed, graph.SeedKnown), uint64(numbers[0])) // another one for each batch
	a, err := newAnnealer(k.model, d, len(numbers)*k.Runs, LinearBetas(k.Steps), seed)
	if err != nil {
		return err
	}
	if err := a.clamp(patterns); err != nil {
		return err
	}
	if err := a.fromBase(); err != nil {
		return err
	}
	logs, err := a.run(ctx, nil)
	if err != nil {
		return err
	}
	for i, n := range numbers {
		w := estimate.LogMean(logs[i*k.Runs : (i+1)*k.Runs])
		k.energies[n] = -w.Log - k.model.LogBaseKnown(k.row(n))
		k.errors[n] = math.Expm1(w.High-w.Log) / 3 // High is the mean weight plus three standard errors
		k.info.VarLogWeight += w.Variance / float64(k.info.Sampled)
	}
	return nil
}

// conclude finds the standard error of the mean free energy.
func (k *known) conclude() {
	var squares, total float64
	for n, e := range k.errors {
		w := 1.0
		if k.rows.Weights != nil {
			w = float64(k.rows.Weights[n])
		}
		total += w
		squares += w * w * e * e
	}
	k.info.StandardError = math.Sqrt(squares) / total
}
