package train

import (
	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// monitors are the results of a monitoring graph, one number a row; nil where the graph has
// no such result.
type monitors struct {
	freeEnergy, pseudoLikelihood, reconstruction *gorgonia.Node // (B) float64
	means                                        *gorgonia.Node // (B,H)
	visible                                      *gorgonia.Node // (B,V) the rows
}

// nodes lists the results of the graph.
func (m monitors) nodes() []*gorgonia.Node {
	var nodes []*gorgonia.Node
	for _, n := range []*gorgonia.Node{m.freeEnergy, m.pseudoLikelihood, m.reconstruction, m.means, m.visible} {
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// validationGraph returns the graph of the free energies of a batch of validation rows.
func validationGraph(b *graph.Builder, s graph.Source) (*gorgonia.ExprGraph, monitors) {
	_, freeEnergy := b.FreeEnergies(s)
	b.Tick()
	return b.Graph, monitors{freeEnergy: freeEnergy}
}

// monitorGraph returns the graph of the free energies, the pseudo-likelihoods, the squared errors of the
// mean reconstructions from sampled hidden units, and the hidden means of a batch of rows. With couplings the
// reconstruction is given the other visible units too. With couplings or real hidden states the rows take the
// place of the pseudo-likelihoods, see pseudoLikelihood.
func monitorGraph(b *graph.Builder, s graph.Source) (*gorgonia.ExprGraph, monitors) {
	v := b.Completed(s)
	z := b.HiddenField(v)
	p := b.MeanHidden(z)
	h := b.SampleHidden(z, engine.Path{}, graph.StreamMonitor, 0)
	m := monitors{
		means:          p,
		freeEnergy:     b.FreeEnergy(v, z),
		reconstruction: engine.NewSquaredError(v, b.MeanVisible(b.CoupledField(v, h))),
	}
	switch {
	case b.VisibleUnits.Real():
	case b.Coupled || b.HiddenUnits.Real():
		m.visible = v
	default:
		m.pseudoLikelihood = engine.NewPseudoLikelihood(v, z, b.Weights(), b.VisibleBias(), b.Clock(),
			engine.PseudoLikelihood{Visible: b.VisibleUnits, Hidden: b.HiddenUnits, Draw: b.Draw(graph.StreamUnit, 0)})
	}
	b.Tick()
	return b.Graph, m
}
