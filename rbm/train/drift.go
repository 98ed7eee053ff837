package train

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// The largest number of samples whose drift is measured, and their Gibbs steps. They were chosen between cost, of 50,000
// Gibbs steps for each frozen model, and sight: the error falls as the root of the samples, and slower drifts show in
// more steps.
const (
	driftChains = 100
	driftSteps  = 500
)

// drift is the change of the mean free energy of states, in nats, under Gibbs steps of their
// model, with its standard error. At equilibrium the expected change is 0.
type drift struct{ Mean, StandardError float64 }

// significant reports whether the change exceeds three standard errors. At equilibrium that
// has probability 1/370.
func (d drift) significant() bool { return math.Abs(d.Mean) > 3*d.StandardError }

// driftGraph returns the graph of one Gibbs step h→v→h of chains, and the free energies of v.
func driftGraph(b *graph.Builder, chains int) (g *gorgonia.ExprGraph, freeEnergy *gorgonia.Node) {
	variable := b.Variable(graph.Chains, tensor.Float32, chains, b.Hidden)
	r := &rung{Builder: b}
	r.drawVisible(variable, graph.StreamCorrelatedVisible, 0)
	engine.Assign(variable, b.SampleHidden(r.z, engine.Path{}, graph.StreamCorrelatedHidden, 0))
	b.Tick()
	return b.Graph, b.FreeEnergy(r.v, r.z)
}

// reservoirDrift runs Gibbs steps of the last frozen model, without exchanges, from copies of up
// to driftChains evenly spread samples of its reservoir (R,H). Falling energies indicate deep
// basins that neither the chains nor the ladder reach. The draws depend on the number of models
// on the ladder and not on the update, so that a frozen model has one drift, which t.drift keeps.
func (t *Trainer) reservoirDrift(states []float32) (drift, error) {
	if t.drift != nil {
		return *t.drift, nil
	}
	hidden := t.config.Hidden
	all := len(states) / hidden
	count := min(driftChains, all)
	var chains []float32
	for n := range count {
		row := n * all / count
		chains = append(chains, states[row*hidden:(row+1)*hidden]...)
	}
	s, err := t.aside(chains)
	if err != nil {
		return drift{}, err
	}
	seed := graph.ChildSeed(graph.ChildSeed(t.config.Seed, graph.SeedDrift), uint64(len(t.trajectory.Acceptance)))
	b := builder{graph.NewBuilder(t.visible, t.hidden, seed)}
	g, freeEnergy := driftGraph(b.frozenRung().Builder, count)
	plan, err := engine.Compile(g, s, freeEnergy)
	if err != nil {
		return drift{}, err
	}
	first, last := make([]float64, count), make([]float64, count)
	for step := range driftSteps + 1 {
		if err := plan.Run(); err != nil {
			return drift{}, err
		}
		if step == 0 {
			if err := plan.Read(freeEnergy, first); err != nil {
				return drift{}, err
			}
		}
	}
	if err := plan.Read(freeEnergy, last); err != nil {
		return drift{}, err
	}
	mean, deviation := stat.MeanStdDev(differences(last, first), nil)
	t.drift = &drift{mean, deviation / math.Sqrt(float64(count))}
	return *t.drift, nil
}
