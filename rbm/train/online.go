package train

import (
	"context"
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
)

const (
	// EstimateRows is the largest number of training rows that an estimate of the
	// log-likelihood uses. Validation rows are all used.
	EstimateRows = 10000

	exactBits     = 16  // log Z is exact if one layer has at most 2^16 states
	mostEstimates = 100 // in a run, and as epochs are whole up to 199; more would hardly show on a curve (chosen)

	// The settings of an estimate of log Z that is not exact. They were chosen between the width of its interval and
	// its cost, of 10,000 Gibbs steps of a row.
	onlineRuns   = 40  // runs in each direction
	onlineSteps  = 100 // steps of equal size in β, in each direction
	onlineBurnIn = 50  // Gibbs steps of the chains before the way down

	// Numbers of Gibbs steps of training for each Gibbs step that an estimate spends. At equal costs of a step 10 would
	// keep estimates below a tenth of the time (see OnlineEpochs), as energyShare does for free energies. A step of
	// annealing (onlineShare) costs more than a step of training, by a ratio that grows as the number of hidden units
	// falls, and an exact sum (exactShare) takes a logarithm or an exponential with each multiplication of a step: these
	// two allow for costs of 4 and of 15 steps.
	onlineShare = 40
	exactShare  = 150
	energyShare = 10
)

// EstimateLogPartition returns log Z of the current model: exactly if one layer has at most 2^16
// states, and else by a brief estimate.
//
// With persistent chains it joins short annealing in both directions by Bennett's ratio (see
// [likelihood.Bidirectional]): 40 runs from the base model up to the model, and at most 40 down
// to the base model from copies of the chains, which first make 50 Gibbs steps. Every estimate
// starts from the base model, whose log Z is known, so errors do not accumulate over the
// training. Ratios of successive models on the chains would accumulate them: an update lowers
// the probability of the very states that the chains are in. The runs up find modes that the
// chains have left, where annealing finds them; the larger estimate counts.
//
// The interval from Low to High covers three standard errors and the estimates of both
// directions. A wide interval means that the schedule is too short for the model, or that the
// chains are not at its equilibrium. No estimate includes a mode that neither the chains nor
// the runs reach: log Z then lies above High, and the likelihood is overestimated. With a
// learning rate too high for the chains the error can exceed ten nats; the longer schedules of
// [likelihood.Evaluate] can find it.
//
// Without persistent chains [likelihood.AIS] estimates log Z, with all steps on the way up.
//
// An estimate depends on the update, the parameters and the chains alone, and changes none of
// them. [Trainer.OnlineEpochs] returns how often one is affordable.
func (t *Trainer) EstimateLogPartition(ctx context.Context) (*likelihood.Partition, error) {
	if err := t.collect(); err != nil {
		return nil, fmt.Errorf("train: log Z after update %d: %w", t.update, err)
	}
	p, err := t.estimateLogPartition(ctx)
	if err != nil {
		return nil, fmt.Errorf("train: log Z after update %d: %w", t.update, err)
	}
	return p, nil
}

// fewestStates returns the number of states of the layer with fewer of them, and whether an estimate of log Z
// enumerates them. With couplings only the visible states can be enumerated.
func (t *Trainer) fewestStates() (states float64, enumerable bool) {
	if t.visible.Units.Real() && t.hidden.Units.Real() {
		return 1, true // of no layer: log Z is a determinant
	}
	bits := func(l graph.Layer) float64 { return rbm.NewLayer(l.Units, l.Len).Bits() } // +Inf for real states
	least := bits(t.visible)
	if !t.config.Lateral {
		least = min(least, bits(t.hidden))
	}
	return math.Exp2(least), least <= exactBits
}

// estimateLogPartition is EstimateLogPartition on ranks whose chains are up to date.
func (t *Trainer) estimateLogPartition(ctx context.Context) (*likelihood.Partition, error) {
	m, err := t.Model()
	if err != nil {
		return nil, err
	}
	if _, enumerable := t.fewestStates(); enumerable {
		return likelihood.ExactPartition(ctx, m, rbm.PartitionConfig{Ranks: engine.Divided(t.state.Device())})
	}
	d := t.state.Device()
	c := likelihood.AISConfig{Runs: onlineRuns, Seed: t.seedNow(graph.SeedOnline)}
	if t.chains() == 0 {
		c.Betas = likelihood.LinearBetas(2*onlineSteps + onlineBurnIn) // at the cost of an estimate with chains
		return likelihood.AIS(ctx, m, d, c)
	}
	c.Betas = likelihood.LinearBetas(onlineSteps)
	samples, err := t.chainSamples(ctx, m, c.Seed)
	if err != nil {
		return nil, err
	}
	p, err := likelihood.Bidirectional(ctx, m, d, samples, c)
	if err != nil {
		return nil, err
	}
	p.Method, p.Runs = "online", onlineRuns
	return p, nil
}

// chainSamples moves copies of the first onlineRuns chains, or of all if there are fewer, by onlineBurnIn Gibbs
// steps at fixed parameters, and returns their visible states (n,V).
func (t *Trainer) chainSamples(ctx context.Context, m *rbm.Model, seed uint64) ([]float32, error) {
	team := engine.Divided(t.state.Device())
	var states []float32
	if team.Rank() == 0 { // which has all chains
		var err error
		if states, err = t.visibleStates(seed); err != nil {
			return nil, err
		}
		states = states[:min(len(states), onlineRuns*m.Visible.Len())]
	}
	states, err := ranks.Join(team, states)
	if err != nil {
		return nil, err
	}
	chains, err := sample.NewChains(m, t.state.Device(), states, nil, seed)
	if err != nil {
		return nil, err
	}
	if err := chains.Run(ctx, onlineBurnIn); err != nil {
		return nil, err
	}
	return chains.Visible()
}

// visibleStates draws visible states (C,V) given the hidden states of the chains. With couplings they are the
// chains' own.
func (t *Trainer) visibleStates(seed uint64) ([]float32, error) {
	if t.config.Lateral {
		return t.modelChains()
	}
	l := t.ladder()
	shared := append([]string{graph.Chains}, graph.Shared(t.visible.Units, t.hidden.Units, false)...)
	if l.levels > 1 {
		shared = append(shared, graph.Levels)
	}
	s, err := graph.Aside(t.state, shared...)
	if err != nil {
		return nil, err
	}
	g, v := visibleOfChains(graph.NewBuilder(t.visible, t.hidden, seed), l)
	plan, err := engine.Compile(g, s, v)
	if err != nil {
		return nil, err
	}
	if err := plan.Run(); err != nil {
		return nil, err
	}
	states := make([]float32, l.chains*t.visible.Len)
	return states, plan.Read(v, states)
}

// OnlineEpochs returns the number of epochs between two calls of [Trainer.Estimate] that keeps
// the estimates below a tenth of the time, and makes about 100 of them in a run at most.
func (t *Trainer) OnlineEpochs() int {
	// Each Gibbs step costs two fields. Beside the Gibbs steps of the chains, a row of an
	// update costs a field and a share of two gradients: one and a half Gibbs steps.
	chains := float64(t.batch)
	if n := t.replicas(); n > 0 {
		chains = float64(n)
	}
	update := 1.5*float64(t.batch) + float64(t.config.GibbsSteps)*chains
	_, total := t.Updates()
	affordable := math.Ceil(t.estimateCost() / (update * float64(t.perEpoch)))
	return max(1, int(affordable), total/t.perEpoch/mostEstimates) // the last is the epochs of the run over the estimates
}

// estimateCost returns the least number of Gibbs steps of a row that the training makes for each estimate.
func (t *Trainer) estimateCost() float64 {
	rows, annealed := 0, 0
	for part, most := range map[*dataset.Rows]int{t.data.Train: EstimateRows, t.data.Valid: math.MaxInt} {
		switch {
		case part == nil:
		case part.Missing != nil:
			annealed += min(IncompleteRows, part.N)
		default:
			rows += min(most, part.N)
		}
	}
	// A free energy costs one field, half a Gibbs step.
	cost := energyShare*0.5*float64(rows) + onlineShare*incompleteRuns*incompleteSteps*float64(annealed)
	if states, enumerable := t.fewestStates(); enumerable {
		// A state costs as many multiplications as a field of one unit: half a Gibbs step has a field of
		// each unit of the layer.
		return cost + exactShare*states/2/float64(t.enumeratedUnits())
	}
	return cost + onlineShare*onlineRuns*(2*onlineSteps+onlineBurnIn)
}

// visibleOfChains draws visible states given the hidden states of persistent chains. With
// parallel tempering these are the replicas at β = 1.
func visibleOfChains(b *graph.Builder, l ladder) (g *gorgonia.ExprGraph, v *gorgonia.Node) {
	rows := l.chains * l.levels
	h := b.Variable(graph.Chains, tensor.Float32, rows, b.Hidden)
	if l.levels > 1 {
		h = engine.NewColdest(h, b.Variable(graph.Levels, tensor.Float32, rows), engine.Coldest{Levels: l.levels})
	}
	return b.Graph, b.SampleVisible(b.VisibleField(h), engine.Path{}, graph.StreamStart, 0)
}
