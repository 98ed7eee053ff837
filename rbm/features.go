package rbm

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
)

// featuresGraph gives the hidden means of a batch of rows.
func featuresGraph(b *builder, s source) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	p := b.positivePhase(s)
	b.tick()
	return b.graph, p.means
}

// Features returns the hidden means (N,H) of rows: the model as a sigmoid layer.
func Features(ctx context.Context, m *Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64) ([]float32, error) {
	if rows.V != m.Visible {
		return nil, fmt.Errorf("rbm: features: rows of %d values for a model of %d visible units", rows.V, m.Visible)
	}
	features, err := readRows[float32](ctx, m, d, rows, fixedSource(rows, b, seed), featuresGraph)
	if err != nil {
		return nil, fmt.Errorf("rbm: features: %w", err)
	}
	return features, nil
}
