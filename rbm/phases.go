package rbm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// trainBuilder builds the graphs of training: phases and updates.
type trainBuilder struct{ *builder }

// onFast returns the builder of what runs on the sums of the parameters and their fast
// ones.
func (b trainBuilder) onFast() trainBuilder {
	return trainBuilder{b.withParameters(func(p *gorgonia.Node) *gorgonia.Node {
		return engine.NewAdd(p, b.beside(p, suffixFast))
	})}
}

// persistentPhase is the chains' side of PCD-k: k Gibbs steps of the chains (C,H),
// which persist. Its statistics are means given the last visible states.
func (b trainBuilder) persistentPhase(chains, steps int) phase {
	variable := b.variable(varChains, tensor.Float32, chains, b.hidden)
	s, h := newSweep(b.builder), variable
	var p phase
	for step := range steps {
		p = s.gibbsStep(h, step)
		h = b.sample(p.means, streamHidden, step)
	}
	engine.Assign(variable, h)
	return p
}

// contrastivePhase is the chains' side of CD-k: k Gibbs steps that start at the data.
func (b trainBuilder) contrastivePhase(positive phase, steps int) phase {
	s, h := newSweep(b.builder), b.sample(positive.means, streamStart, 0)
	for step := 0; ; step++ {
		p := s.gibbsStep(h, step)
		if step == steps-1 {
			return p
		}
		h = b.sample(p.means, streamHidden, step)
	}
}
