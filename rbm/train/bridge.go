package train

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// A bridge takes samples of the last frozen model to the current one, over models whose
// parameters lie on the straight line between the two. It goes in stages, each to the next of
// these models: the samples are weighed by the ratio of the two models, drawn anew with their
// weights, and make a Gibbs step. The means of the weights multiply to Z of the current model
// over Z of the frozen one.
//
// So the number of stages is known in advance, from how far apart the two models are. The alternative
// is chains that reach equilibrium by exchanges with the frozen model's samples. They need about as
// many sweeps as the ratio of the greatest weight to the mean, which is not known: where the model has
// moved far towards some modes, chains hold on to these for thousands of sweeps. The straight line is
// also shorter than the way of the training, whose turns are the noise of its gradients.
const (
	// stageVariance is the variance of the weights of a stage, relative to the square of their mean. A
	// stage leaves 1/(1+stageVariance) of the effective number of samples, four fifths. It was chosen: with a smaller
	// one a way has more stages.
	stageVariance = 0.25

	// farStages is the greatest number of stages that a way may need, by span of the samples before settle refreshes
	// them, if the model is to be frozen and the way is not wide. If log-weights are normal, their sum over this many
	// stages, equal parts of one log-weight, has the standard deviation 3·√log(1+stageVariance) = 1.4, at which
	// samples of the two models are exchanged at a rate of 0.3. Over longer ways few samples replace all
	// others, whose modes the samples then lose for good: with 5 stages two of six runs on a table of 8
	// clusters ended far from the rest, with 3 none of six.
	farStages = 3

	// mostStages bounds the cost of a bridge (chosen). Bridges to models that are not frozen may need more.
	mostStages = 200

	// spreadSteps is the number of Gibbs steps after the last stage, in which copies of the same sample
	// become different (chosen).
	spreadSteps = 5
)

// bridge is a bridge for n samples (see above).
type bridge struct {
	state    *engine.State // holds the models at both ends of a stage
	plan     *engine.Plan  // a stage
	energies [2]*gorgonia.Node
	ends     map[string][2][]float32 // the parameters of the frozen and the current model, by name
	seed     uint64
	n        int
	hidden   int
}

// crossing is the result of a bridge.
type crossing struct {
	states          []float32 // (n,H) hidden states of the current model
	stages          int
	acceptance      float64 // mean rate of exchanges between samples of the two models
	ratio, variance float64 // log(Z/Z_frozen) and the variance of its estimate

	wide bool    // by crossWide (see wide.go); false for cross
	gap  float64 // with wide, nats between two estimates of log(Z/Z_frozen)
}

// newBridge returns a bridge for n samples, whose draws have a seed.
func (t *Trainer) newBridge(n int, seed uint64) (*bridge, error) {
	b := &bridge{ends: map[string][2][]float32{}, seed: seed, n: n, hidden: t.config.Hidden}
	var err error
	if b.state, err = t.aside(make([]float32, n*b.hidden)); err != nil {
		return nil, err
	}
	parameters := graph.Parameters(t.visible.Units, t.hidden.Units)
	for _, v := range t.variables() {
		if !slices.Contains(parameters, v.name) {
			continue
		}
		var ends [2][]float32
		for i, name := range []string{v.name + graph.SuffixFrozen, v.name} {
			ends[i] = make([]float32, volume(v.shape))
			if err := t.state.Get(name, ends[i]); err != nil {
				return nil, err
			}
			if err := b.state.Define(name, ends[i], v.shape...); err != nil { // in place of the variable shared by aside
				return nil, err
			}
		}
		b.ends[v.name] = ends
	}
	g := builder{graph.NewBuilder(t.visible, t.hidden, seed)}
	b.energies = g.bridgeStage(n)
	b.plan, err = engine.Compile(g.Graph, b.state, b.energies[:]...)
	return b, err
}

// bridgeStage draws visible states of the frozen model given hidden ones of the chains, and hidden
// states of the current model given these. It returns the free energies of the visible states
// under both models.
func (b builder) bridgeStage(n int) [2]*gorgonia.Node {
	frozen, r, chains := b.frozenRung(), &rung{Builder: b.Builder}, b.chains(ladder{chains: n, levels: 1})
	frozen.drawVisible(chains, graph.StreamTrajectory, 0)
	z := r.HiddenField(frozen.v)
	engine.Assign(chains, r.SampleHidden(z, engine.Path{}, graph.StreamHidden, 0))
	b.Tick()
	return [2]*gorgonia.Node{frozen.FreeEnergy(frozen.v, frozen.z), r.FreeEnergy(frozen.v, z)}
}

// weigh takes hidden states (n,H) over a stage and returns their log-weights.
func (b *bridge) weigh(states []float32) ([]float64, error) {
	if err := b.state.Set(graph.Chains, states); err != nil {
		return nil, err
	}
	return b.stage()
}

// stage takes the bridge's hidden states over a stage and returns their log-weights.
func (b *bridge) stage() ([]float64, error) {
	err := b.plan.Run()
	var values [2][]float64
	for i, e := range b.energies {
		values[i] = make([]float64, b.n)
		if err == nil {
			err = b.plan.Read(e, values[i])
		}
	}
	return differences(values[0], values[1]), err
}

// differences returns x - y.
func differences(x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range d {
		d[i] = x[i] - y[i]
	}
	return d
}

// span takes samples (n,H) of the frozen model to the current one in a single stage. It returns their
// log-weights, and the number of stages that the way needs, which is infinite if it would be above 2²⁰. The
// log-weights of stages of equal length are about equal parts of these. One sample of a thousand
// with a great weight makes as many stages necessary as a wide distribution does.
func (b *bridge) span(states []float32) (logs []float64, stages float64, err error) {
	if logs, err = b.weigh(states); err != nil {
		return nil, 0, err
	}
	return logs, stagesOf(logs), nil
}

// stagesOf returns the least number of stages whose log-weights, equal parts of the given ones, have
// the variance stageVariance at most.
func stagesOf(logs []float64) float64 {
	parts := make([]float64, len(logs))
	short := func(stages float64) bool {
		for i, l := range logs {
			parts[i] = l / stages
		}
		return estimate.RelativeVariance(parts)*float64(len(logs)) <= stageVariance
	}
	low, high := 0.0, 1.0
	for ; !short(high); low, high = high, 2*high {
		if high >= 1<<20 { // or the log-weights are not finite
			return math.Inf(1)
		}
	}
	for high-low > 1 {
		if middle := math.Floor((low + high) / 2); short(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// cross takes samples (n,H) of the frozen model to the current one, in mostStages stages at most.
func (b *bridge) cross(states []float32) (*crossing, error) {
	logs, stages, err := b.span(states)
	if err != nil {
		return nil, err
	}
	c := &crossing{stages: int(min(stages, mostStages)), acceptance: estimate.ExchangeRate(logs)}
	origins := make([]int, b.n) // rows of the samples before the first stage
	for i := range origins {
		origins[i] = i
	}
	for stage := 1; stage <= c.stages; stage++ {
		if c.stages > 1 { // else span has made the stage
			if err := b.move(stage, c.stages); err != nil {
				return nil, err
			}
			if logs, err = b.weigh(states); err != nil {
				return nil, err
			}
		}
		sum := estimate.LogSumExp(logs)
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return nil, fmt.Errorf("log Z of the ladder: the log of a sum of weights is %v, want a finite number", sum)
		}
		c.ratio += sum - math.Log(float64(b.n))
		c.variance = originVariance(logs, sum, origins)
		offset := float64(graph.ChildSeed(b.seed, uint64(stage))>>11) / (1 << 53) // uniform in [0,1)
		rows := resampled(logs, sum, offset)
		if states, err = b.drawn(rows); err != nil {
			return nil, err
		}
		next := make([]int, b.n)
		for i, row := range rows {
			next[i] = origins[row]
		}
		origins = next
	}
	c.states = states
	return c, nil
}

// move sets the two models of a bridge to the ends of a stage.
func (b *bridge) move(stage, stages int) error {
	for name, ends := range b.ends {
		err := b.state.Copy(name+graph.SuffixFrozen, name)
		if stage == 1 {
			err = b.state.Set(name+graph.SuffixFrozen, ends[0])
		}
		if err != nil {
			return err
		}
		next := ends[1]
		if stage < stages {
			next = make([]float32, len(ends[0]))
			share := float32(stage) / float32(stages)
			for i, from := range ends[0] {
				next[i] = from + share*(ends[1][i]-from)
			}
		}
		if err := b.state.Set(name, next); err != nil {
			return err
		}
	}
	return nil
}

// drawn returns the given rows of the hidden states that a stage led to.
func (b *bridge) drawn(rows []int) ([]float32, error) {
	all := make([]float32, b.n*b.hidden)
	if err := b.state.Get(graph.Chains, all); err != nil {
		return nil, err
	}
	states := make([]float32, 0, len(all))
	for _, row := range rows {
		states = append(states, all[row*b.hidden:(row+1)*b.hidden]...)
	}
	return states, nil
}

// originVariance returns the variance of the log of the product of the mean weights of all stages
// so far (Chan and Lai, A general theory of particle filters in hidden Markov models, 2013). logs are
// the log-weights of the last stage and sum is the log of their sum. The samples that come from sample i
// before the first stage, their origin, have the share N_i/n of the weights. The variance is
//
//	Σ_i (N_i - 1)² / n².
//
// After one stage it is the variance of a mean relative to its square. Where Gibbs steps do not move
// samples between modes, a mode that had too many samples at first has too many in all stages. The
// errors of the stages then have the same sign, and their sum as if they were independent would be
// too small.
func originVariance(logs []float64, sum float64, origins []int) float64 {
	n := float64(len(logs))
	shares := make([]float64, len(logs))
	for row, origin := range origins {
		shares[origin] += n * math.Exp(logs[row]-sum)
	}
	for i, share := range shares {
		shares[i] = (share - 1) * (share - 1)
	}
	return estimate.Sum(shares) / n / n
}

// resampled returns n of n samples in rising order: sample i on average n·w_i/Σ w times, each time
// this number rounded down or up. logs are the logs of the weights, and sum is the log of their sum. On
// a line from 0 to 1, on which each sample takes its share of the weights, the places (m+offset)/n, for
// m from 0 to n-1 and an offset in [0,1), choose the samples.
func resampled(logs []float64, sum, offset float64) []int {
	n := len(logs)
	rows := make([]int, 0, n)
	end := 0.0 // of the samples so far, times n
	for i, l := range logs {
		end += float64(n) * math.Exp(l-sum)
		for len(rows) < n && (float64(len(rows))+offset < end || i == n-1) {
			rows = append(rows, i)
		}
	}
	return rows
}
