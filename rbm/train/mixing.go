package train

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// The size of an estimate of the autocorrelation time, chosen so that a record costs few Gibbs steps: 300 of a row.
const (
	correlatedChains = 10  // chains, at most
	correlatedUnits  = 100 // units of these chains, at most
	correlatedSteps  = 30  // Gibbs steps of the chains at fixed parameters; times above half of them are estimated too low
)

// stepGraph returns the graph of one Gibbs step h→v→h of copies of a run's chains, and the means of the hidden
// states. With couplings it is a step v→h→v, and the visible states take the place of the means.
func stepGraph(b *graph.Builder, chains int) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	states := builder{b}.chains(ladder{chains: chains, levels: 1})
	if b.Coupled {
		v := b.CoupledStep(states, noPath, graph.StreamCorrelatedHidden, graph.StreamCorrelatedVisible, 0).Visible
		engine.Assign(states, v)
		b.Tick()
		return b.Graph, v
	}
	v := b.SampleVisible(b.VisibleField(states), engine.Path{}, graph.StreamCorrelatedVisible, 0)
	z := b.HiddenField(v)
	means = b.MeanHidden(z)
	engine.Assign(states, b.SampleHidden(z, engine.Path{}, graph.StreamCorrelatedHidden, 0))
	b.Tick()
	return b.Graph, means
}

// modelChains returns the states of the chains as [Trainer.Chains] does, but at β = 1 alone, and after collect.
func (t *Trainer) modelChains() ([]float32, error) {
	layer, name := t.chained()
	l, width := t.ladder(), layer.Len
	rows := make([]float32, l.chains*l.levels*width)
	if err := t.state.Get(name, rows); err != nil || l.levels == 1 {
		return rows, err
	}
	levels := make([]float32, l.chains*l.levels)
	if err := t.state.Get(graph.Levels, levels); err != nil {
		return nil, err
	}
	var chains []float32
	for n, level := range levels {
		if level == 0 {
			chains = append(chains, rows[n*width:(n+1)*width]...)
		}
	}
	return chains, nil
}

// autocorrelationTime runs copies of at most `most` chains by Gibbs steps alone and returns the
// autocorrelation time of their hidden means, or with couplings of their visible states (see
// [estimate.AutocorrelationTime]).
func (t *Trainer) autocorrelationTime(most int) (float64, error) {
	layer, name := t.chained()
	width := layer.Len
	chains, err := t.modelChains()
	if err != nil {
		return 0, err
	}
	count := min(most, len(chains)/width)
	s, err := graph.Aside(t.state, graph.Shared(t.visible.Units, t.hidden.Units, t.config.Lateral)...)
	if err == nil {
		err = graph.SetClock(s, t.update, 0, 0)
	}
	if err == nil {
		err = s.Define(name, chains[:count*width], count, width)
	}
	if err != nil {
		return 0, err
	}
	g, means := stepGraph(t.newBuilder(t.config.Seed), count)
	plan, err := engine.Compile(g, s, means)
	if err != nil {
		return 0, err
	}
	units := min(correlatedUnits, width)
	all := make([]float32, count*width)
	series := make([][]float32, correlatedSteps)
	for i := range series {
		if err := plan.Run(); err != nil {
			return 0, err
		}
		if err := plan.Read(means, all); err != nil {
			return 0, err
		}
		series[i] = spread(all, width, units)
	}
	return estimate.AutocorrelationTime(series, units), nil
}

// spread returns the values of `units` columns of x (C,width), which are evenly spread, row after row.
func spread(x []float32, width, units int) []float32 {
	var picked []float32
	for row := 0; row < len(x); row += width {
		for u := range units {
			picked = append(picked, x[row+u*width/units])
		}
	}
	return picked
}
