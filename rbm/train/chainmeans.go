package train

import (
	"fmt"

	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/store"
)

// ChainMeans returns the model of a checkpoint, and the means (n,V) of its visible units given the
// hidden states of its persistent chains at β = 1, for the first `most` of these at most. With couplings
// the chains' visible states take the place of the means. With cd, which has no chains, means is nil.
func (c *Checkpoint) ChainMeans(most int) (m *rbm.Model, means []float32, err error) {
	if m, err = rbm.FromTensors(c.file); err != nil {
		return m, nil, err
	}
	layer, name := m.Hidden, graph.Chains
	if m.Coupled() {
		layer, name = m.Visible, graph.Visible
	}
	if !c.file.Has(name) {
		return m, nil, nil
	}
	width := layer.Len()
	t, err := c.file.Tensor(name)
	if err != nil {
		return nil, nil, err
	}
	if len(t.Shape) != 2 || t.Shape[1] != width {
		return nil, nil, fmt.Errorf("train: read %s: chains of shape %v, want (C,%d)", c.path, t.Shape, width)
	}
	chains, err := store.Elements[float32](c.file, name, t.Shape...)
	if err != nil {
		return nil, nil, err
	}
	var levels []float32 // of the chains on a ladder, 0 at β = 1
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
		if m.Coupled() {
			means = append(means, chains[k*width:(k+1)*width]...)
			continue
		}
		for _, x := range m.MeanVisible(field, chains[k*width:(k+1)*width]) {
			means = append(means, float32(x))
		}
	}
	return m, means, nil
}
