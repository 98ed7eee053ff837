package train

import (
	"context"

	"harmonium/rbm/estimate"
	"harmonium/rbm/sample"
)

const (
	comparedChains = 500  // chains that are compared with rows, at most
	comparedRows   = 2000 // rows that they are compared with, at most
)

// beginComparing draws the states of held-out rows, and measures how much training rows look like
// them. Without validation rows, training rows stand for them.
func (t *Trainer) beginComparing(ctx context.Context, e *estimating) error {
	held := t.data.Train
	if t.data.Valid != nil {
		held = t.data.Valid
	}
	d, units := t.state.Device(), t.visible.Units
	var err error
	if e.held, err = sample.DataVisible(ctx, d, held, t.binarize, units, min(comparedRows, held.N), t.config.Seed); err != nil {
		return err
	}
	trained, err := sample.ResampledVisible(ctx, d, t.data.Train, t.binarize, units, min(t.chains(), comparedChains), t.config.Seed)
	e.yardstick = estimate.LikenessOf(trained, e.held, t.visible.Len)
	return err
}

// compareSamples compares visible states of the chains with rows.
func (t *Trainer) compareSamples(o *Online) error {
	states, err := t.chainStates()
	if err != nil {
		return err
	}
	width := t.visible.Len
	n := min(len(states)/width, comparedChains)
	l, yardstick := estimate.LikenessOf(states[:n*width], t.estimating.held, width), t.estimating.yardstick
	o.Samples, o.SampledRows = &l, &yardstick
	return nil
}
