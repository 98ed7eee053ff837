package sample

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"harmonium/engine"
	"harmonium/memory"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// The defaults of [ImputeConfig], chosen between the errors of the means and the time.
const (
	DefaultImputeChains = 10
	DefaultImputeSteps  = 100
	DefaultImputeBurnIn = 100
	DefaultExactCells   = 16

	maxExactCells = 24 // chosen: 2^24 states, each a number in memory and H cumulants, take seconds to minutes a row
)

// ImputeConfig holds the settings of [Impute]. The zero value is ready to use.
type ImputeConfig struct {
	Chains int // Gibbs chains of a row, at least 2; 0 means 10
	Steps  int // Gibbs steps of a chain whose means count; 0 means 100
	BurnIn int // Gibbs steps before them; 0 means 100
	// ExactCells is the largest number of missing cells of a row that are enumerated, at most 24, where
	// a unit of q states counts as log2(q) cells; 0 means 16, and -1 none.
	ExactCells int
	Seed       uint64
	// Progress, if not nil, is called with the number of rows done and of rows with missing cells.
	// Calls do not overlap.
	Progress func(done, total int)
}

// filled returns the configuration with its defaults in place.
func (c ImputeConfig) filled() ImputeConfig {
	c.Chains = cmp.Or(c.Chains, DefaultImputeChains)
	c.Steps = cmp.Or(c.Steps, DefaultImputeSteps)
	c.BurnIn = cmp.Or(c.BurnIn, DefaultImputeBurnIn)
	c.ExactCells = cmp.Or(c.ExactCells, DefaultExactCells)
	return c
}

// Validate returns an error that names the first field out of range.
func (c ImputeConfig) Validate() error {
	switch c = c.filled(); {
	case c.Chains < 2:
		return fmt.Errorf("sample: Chains is %d, want at least 2, whose differences give the error, or 0 for %d",
			c.Chains, DefaultImputeChains)
	case c.Steps < 1:
		return fmt.Errorf("sample: Steps is %d, want at least 1, or 0 for %d", c.Steps, DefaultImputeSteps)
	case c.BurnIn < 1:
		return fmt.Errorf("sample: BurnIn is %d, want at least 1, or 0 for %d", c.BurnIn, DefaultImputeBurnIn)
	case c.ExactCells < -1 || c.ExactCells > maxExactCells:
		return fmt.Errorf("sample: ExactCells is %d, want 1 to %d, 0 for %d, or -1 for none",
			c.ExactCells, maxExactCells, DefaultExactCells)
	}
	return nil
}

// Imputation holds rows whose missing cells are filled.
type Imputation struct {
	Means []float32 // (N,V): the known states, and the conditional means of the missing units
	Draws []float32 // (N,V): the known states, and one draw of the missing units
	// Errors (N,V) are Monte-Carlo standard errors of the means: 0 where a cell is known or its
	// row was enumerated.
	Errors  []float32
	Missing []int  // (N) numbers of missing units
	Exact   []bool // (N): the means are sums over all states of the missing units
}

// Impute fills the missing cells of rows (N,V) of visible states, which are NaN, with the means
// ⟨v_i⟩ of their units given the known ones.
//
// A row with few missing cells is enumerated (see [rbm.Model.EnumerateGiven]). The other rows run
// Gibbs chains with the known units clamped, and the means ⟨v_i⟩ given the hidden states of the steps after the
// burn-in are averaged: over the steps of a chain, and then over the chains. The chain means are
// independent, and their spread gives the standard error.
func Impute(ctx context.Context, m *rbm.Model, d engine.Device, rows []float32, c ImputeConfig) (*Imputation, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	width := m.Visible.Len()
	if len(rows) == 0 || len(rows)%width != 0 {
		return nil, fmt.Errorf("sample: impute: %d values, want rows of %d", len(rows), width)
	}
	if err := m.Visible.CheckStates(rows, true); err != nil {
		return nil, fmt.Errorf("sample: impute: %w", err)
	}
	n := len(rows) / width
	what := fmt.Sprintf("the filled %d rows of %d units", n, width)
	if err := memory.Check(what, 3*4*float64(len(rows))); err != nil { // float32 means, draws and errors
		return nil, fmt.Errorf("sample: impute: %w", err)
	}
	i := &imputing{
		ImputeConfig: c.filled(), model: m, device: d, rows: rows, width: width,
		Imputation: &Imputation{slices.Clone(rows), slices.Clone(rows), make([]float32, len(rows)), make([]int, n), make([]bool, n)},
	}
	err := i.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("sample: impute: %w", err)
	}
	return i.Imputation, nil
}

// imputing is an imputation under way.
type imputing struct {
	ImputeConfig
	*Imputation
	model  *rbm.Model
	device engine.Device
	rows   []float32
	width  int

	mu          sync.Mutex
	done, total int // rows with missing cells
}

// run sorts the rows by their numbers of missing cells and fills them.
func (i *imputing) run(ctx context.Context) error {
	var few, many []int
	for n := range i.Missing {
		for j := 0; j < i.width; j += i.model.Visible.Units.Of(j).Width() {
			if x := i.rows[n*i.width+j]; x != x {
				i.Missing[n]++
			}
		}
		switch missing := i.Missing[n]; {
		case missing == 0:
			i.Exact[n] = true
		case i.model.FreeBits(i.rows[n*i.width:(n+1)*i.width]) <= float64(i.ExactCells):
			few = append(few, n)
		default:
			many = append(many, n)
		}
	}
	i.total = len(few) + len(many)
	if len(many) > 0 {
		if err := CheckMemory(i.model, i.device, i.Chains*min(len(many), i.batch())); err != nil {
			return err
		}
	}
	if err := i.enumerate(ctx, few); err != nil {
		return err
	}
	for batch := range slices.Chunk(many, i.batch()) {
		if err := i.sample(ctx, batch); err != nil {
			return err
		}
		i.report(len(batch))
	}
	return nil
}

// batch is the number of rows whose chains run side by side.
func (i *imputing) batch() int { return max(1, graph.EvaluationBatch/i.Chains) }

func (i *imputing) report(rows int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.done += rows; i.Progress != nil {
		i.Progress(i.done, i.total)
	}
}

// enumerate fills the rows of the given numbers exactly, on as many goroutines as there are cores. The rows are
// divided among the ranks.
func (i *imputing) enumerate(ctx context.Context, numbers []int) error {
	team := engine.Divided(i.device)
	first, size := ranks.Part(team, len(numbers))
	err := graph.Each(ctx, size, func(at int) {
		i.enumerateRow(numbers[first+at])
		i.report(1)
	})
	for _, n := range numbers {
		i.Exact[n] = true
	}
	if err != nil || team.Size() == 1 {
		return err
	}
	i.report(len(numbers) - size) // the rows of the other ranks
	for _, filled := range [][]float32{i.Means, i.Draws} {
		row := func(n int) []float32 { return filled[n*i.width : (n+1)*i.width] }
		var own []float32
		for _, n := range numbers[first : first+size] {
			own = append(own, row(n)...)
		}
		all, err := ranks.Join(team, own)
		if err != nil {
			return err
		}
		for at, n := range numbers {
			copy(row(n), all[at*i.width:(at+1)*i.width])
		}
	}
	return nil
}

// enumerateRow fills row n by the probabilities of all states of its missing units. Its draw is the state at which
// their sum reaches a uniform number.
func (i *imputing) enumerateRow(n int) {
	first := n * i.width
	free, logs := i.model.EnumerateGiven(i.rows[first : first+i.width])
	units := make([]freeUnit, len(free))
	for at, column := range free {
		k := i.model.Visible.Units.Of(column)
		units[at] = freeUnit{k, first + column, make([]float64, k.States())}
	}
	rest, drawn := rand.New(rand.NewPCG(i.seed(), uint64(n))).Float64(), 0
	for state, log := range logs {
		p := math.Exp(log)
		for at, digits := 0, state; at < len(units); at++ {
			states := len(units[at].chances)
			units[at].chances[digits%states] += p
			digits /= states
		}
		if rest > 0 && p > 0 {
			rest, drawn = rest-p, state
		}
	}
	for _, u := range units {
		width, states := u.kind.Width(), len(u.chances)
		u.means(i.Means[u.at : u.at+width])
		u.kind.State(i.Draws[u.at:u.at+width], drawn%states)
		drawn /= states
	}
}

// freeUnit is a unit without a value.
type freeUnit struct {
	kind    engine.Kind
	at      int       // index of its first column in the rows
	chances []float64 // probabilities of its states
}

// means writes the mean of each column of the unit to x. Sums of probabilities may round to above 1.
func (u *freeUnit) means(x []float32) {
	low, span := float64(u.kind.Low()), float64(u.kind.High())-float64(u.kind.Low())
	if !u.kind.Several() {
		x[0] = float32(low + span*min(u.chances[1], 1))
		return
	}
	for a := range x {
		x[a] = float32(low + span*min(u.chances[a], 1))
	}
}

// seed returns the seed of the draws, which no other use of the seed shares.
func (i *imputing) seed() uint64 { return graph.ChildSeed(i.Seed, graph.SeedImpute) }

// sample fills the rows of the given numbers by Gibbs chains. The chains of a row are side by side.
func (i *imputing) sample(ctx context.Context, numbers []int) error {
	var pattern []float32
	for _, n := range numbers {
		pattern = append(pattern, slices.Repeat(i.rows[n*i.width:(n+1)*i.width], i.Chains)...)
	}
	seed := graph.ChildSeed(i.seed(), uint64(numbers[0])) // another one for each batch
	chains, err := NewChains(i.model, i.device, RandomVisible(i.model, len(numbers)*i.Chains, seed), pattern, seed)
	if err != nil {
		return err
	}
	if err := chains.Run(ctx, i.BurnIn); err != nil {
		return err
	}
	sums := make([]float64, chains.own.Size*i.width) // of the chains of this rank
	for range i.Steps {
		if err := chains.Run(ctx, 1); err != nil {
			return err
		}
		means, err := chains.ownMeans()
		if err != nil {
			return err
		}
		for at, x := range means {
			sums[at] += float64(x)
		}
	}
	if sums, err = ranks.Join(chains.team, sums); err != nil {
		return err
	}
	states, err := chains.Visible()
	if err != nil {
		return err
	}
	for at, n := range numbers {
		part := at * i.Chains * i.width
		i.average(n, sums[part:part+i.Chains*i.width], states[part:part+i.width])
	}
	return nil
}

// average fills row n by the sums (Chains,V) over the steps of its chains, and by the last states (V)
// of the first chain.
func (i *imputing) average(n int, sums []float64, states []float32) {
	for unit := range i.width {
		at := n*i.width + unit
		if i.rows[at] == i.rows[at] {
			continue
		}
		var sum, squares float64
		for chain := range i.Chains {
			mean := sums[chain*i.width+unit] / float64(i.Steps)
			sum += mean
			squares += mean * mean
		}
		chains := float64(i.Chains)
		mean := sum / chains
		variance := max(0, squares/chains-mean*mean) * chains / (chains - 1)
		i.Means[at], i.Draws[at] = float32(mean), states[unit]
		i.Errors[at] = float32(math.Sqrt(variance / chains))
	}
}
