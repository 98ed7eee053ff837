package train

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// The optimizers, which turn a gradient g into a move of the parameter θ.
const (
	plain    optimizer = iota // θ + εg
	momentum                  // θ + v, where v = μv + εg
	nesterov                  // momentum with the gradient at the point it leads to (Sutskever et al. 2013)
	adam                      // Kingma and Ba 2015
)

type optimizer int

// The constants of Adam, as its authors give them.
const (
	firstDecay  = 0.9
	secondDecay = 0.999
	adamEpsilon = 1e-8
)

// move holds the settings of an update.
type move struct {
	updates         int // number of rows U in the tables of rates
	weightPenalties penalties
	biasPenalties   penalties
	optimizer       optimizer
	fast            bool // the chains run on fast parameters, which move too
	center          bool
	blend           float32         // weight of the newest batch in the moving offsets
	sparsity        engine.Sparsity // no penalty if its cost is 0

	fixed, shared bool // the log-variances stay, or are the same for all units with real states
}

// suffixes returns the suffixes of the variables that go with each parameter.
func (m move) suffixes() []string {
	list := [][]string{nil, {graph.SuffixVelocity}, {graph.SuffixVelocity}, {graph.SuffixFirst, graph.SuffixSecond}}[m.optimizer]
	if m.fast {
		list = append(list, graph.SuffixFast)
	}
	return list
}

// ascend assigns a parameter, the optimizer's variables beside it and its fast parameter, if
// any, their next values. The penalties p do not act on the fast parameter. The table of fast rates
// holds a decay in place of the momentum.
func (b builder) ascend(parameter, gradient *gorgonia.Node, c *engine.Centering, p penalties, m move) {
	engine.Assign(parameter, b.ascended(parameter, gradient, c, p, m))
}

// ascended is ascend without the assignment of the parameter, whose next value it returns.
func (b builder) ascended(parameter, gradient *gorgonia.Node, c *engine.Centering, p penalties, m move) *gorgonia.Node {
	table := func(name string) *gorgonia.Node { return b.Variable(name, tensor.Float32, m.updates, 2) }
	// moved is engine.NewAscend, which says what keep is; centered if c is not nil.
	moved := func(keep, parameter *gorgonia.Node, rates string, a engine.Ascend) *gorgonia.Node {
		if c != nil {
			return engine.NewCenteredAscend(keep, parameter, gradient, table(rates), b.Clock(), *c, a)
		}
		return engine.NewAscend(keep, parameter, gradient, table(rates), b.Clock(), a)
	}
	if m.fast {
		fast := b.Beside(parameter, graph.SuffixFast)
		engine.Assign(fast, moved(fast, fast, graph.FastRates, engine.Ascend{Velocity: true}))
	}
	gradient = p.slope(gradient, parameter)
	a := engine.Ascend{L1: p.l1, L2: p.l2, Velocity: m.optimizer != plain}
	shrunk := func(next *gorgonia.Node) *gorgonia.Node { return p.shrink(next, table(graph.Rates), b.Clock()) }
	if m.optimizer == plain {
		return shrunk(moved(parameter, parameter, graph.Rates, a))
	}
	if m.optimizer == adam {
		g := moved(parameter, parameter, graph.PlainRates, a) // at rate 1 and momentum 0: the gradient less the decays
		first, second := b.Beside(parameter, graph.SuffixFirst), b.Beside(parameter, graph.SuffixSecond)
		nextSecond := engine.NewMoment(second, g, engine.Moment{Decay: secondDecay, Squared: true})
		nextFirst := engine.NewMoment(first, g, engine.Moment{Decay: firstDecay})
		engine.Assign(first, nextFirst)
		engine.Assign(second, nextSecond)
		return shrunk(engine.NewAdam(parameter, nextFirst, nextSecond, table(graph.Rates), b.Clock()))
	}
	velocity := b.Beside(parameter, graph.SuffixVelocity)
	next := moved(velocity, parameter, graph.Rates, a)
	engine.Assign(velocity, next)
	if m.optimizer == nesterov {
		return shrunk(engine.NewNesterov(parameter, next, velocity, table(graph.Rates), b.Clock()))
	}
	return shrunk(engine.NewAdd(parameter, next))
}

// optimizer returns the optimizer of the configuration.
func (c Config) optimizer() optimizer {
	switch {
	case c.Optimizer == "adam":
		return adam
	case c.Optimizer == "nesterov":
		return nesterov
	case c.hasMomentum():
		return momentum
	}
	return plain
}

func (c Config) hasMomentum() bool { return c.Momentum > 0 || c.FinalMomentum > 0 }

// rates returns one row of the table of rates, for an update of a run of the given number of
// updates: the learning rate and the momentum. With Adam it returns the learning rate and Adam's ε,
// both corrected for the bias of the moments (Kingma and Ba 2015, §2).
func (c Config) rates(update, epoch, updates int) (rate, other float32) {
	learning := c.rate(min(update, updates), updates) // the last epoch may have more updates than the run
	if c.optimizer() != adam {
		return float32(learning), float32(c.momentum(epoch))
	}
	n := float64(update + 1)
	root := math.Sqrt(1 - math.Pow(secondDecay, n))
	return float32(learning * root / (1 - math.Pow(firstDecay, n))), float32(adamEpsilon * root)
}
