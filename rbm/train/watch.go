package train

import (
	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// monitors are the results of a monitoring graph over B rows; nil where the graph has no such result.
type monitors struct {
	freeEnergy, pseudoLikelihood, reconstruction *gorgonia.Node // (B) float64, a number for each row
	means                                        *gorgonia.Node // (B,H) means of the hidden units
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

// watch is a plan over a fixed subset of rows, with the parameters of a run.
type watch struct {
	state           *engine.State
	plan            *engine.Plan
	results         monitors
	rows            int       // B, the number of rows
	weights         []float32 // weights of the rows; nil if they have none
	visible, hidden int       // V and H
	buffer          []float64 // (B) the result that was read last; free energies in the watch of logMass

	// Means over the rows when the plan last ran.
	freeEnergy, pseudoLikelihood, reconstruction, meanHidden float64
}

// A graphFunc returns a monitoring graph over a batch of the source, and its results.
type graphFunc func(*graph.Builder, graph.Source) (*gorgonia.ExprGraph, monitors)

// newWatch makes a plan over at most MonitorRows rows spread evenly over r, with the parameters of a run, from
// the graph that build returns.
func (t *Trainer) newWatch(r *dataset.Rows, build graphFunc) (*watch, error) {
	order, weights := chosenRows(r, MonitorRows)
	w := &watch{rows: len(order), weights: weights, visible: r.V, hidden: t.config.Hidden}
	var err error
	if w.state, err = graph.Aside(t.state, graph.Shared(t.visible.Units, t.hidden.Units, t.config.Lateral)...); err != nil {
		return nil, err
	}
	src := graph.OrderedSource(r, w.rows, t.binarize, t.config.Seed)
	src.Fill = t.fill(r)
	data, err := t.dataOf(r)
	if err == nil {
		err = shareRows(w.state, data, r)
	}
	if err == nil {
		err = w.state.Define(graph.Order, order, w.rows)
	}
	if err != nil {
		return nil, err
	}
	g, results := build(t.newBuilder(t.config.Seed), src)
	w.results = results
	w.buffer = make([]float64, w.rows)
	w.plan, err = engine.Compile(g, w.state, results.nodes()...)
	return w, err
}

// measure runs the plan and computes the means over its rows. The number of the update enters the random draws.
func (w *watch) measure(update int) error {
	if err := graph.SetClock(w.state, update, 0, 0); err != nil {
		return err
	}
	if err := w.plan.Run(); err != nil {
		return err
	}
	for _, r := range []struct {
		node *gorgonia.Node
		mean *float64
	}{
		{w.results.freeEnergy, &w.freeEnergy},
		{w.results.pseudoLikelihood, &w.pseudoLikelihood},
		{w.results.reconstruction, &w.reconstruction},
	} {
		if r.node == nil {
			continue
		}
		if err := w.plan.Read(r.node, w.buffer); err != nil {
			return err
		}
		*r.mean, _ = estimate.WeightedMean(w.buffer, w.weights)
	}
	w.reconstruction /= float64(w.visible)
	if w.results.means == nil || w.hidden == 0 {
		return nil
	}
	means := make([]float32, w.rows*w.hidden)
	if err := w.plan.Read(w.results.means, means); err != nil {
		return err
	}
	w.meanHidden = meanOf(means, w.hidden, w.weights)
	return nil
}
