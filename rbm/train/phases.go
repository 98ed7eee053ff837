package train

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// builder adds the phases and the updates of training to the parts of a graph.
type builder struct{ *graph.Builder }

// onFast returns a builder whose parameters are the sums of the parameters and their fast
// parameters.
func (b builder) onFast() builder {
	return builder{b.WithParameters(func(p *gorgonia.Node) *gorgonia.Node {
		return engine.NewAdd(p, b.Beside(p, graph.SuffixFast))
	})}
}

// persistentPhase is the chains' side of PCD-k: k Gibbs steps of the chains (C,H),
// which persist. Its statistics are means given the last visible states.
func (b builder) persistentPhase(l ladder, steps int) graph.Phase {
	chains := b.chains(l)
	if b.Coupled {
		p := b.coupledSteps(chains, steps, noPath)
		b.keep(l, graph.Visible, p.Visible)
		return p
	}
	s, h := graph.NewSweep(b.Builder), chains
	var p graph.Phase
	for step := range steps {
		p = s.GibbsStep(h, step)
		h = b.SampleHidden(p.Field, engine.Path{}, graph.StreamHidden, step)
	}
	b.keep(l, graph.Chains, h)
	return p
}

// contrastivePhase is the chains' side of CD-k: k Gibbs steps that start at the data.
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
