package rbm

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
)

// monitors are the results of a monitoring graph, one number a row; nil where the graph
// does not look.
type monitors struct {
	freeEnergy, pseudoLikelihood, reconstruction *gorgonia.Node // (B) float64
	means                                        *gorgonia.Node // (B,H)
	visible                                      *gorgonia.Node // (B,V) the rows
}

// nodes lists the results that there are.
func (m monitors) nodes() []*gorgonia.Node {
	var nodes []*gorgonia.Node
	for _, n := range []*gorgonia.Node{m.freeEnergy, m.pseudoLikelihood, m.reconstruction, m.means, m.visible} {
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// validationGraph looks at a batch of validation rows: at their free energies only.
func validationGraph(b *builder, s source) (*gorgonia.ExprGraph, monitors) {
	_, freeEnergy := b.freeEnergies(s)
	b.tick()
	return b.graph, monitors{freeEnergy: freeEnergy}
}

// monitorGraph looks at a batch of rows: free energy, pseudo-likelihood, squared error
// of the mean reconstruction from sampled hidden units, and the hidden means.
func monitorGraph(b *builder, s source) (*gorgonia.ExprGraph, monitors) {
	v := b.data(s)
	z := b.hiddenField(v)
	p := engine.NewMean(z)
	h := b.sample(p, streamMonitor, 0)
	m := monitors{
		means:      p,
		freeEnergy: engine.NewFreeEnergy(v, b.visibleBias(), z),
		pseudoLikelihood: engine.NewPseudoLikelihood(v, z, b.weights(), b.visibleBias(), b.clock(),
			engine.PseudoLikelihood{Seed: b.seed, Stream: streamUnit}),
		reconstruction: engine.NewSquaredError(v, engine.NewMean(b.visibleField(h))),
	}
	b.tick()
	return b.graph, m
}
