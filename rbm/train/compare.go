package train

import (
	"context"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/sample"
)

const (
	comparedChains = 500  // chains that are compared with rows, at most
	comparedRows   = 2000 // rows that they are compared with, at most
)

// comparable reports whether chains can be compared with rows: there are some, and no cell is missing.
func (t *Trainer) comparable() bool {
	return t.chains() > 0 && t.data.Train.Missing == nil && (t.data.Valid == nil || t.data.Valid.Missing == nil)
}

// beginComparing draws states of the validation rows, or of the training rows if there are none, and measures
// how much as many resampled training rows as chains are compared look like them: the yardstick.
func (t *Trainer) beginComparing(ctx context.Context, e *estimating) error {
	held := t.data.Train
	if t.data.Valid != nil {
		held = t.data.Valid
	}
	d, units := t.state.Device(), t.visible.Units
	states, err := sample.DataVisible(ctx, d, held, t.binarize, units, min(comparedRows, held.N), t.config.Seed)
	if err != nil {
		return err
	}
	trained, err := sample.ResampledVisible(ctx, d, t.data.Train, t.binarize, units, min(t.chains(), comparedChains), t.config.Seed)
	if err != nil {
		return err
	}
	e.held = t.moments(states)
	e.yardstick = t.moments(trained).Likeness(e.held)
	return nil
}

// moments returns the moments of visible states, each as 0 or 1 for the two states of its unit.
func (t *Trainer) moments(states []float32) estimate.Moments {
	l := rbm.Layer{Units: t.visible.Units, Bias: make([]float32, t.visible.Len)}
	return estimate.MomentsOf(l.Rows(states).Floats, t.visible.Len)
}

// compareSamples compares visible states of the chains with rows.
func (t *Trainer) compareSamples(o *Online) error {
	states, err := t.visibleStates(t.seedNow(graph.SeedOnline))
	if err != nil {
		return err
	}
	n := min(len(states), comparedChains*t.visible.Len)
	l, yardstick := t.moments(states[:n]).Likeness(t.estimating.held), t.estimating.yardstick
	o.Samples, o.Yardstick = &l, &yardstick
	return nil
}
