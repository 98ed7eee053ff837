package rbm

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// featuresGraph gives the hidden means of a batch of rows.
func featuresGraph(b *graph.Builder, s graph.Source) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	p := b.PositivePhase(s)
	b.Tick()
	return b.Graph, p.Means
}

// Features returns the hidden means (N,H) of rows: the model as a sigmoid layer.
func Features(ctx context.Context, m *Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float32, error) {
	if rows.V != m.Visible {
		return nil, fmt.Errorf("rbm: features: rows of %d values for a model of %d visible units", rows.V, m.Visible)
	}
	features, err := readRows[float32](ctx, m, d, rows, graph.FixedSource(rows, b, seed), featuresGraph)
	if err != nil {
		return nil, fmt.Errorf("rbm: features: %w", err)
	}
	return features, nil
}
