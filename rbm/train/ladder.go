package train

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// Parallel tempering (Desjardins et al. 2010; Cho, Raiko and Ilin 2010) runs a ladder of
// replicas for each chain. Their inverse temperatures lie on the path of annealed importance
// sampling from the model to the base model (see [likelihood.AIS]), and neighbouring replicas
// exchange places.

const (
	defaultTemperatures = 10
	ladderUpdates       = 100  // updates between two adaptations of the temperatures (chosen, so that rates have little noise)
	leastRejection      = 1e-3 // least rejection rate that a pair is counted with, so that no interval vanishes
)

// ladder holds the number of chains, the number of temperatures of each chain, the number of
// exchanges with a reservoir in an epoch (see trajectory.go), and the shard of the chains. The place of a
// replica on the ladder is its level: 0 at β = 1, levels-1 at β = 0. The replicas of chain n are in the rows n + r·chains,
// for r from 0 to levels-1.
type ladder struct {
	chains, levels, exchanges int
	shard                     *shard // or nil for all chains of a run
}

// temperedPhase is the negative phase of parallel tempering: steps Gibbs steps of all replicas,
// each at its own temperature, and one exchange of neighbours. After the exchange the
// replicas at β = 1 are the chains of the model.
func (b builder) temperedPhase(l ladder, steps int) graph.Phase {
	chains, levels := b.chains(l), b.ofChains(l, graph.Levels)
	betas := b.Variable(graph.Ladder, tensor.Float32, l.levels)
	base := b.Variable(graph.Base, tensor.Float32, b.Visible)
	noBase := b.Variable(graph.NoBase, tensor.Float32, b.Hidden) // zeros
	path := func(base, levels *gorgonia.Node) engine.Path {
		return engine.Path{Base: base, Betas: betas, Levels: levels}
	}
	var v, z *gorgonia.Node
	if b.Coupled {
		moved := b.coupledSteps(chains, steps, func(visible bool) engine.Path {
			if visible {
				return path(base, levels)
			}
			return path(noBase, levels)
		})
		v, z = moved.Visible, moved.Field
	} else {
		h := chains
		for step := range steps {
			if step > 0 {
				h = b.SampleHidden(z, path(noBase, levels), graph.StreamHidden, step-1)
			}
			v = b.SampleVisible(b.VisibleField(h), path(base, levels), graph.StreamVisible, step)
			z = b.HiddenField(v)
		}
	}
	ratios := b.LogRatio(v, z, base, betas, levels)
	swap := engine.Swap{Levels: l.levels, Seed: b.Seed, Stream: graph.StreamSwap, Row: uint32(b.Row)}
	swapped := engine.NewSwap(levels, ratios, b.Clock(), swap)
	coldest := func(x *gorgonia.Node) *gorgonia.Node {
		return engine.NewColdest(x, swapped, engine.Coldest{Levels: l.levels})
	}
	p := b.PhaseOf(coldest(v), coldest(z))

	b.tally(l, levels, ratios)
	b.setNext(l, graph.Trips, engine.NewTrips(b.ofChains(l, graph.Trips), swapped, engine.Trips{Levels: l.levels}))
	if b.Coupled {
		b.setNext(l, graph.Visible, v)
	} else {
		b.setNext(l, graph.Chains, b.SampleHidden(z, path(noBase, swapped), graph.StreamHidden, steps-1))
	}
	b.setNext(l, graph.Levels, swapped)
	return p
}

// tally counts the exchanges that are proposed to the chains, and adds up their acceptance
// probabilities (see [engine.Tally]). A shard begins with zeros, see putTogether.
func (b builder) tally(l ladder, levels, ratios *gorgonia.Node) {
	pairs := 2 * (l.levels - 1)
	tally := b.Variable(graph.Tally, tensor.Float32, pairs)
	if l.shard == nil {
		engine.Assign(tally, engine.NewTally(tally, levels, ratios, b.Clock(), engine.Tally{Levels: l.levels}))
		return
	}
	none := b.Variable(graph.NoTally, tensor.Float32, pairs)
	l.shard.tallies = append(l.shard.tallies, engine.NewTally(none, levels, ratios, b.Clock(), engine.Tally{Levels: l.levels}))
}

// variables lists the variables that the ladder adds to a run.
func (l ladder) variables(visible, hidden int) []variable {
	float := tensor.Float32
	return []variable{
		{graph.Levels, float, []int{l.chains * l.levels}, true},
		{graph.Trips, float, []int{l.chains * l.levels}, true},
		{graph.Ladder, float, []int{l.levels}, true},
		{graph.Tally, float, []int{2 * (l.levels - 1)}, true},
		{graph.Acceptance, float, []int{l.levels - 1}, true},
		{graph.Base, float, []int{visible}, false},
		{graph.NoBase, float, []int{hidden}, false},
	}
}

// start returns the initial values of the ladder's variables: evenly spaced inverse
// temperatures, with one replica of each chain at each.
func (l ladder) start() map[string][]float32 {
	levels, betas := make([]float32, 0, l.chains*l.levels), make([]float32, l.levels)
	for level := range l.levels {
		betas[level] = 1 - float32(level)/float32(l.levels-1)
		for range l.chains {
			levels = append(levels, float32(level))
		}
	}
	return map[string][]float32{graph.Levels: levels, graph.Ladder: betas}
}

// evenLadder returns inverse temperatures at which all pairs of neighbours should reject
// exchanges at one rate, given the acceptance rates at betas. It interpolates the cumulative
// rejection rate linearly between neighbours and divides it evenly (Syed et al.,
// Non-Reversible Parallel Tempering, 2022). Both ends of the ladder stay.
func evenLadder(betas, acceptance []float32) []float32 {
	sums := make([]float64, len(betas))
	for i, a := range acceptance {
		sums[i+1] = sums[i] + max(1-float64(a), leastRejection)
	}
	last := len(betas) - 1
	even := append([]float32(nil), betas...)
	for i, pair := 1, 0; i < last; i++ {
		sum := sums[last] * float64(i) / float64(last)
		for sums[pair+1] < sum {
			pair++
		}
		share := (sum - sums[pair]) / (sums[pair+1] - sums[pair])
		even[i] = betas[pair] + float32(share*(float64(betas[pair+1])-float64(betas[pair])))
	}
	return even
}

// adaptLadder computes the acceptance rates since its last call and moves the temperatures so
// that the rates become even.
func (t *Trainer) adaptLadder() error {
	pairs := t.ladder().levels - 1
	tally, betas, acceptance := make([]float32, 2*pairs), make([]float32, pairs+1), make([]float32, pairs)
	err := t.state.Get(graph.Tally, tally)
	if err == nil {
		err = t.state.Get(graph.Ladder, betas)
	}
	if err != nil {
		return fmt.Errorf("train: update %d: ladder: %w", t.update, err)
	}
	for i := range acceptance {
		acceptance[i] = tally[i] / tally[pairs+i]
	}
	for name, values := range map[string][]float32{
		graph.Acceptance: acceptance, graph.Ladder: evenLadder(betas, acceptance), graph.Tally: make([]float32, 2*pairs),
	} {
		if err := t.state.Set(name, values); err != nil {
			return fmt.Errorf("train: update %d: ladder: %w", t.update, err)
		}
	}
	return nil
}

// LadderMetrics is the state of the ladder of parallel tempering.
type LadderMetrics struct {
	Betas []float32 `json:"betas"` // inverse temperatures, from 1 to 0

	// Acceptance holds the rates of exchange between neighbours in the last complete block of 100 updates; 0 before
	// the end of the first block.
	Acceptance []float32 `json:"acceptance"`

	// RoundTrips is the number of trips from β = 1 to 0 and back since the start of the run, as a mean over replicas.
	RoundTrips float64 `json:"round_trips"`
}

// ladderMetrics returns the state of the ladder.
func (t *Trainer) ladderMetrics() (*LadderMetrics, error) {
	l := t.ladder()
	m := &LadderMetrics{Betas: make([]float32, l.levels), Acceptance: make([]float32, l.levels-1)}
	trips := make([]float32, l.chains*l.levels)
	for name, dst := range map[string][]float32{graph.Ladder: m.Betas, graph.Acceptance: m.Acceptance, graph.Trips: trips} {
		if err := t.state.Get(name, dst); err != nil {
			return nil, err
		}
	}
	for _, turns := range trips { // arrivals at the other end of the ladder; two are a round trip
		m.RoundTrips += float64(int(turns)/2) / float64(len(trips))
	}
	return m, nil
}
