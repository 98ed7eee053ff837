package train

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// builder adds the phases and the updates of training to the parts of a graph.
type builder struct{ *graph.Builder }

// onFast returns a builder whose parameters are the sums of the parameters and their fast
// parameters (see [trainingGraph]).
func (b builder) onFast() builder {
	return builder{b.WithParameters(func(p *gorgonia.Node) *gorgonia.Node {
		return engine.NewAdd(p, b.Beside(p, graph.SuffixFast))
	})}
}

// persistentPhase is the negative phase of PCD-k: steps Gibbs steps of the persistent chains of l, which
// are hidden states (C,H) or, with couplings of the visible units, visible states (C,V). It keeps the last
// states for the next update, and returns the last visible states with the means of the hidden units given
// them.
func (b builder) persistentPhase(l ladder, steps int) graph.Phase {
	chains := b.chains(l)
	if b.Coupled {
		p := b.coupledSteps(chains, steps, noPath)
		b.setNext(l, graph.Visible, p.Visible)
		return p
	}
	s, h := graph.NewSweep(b.Builder), chains
	var p graph.Phase
	for step := range steps {
		p = s.GibbsStep(h, step)
		h = b.SampleHidden(p.Field, engine.Path{}, graph.StreamHidden, step)
	}
	b.setNext(l, graph.Chains, h)
	return p
}

// contrastivePhase is the negative phase of CD-k: steps Gibbs steps, at least one, that start at the data.
func (b builder) contrastivePhase(positive graph.Phase, steps int) graph.Phase {
	if b.Coupled {
		return b.coupledSteps(positive.Visible, steps, noPath)
	}
	s, h := graph.NewSweep(b.Builder), b.SampleHidden(positive.Field, engine.Path{}, graph.StreamStart, 0)
	for step := 0; ; step++ {
		p := s.GibbsStep(h, step)
		if step == steps-1 {
			return p
		}
		h = b.SampleHidden(p.Field, engine.Path{}, graph.StreamHidden, step)
	}
}
