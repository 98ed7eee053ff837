package train

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

const (
	reservoirShare = 10 // samples in the reservoir for each chain

	// A model is frozen when its chains have run for settlingTimes autocorrelation times
	// 1 + 2·Σ ρ of their hidden units (see estimate.AutocorrelationTime). Its samples are
	// one autocorrelation time apart. The authors use times 1/2 + Σ ρ, twenty and two. With
	// half as many, log Z of 784x16 models fell by 0.4 nats in 3000 updates, instead of 0.1.
	settlingTimes = 10
	leastSweeps   = 20
	mostSweeps    = 640

	refreshSteps = 50 // Gibbs steps of the reservoir's samples before they enter an estimate of log Z
)

// reservoir returns the number R of samples of the last frozen model.
func (l ladder) reservoir() int { return reservoirShare * l.chains }

// fromReservoir returns hidden states (C,H) of the reservoir (R,H), one for each chain, from
// the clock's place in the reservoir's order. Visible states are drawn anew at each use, so
// repeated uses of one hidden state differ.
func (b builder) fromReservoir(l ladder) *gorgonia.Node {
	all := l.all()
	return engine.NewRows(
		b.Variable(graph.Reservoir, tensor.Float32, all.reservoir(), b.Hidden),
		b.Variable(graph.ReservoirOrder, tensor.Int32, all.exchanges*all.chains),
		b.Clock(),
		engine.Rows{First: l.first(), Size: l.chains, Batch: all.chains, Binarize: engine.AsIs},
	)
}

// reservoirOrder returns the row numbers of the reservoir's samples for all exchanges of an
// epoch. No sample of an exchange is in any of the nine exchanges before it.
func (l ladder) reservoirOrder(seed uint64, epoch int) []int32 {
	rounds := (l.exchanges + reservoirShare - 1) / reservoirShare
	order := make([]int32, rounds*l.reservoir())
	for i := range rounds {
		engine.Shuffle(order[i*l.reservoir():(i+1)*l.reservoir()], seed, graph.StreamReservoir, epoch*rounds+i)
	}
	return order[:l.exchanges*l.chains]
}

// seedNow returns the seed of one kind of draws beside the training at the current update.
func (t *Trainer) seedNow(part uint64) uint64 {
	return graph.ChildSeed(graph.ChildSeed(t.config.Seed, part), uint64(t.update))
}

// aside returns variables for a plan beside the training: the shared parameters, separate
// chains with the given hidden states (n,H), and a clock at zero.
func (t *Trainer) aside(states []float32) (*engine.State, error) {
	shared := graph.Shared(t.visible.Units, t.hidden.Units, false)
	for _, p := range graph.Parameters(t.visible.Units, t.hidden.Units) {
		shared = append(shared, p+graph.SuffixFrozen)
	}
	s, err := graph.Aside(t.state, shared...)
	if err != nil {
		return nil, err
	}
	return s, addRows(s, graph.Chains, states, t.config.Hidden)
}

// addRows makes a variable of the rows of x.
func addRows(s *engine.State, name string, x []float32, columns int) error {
	return s.Define(name, x, len(x)/columns, columns)
}

// samples returns the reservoir (R,H).
func (t *Trainer) samples() ([]float32, error) {
	x := make([]float32, t.ladder().reservoir()*t.config.Hidden)
	return x, t.state.Get(graph.Reservoir, x)
}

// sweeper runs copies of the chains while the parameters of all models stay fixed. A sweep
// is k Gibbs steps and an exchange.
type sweeper struct {
	state  *engine.State
	plan   *engine.Plan
	means  *gorgonia.Node
	chains int
	hidden int
	sweeps int // number of sweeps made
}

func (t *Trainer) newSweeper(seed uint64) (*sweeper, error) {
	l, hidden := t.ladder(), t.config.Hidden
	l.exchanges = reservoirShare
	s := &sweeper{chains: l.chains, hidden: hidden}
	chains := make([]float32, l.chains*hidden)
	err := t.state.Get(graph.Chains, chains)
	if err == nil {
		s.state, err = t.aside(chains)
	}
	if err == nil {
		err = s.state.Share(t.state, graph.Reservoir)
	}
	if err == nil {
		err = s.state.Add(graph.Acceptance, tensor.Float32, 1, 1)
	}
	if err == nil {
		err = s.state.Define(graph.ReservoirOrder, l.reservoirOrder(seed, 0), l.reservoir())
	}
	if err != nil {
		return nil, err
	}
	b := builder{graph.NewBuilder(t.visible, t.hidden, seed)}
	s.means = b.trajectoryPhase(l, t.config.GibbsSteps).Means
	b.Tick()
	s.plan, err = engine.Compile(b.Graph, s.state, s.means)
	return s, err
}

// run makes sweeps and returns the mean acceptance of their exchanges.
func (s *sweeper) run(sweeps int) (acceptance float64, err error) {
	share := make([]float32, 1)
	for range sweeps {
		if err := graph.SetClock(s.state, s.sweeps, s.sweeps%reservoirShare, 0); err != nil {
			return 0, err
		}
		if err := s.plan.Run(); err != nil {
			return 0, err
		}
		if err := s.state.Get(graph.Acceptance, share); err != nil {
			return 0, err
		}
		acceptance += float64(share[0]) / float64(sweeps)
		s.sweeps++
	}
	return acceptance, nil
}

// equilibrate runs the chains for settlingTimes autocorrelation times. It returns the mean
// acceptance of exchanges in the second half of the run and the autocorrelation time in
// sweeps. It stops early if the acceptance falls below the floor. The time is infinite if
// mostSweeps are too few to estimate it.
func (s *sweeper) equilibrate() (acceptance, time float64, err error) {
	var series [][]float32
	units := min(correlatedUnits, s.hidden)
	all := make([]float32, s.chains*s.hidden)
	watched := min(correlatedChains, s.chains) * s.hidden
	for length := leastSweeps; length <= mostSweeps; length *= 2 {
		acceptance = 0
		for late := length / 2; len(series) < length; {
			share, err := s.run(1)
			if err != nil {
				return 0, 0, err
			}
			if err := s.plan.Read(s.means, all); err != nil {
				return 0, 0, err
			}
			if len(series) >= late {
				acceptance += share / float64(length-late)
			}
			series = append(series, spread(all[:watched], s.hidden, units))
		}
		time = estimate.AutocorrelationTime(series, units)
		if acceptance < acceptanceFloor || float64(length) >= settlingTimes*time {
			return acceptance, time, nil
		}
	}
	return acceptance, math.Inf(1), nil
}

// collect fills a reservoir with the hidden states of the chains, taken every apart sweeps.
func (s *sweeper) collect(apart int) ([]float32, error) {
	var reservoir []float32
	for range reservoirShare {
		chains, err := s.states()
		if err != nil {
			return nil, err
		}
		reservoir = append(reservoir, chains...)
		if _, err := s.run(apart); err != nil {
			return nil, err
		}
	}
	return reservoir, nil
}

// states returns the hidden states (C,H) of the chains.
func (s *sweeper) states() ([]float32, error) {
	chains := make([]float32, s.chains*s.hidden)
	return chains, s.state.Get(graph.Chains, chains)
}

// refreshed moves hidden states (n,H) of the last frozen model by Gibbs steps of that model.
// Training raised the energies of exactly the samples that the chains exchanged with, so an
// estimate of log Z from the samples themselves would be too low.
func (t *Trainer) refreshed(states []float32) ([]float32, error) {
	s, err := t.aside(states)
	if err != nil {
		return nil, err
	}
	b := builder{graph.NewBuilder(t.visible, t.hidden, t.seedNow(graph.SeedRefresh))}
	g, _ := stepGraph(b.frozenRung().Builder, len(states)/t.config.Hidden)
	plan, err := engine.Compile(g, s)
	if err != nil {
		return nil, err
	}
	for range refreshSteps {
		if err := plan.Run(); err != nil {
			return nil, err
		}
	}
	moved := make([]float32, len(states))
	return moved, s.Get(graph.Chains, moved)
}

// settlement is a model whose chains have reached equilibrium above the last frozen model.
type settlement struct {
	acceptance, time  float64
	chains, reservoir []float32
	ratio, variance   float64 // log(Z/Z_frozen) and the variance of its estimate
	drift             drift
	unsettled         bool // the chains did not reach equilibrium; only acceptance and time are set
}

// settle refreshes the reservoir, runs copies of the chains to equilibrium with fixed
// parameters, and fills another reservoir with their states. It returns nil if the copies
// exchange too seldom with the last frozen model.
func (t *Trainer) settle() (*settlement, error) {
	frozen, err := t.samples()
	if err == nil {
		frozen, err = t.refreshed(frozen)
	}
	if err == nil {
		err = t.state.Set(graph.Reservoir, frozen)
	}
	if err != nil {
		return nil, err
	}
	w, err := t.newSweeper(t.seedNow(graph.SeedSettle))
	if err != nil {
		return nil, err
	}
	s := &settlement{}
	if s.acceptance, s.time, err = w.equilibrate(); err != nil {
		return nil, err
	}
	if s.acceptance < acceptanceFloor {
		return nil, nil
	}
	if s.unsettled = math.IsInf(s.time, 1); s.unsettled {
		return s, nil
	}
	if s.reservoir, err = w.collect(int(math.Ceil(s.time))); err != nil {
		return nil, err
	}
	if s.chains, err = w.states(); err != nil {
		return nil, err
	}
	var standardError float64
	if s.ratio, standardError, err = t.ratioToFrozen(frozen, s.reservoir); err != nil {
		return nil, err
	}
	s.variance = standardError * standardError
	s.drift, err = t.energyDrift(s.reservoir)
	return s, err
}

// overlapGraph draws visible states of the last frozen model, given frozenStates hidden states,
// and of the current model, given states hidden states. It returns the free energies of both
// sets of visible states under both models.
func overlapGraph(b builder, frozenStates, states int) (*gorgonia.ExprGraph, energies) {
	frozen, r := b.frozenRung(), &rung{Builder: b.Builder}
	frozen.drawVisible(b.Variable(graph.Reservoir, tensor.Float32, frozenStates, b.Hidden), graph.StreamTrajectory, 0)
	r.drawVisible(b.Variable(graph.Chains, tensor.Float32, states, b.Hidden), graph.StreamTrajectory, 1)
	e, _ := frozen.energies(r)
	return b.Graph, e
}

// ratioToFrozen returns Bennett's ratio of the current model to the last frozen one, from
// hidden states (n,H) of each. Where Gibbs chains stay in their modes, only exchanges with the
// frozen model's samples spread the chains of the current model over the modes. The two sets
// of samples then hold no more information than the frozen model's samples reweighted to the
// current model. The standard error returned is the larger of the error of that reweighting
// and Bennett's.
func (t *Trainer) ratioToFrozen(frozenStates, states []float32) (ratio, standardError float64, err error) {
	hidden := t.config.Hidden
	s, err := t.aside(states)
	if err == nil {
		err = addRows(s, graph.Reservoir, frozenStates, hidden)
	}
	if err != nil {
		return 0, 0, err
	}
	counts := [2]int{len(frozenStates) / hidden, len(states) / hidden}
	g, e := overlapGraph(builder{graph.NewBuilder(t.visible, t.hidden, t.seedNow(graph.SeedOverlap))}, counts[0], counts[1])
	plan, err := engine.Compile(g, s, e[:]...)
	if err == nil {
		err = plan.Run()
	}
	var values [4][]float64
	for i := range e {
		values[i] = make([]float64, counts[i%2])
		if err == nil {
			err = plan.Read(e[i], values[i])
		}
	}
	if err != nil {
		return 0, 0, err
	}
	fromFrozen := differences(values[0], values[2])
	ratio, standardError, err = estimate.Bennett(fromFrozen, differences(values[1], values[3]))
	return ratio, max(standardError, math.Sqrt(estimate.RelativeVariance(fromFrozen))), err
}

func differences(x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range d {
		d[i] = x[i] - y[i]
	}
	return d
}
