package train

import (
	"fmt"

	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/store"
)

// ChainMeans returns the model of a checkpoint, and the means (n,V) of its visible units given the
// hidden states of up to most of its persistent chains, at β = 1. The means are nil with cd, which has
// no chains.
func (c *Checkpoint) ChainMeans(most int) (m *rbm.Model, means []float32, err error) {
	if m, err = rbm.FromTensors(c.file); err != nil || !c.file.Has(graph.Chains) {
		return m, nil, err
	}
	hidden := m.Hidden.Len()
	t, err := c.file.Tensor(graph.Chains)
	if err != nil {
		return nil, nil, err
	}
	if len(t.Shape) != 2 || t.Shape[1] != hidden {
		return nil, nil, fmt.Errorf("train: read %s: chains of shape %v, want (C,%d)", c.path, t.Shape, hidden)
	}
	chains, err := store.Elements[float32](c.file, graph.Chains, t.Shape...)
	if err != nil {
		return nil, nil, err
	}
	var levels []float32 // place of each chain on a ladder
	if c.file.Has(graph.Levels) {
		if levels, err = store.Elements[float32](c.file, graph.Levels, t.Shape[0]); err != nil {
			return nil, nil, err
		}
	}
	field := make([]float64, m.Visible.Len())
	for k := 0; k < t.Shape[0] && len(means) < most*len(field); k++ {
		if levels != nil && levels[k] != 0 {
			continue
		}
		for _, x := range m.MeanVisible(field, chains[k*hidden:(k+1)*hidden]) {
			means = append(means, float32(x))
		}
	}
	return m, means, nil
}
