package train

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// The size of the reservoir and the steps of its samples. They were chosen: both make frozen models dearer, and fewer
// samples repeat more often, see reservoirOrder.
const (
	reservoirShare = 10 // samples in the reservoir for each chain
	refreshSteps   = 50 // Gibbs steps of samples of the last frozen model before they enter an estimate of log Z
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
// epoch. Each reservoirShare exchanges, from the first on, take every sample once.
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

// aside returns variables for a plan beside the training: the parameters of the current and of the last frozen
// model, which it shares, and chains with the given hidden states (n,H) and a clock at zero of its own.
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

// refreshed moves hidden states (n,H) of the last frozen model by Gibbs steps of that model.
// Training has raised the energies of the very samples that the chains exchanged with, so an
// estimate of log Z from the samples themselves would be too low.
func (t *Trainer) refreshed(states []float32) ([]float32, error) {
	b := builder{graph.NewBuilder(t.visible, t.hidden, t.seedNow(graph.SeedRefresh))}
	return t.stepped(b.frozenRung().Builder, states, refreshSteps)
}

// stepped moves hidden states (n,H) by Gibbs steps of the builder's model.
func (t *Trainer) stepped(b *graph.Builder, states []float32, steps int) ([]float32, error) {
	s, err := t.aside(states)
	if err != nil {
		return nil, err
	}
	g, _ := stepGraph(b, len(states)/t.config.Hidden)
	plan, err := engine.Compile(g, s)
	if err != nil {
		return nil, err
	}
	for range steps {
		if err := plan.Run(); err != nil {
			return nil, err
		}
	}
	moved := make([]float32, len(states))
	return moved, s.Get(graph.Chains, moved)
}

// strays reports whether the current model has moved so far that modes may be lost (see way). It uses as many
// samples of the last frozen model as there are chains, and notes in Forgets whether these forget their states.
func (t *Trainer) strays() (bool, error) {
	reservoir, err := t.samples()
	if err != nil {
		return false, err
	}
	some := t.tenth(reservoir)
	b, err := t.newBridge(t.ladder().chains, t.seedNow(graph.SeedSettle))
	if err != nil {
		return false, err
	}
	w, err := t.way(b, some, some)
	t.trajectory.Forgets = w == wideWay
	return w == lossyWay, err
}

// settle takes the reservoir to the current model. It returns nil if modes may be lost on the way.
func (t *Trainer) settle() (*crossing, error) {
	frozen, err := t.samples()
	if err != nil {
		return nil, err
	}
	b, err := t.newBridge(t.ladder().reservoir(), t.seedNow(graph.SeedSettle))
	if err != nil {
		return nil, err
	}
	w, err := t.way(b, frozen, t.tenth(frozen))
	t.trajectory.Forgets = w == wideWay
	if err != nil || w == lossyWay {
		return nil, err
	}
	if frozen, err = t.refreshed(frozen); err != nil {
		return nil, err
	}
	if w == wideWay {
		return b.crossWide(frozen)
	}
	c, err := b.cross(frozen)
	if err != nil {
		return nil, err
	}
	c.states, err = t.stepped(graph.NewBuilder(t.visible, t.hidden, t.seedNow(graph.SeedSpread)), c.states, spreadSteps)
	return c, err
}

// steps returns the number of Gibbs steps of the reservoir that freezing a model with this crossing takes.
func (c *crossing) steps() int {
	if c.wide {
		return refreshSteps + 2*c.stages + relaxSteps
	}
	return refreshSteps + c.stages + spreadSteps
}

// tenth returns one of every reservoirShare rows of hidden states, as many as there are chains.
func (t *Trainer) tenth(reservoir []float32) []float32 {
	hidden := t.config.Hidden
	var some []float32
	for row := 0; row < len(reservoir); row += reservoirShare * hidden {
		some = append(some, reservoir[row:row+hidden]...)
	}
	return some
}
