package sample

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/memory"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// featuresGraph returns the hidden means of a batch of rows.
func featuresGraph(b *graph.Builder, s graph.Source) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	p := b.PositivePhase(s)
	b.Tick()
	return b.Graph, p.Means
}

// Features returns the hidden means (N,H) of rows, as a layer of a feed-forward network
// computes them. A binarization that draws is a function of the seed.
func Features(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) ([]float32, error) {
	features, err := hiddenOf(ctx, m, d, rows, graph.FixedSource(rows, b, seed), "means", featuresGraph)
	if err != nil {
		return nil, fmt.Errorf("sample: features: %w", err)
	}
	return features, nil
}

// hiddenOf returns the values (N,H) that a graph gives the hidden units for each row. what names these values.
func hiddenOf(ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, src graph.Source, what string,
	build func(*graph.Builder, graph.Source) (*gorgonia.ExprGraph, *gorgonia.Node)) ([]float32, error) {
	if err := graph.CheckRows(graph.Layer{Len: m.Visible.Len(), Units: m.Visible.Units}, rows); err != nil {
		return nil, err
	}
	what = fmt.Sprintf("hidden %s of %d rows and %d units", what, rows.N, m.Hidden.Len())
	if err := memory.Check(what, 2*4*float64(rows.N)*float64(m.Hidden.Len())); err != nil { // float32 in a slice that doubles
		return nil, err
	}
	return graph.ReadRows[float32](ctx, m, d, rows, src, build)
}
