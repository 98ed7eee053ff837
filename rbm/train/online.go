package train

import (
	"context"
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
)

// The settings of an estimate of log Z during training.
const (
	onlineRuns   = 40  // either way
	onlineSteps  = 100 // of equal size in β, either way
	onlineBurnIn = 50  // Gibbs steps of the chains before the way down

	// onlineShare is the number of Gibbs steps of training for each Gibbs step spent on
	// estimating log Z. A step of annealing costs more than a step of training, the more so
	// the fewer the hidden units are.
	onlineShare = 40
)

// EstimateLogPartition estimates log Z of the model as it is now, briefly: see
// [Trainer.OnlineEpochs]. With persistent chains it joins short annealing from both sides
// by Bennett's ratio (see [likelihood.Bidirectional]): 40 runs from the base model up to the model, and as
// many from copies of the chains, moved by 50 Gibbs steps of the model, down to the base
// model. Every estimate starts from the base model, whose log Z is known, so errors do not
// add up along the run. With ratios of successive models on the chains they would: an update
// lowers the probability of just the states that the chains are in, and log Z with it.
//
// Low and High hold three standard errors either way, and the estimates from either side
// alone: where these lie far apart, the schedule is too short for the model, or the chains
// have not reached it. A mode of the model that neither the chains nor the runs reach is in
// none of them: log Z is then higher than High, and the likelihood flattered by as much. That
// is so where the learning rate is too high for the chains to keep up, by more than ten
// nats; [likelihood.Evaluate] has the time to find it. Without persistent chains
// [likelihood.AIS] estimates log Z, with all the steps on the way up.
//
// An estimate depends on the update, the parameters and the chains alone, and changes none
// of them.
func (t *Trainer) EstimateLogPartition(ctx context.Context) (*likelihood.Partition, error) {
	p, err := t.estimateLogPartition(ctx)
	if err != nil {
		return nil, fmt.Errorf("train: log Z after update %d: %w", t.update, err)
	}
	return p, nil
}

func (t *Trainer) estimateLogPartition(ctx context.Context) (*likelihood.Partition, error) {
	m, err := t.Model()
	if err != nil {
		return nil, err
	}
	d := t.state.Device()
	c := likelihood.AISConfig{Runs: onlineRuns, Seed: graph.ChildSeed(graph.ChildSeed(t.config.Seed, graph.SeedOnline), uint64(t.update))}
	if t.chains() == 0 {
		c.Betas = likelihood.LinearBetas(2*onlineSteps + onlineBurnIn)
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

// chainSamples continues copies of the chains with the parameters held still, and returns
// their visible states (n,V). It takes the first onlineRuns chains, or all if they are fewer.
func (t *Trainer) chainSamples(ctx context.Context, m *rbm.Model, seed uint64) ([]float32, error) {
	l := t.ladder()
	shared := []string{graph.Weights, graph.VisibleBias, graph.HiddenBias, graph.Chains}
	if l.levels > 1 {
		shared = append(shared, graph.Levels)
	}
	s, err := graph.Aside(t.state, shared...)
	if err != nil {
		return nil, err
	}
	g, v := visibleOfChains(graph.NewModelBuilder(m, seed), l)
	plan, err := engine.Compile(g, s, v)
	if err != nil {
		return nil, err
	}
	if err := plan.Run(); err != nil {
		return nil, err
	}
	states := make([]float32, l.chains*m.Visible.Len())
	if err := plan.Read(v, states); err != nil {
		return nil, err
	}
	chains, err := sample.NewChains(m, s.Device(), states[:min(l.chains, onlineRuns)*m.Visible.Len()], nil, seed)
	if err != nil {
		return nil, err
	}
	if err := chains.Run(ctx, onlineBurnIn); err != nil {
		return nil, err
	}
	return chains.Visible()
}

// OnlineEpochs returns the number of epochs between two calls of
// [Trainer.EstimateLogPartition] for which these take less than a tenth of the time.
func (t *Trainer) OnlineEpochs() int {
	// A row of an update costs a field and its share of two gradients beside its chains'
	// Gibbs steps of two fields each: in Gibbs steps, one and a half.
	chains := float64(t.batch)
	if l := t.ladder(); l.chains > 0 {
		chains = float64(l.chains * l.levels)
	}
	update := 1.5*float64(t.batch) + float64(t.config.GibbsSteps)*chains
	look := float64(onlineRuns * (2*onlineSteps + onlineBurnIn))
	return max(1, int(math.Ceil(onlineShare*look/(update*float64(t.perEpoch)))))
}

// visibleOfChains draws visible states given the hidden ones of persistent chains: of
// their replicas at β = 1.
func visibleOfChains(b *graph.Builder, l ladder) (g *gorgonia.ExprGraph, v *gorgonia.Node) {
	rows := l.chains * l.levels
	h := b.Variable(graph.Chains, tensor.Float32, rows, b.Hidden)
	if l.levels > 1 {
		h = engine.NewColdest(h, b.Variable(graph.Levels, tensor.Float32, rows), engine.Coldest{Levels: l.levels})
	}
	return b.Graph, b.SampleVisible(b.VisibleField(h), engine.Path{}, graph.StreamStart, 0)
}
