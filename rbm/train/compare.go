package train

import (
	"context"

	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/sample"
)

// The largest numbers of chains and of rows that are compared. They were chosen: the errors of means over 500 chains are
// twice those over 2000 rows, so that more rows would add little.
const (
	comparedChains = 500
	comparedRows   = 2000
)

// comparable reports whether chains can be compared with rows: there are some, and no cell is missing.
func (t *Trainer) comparable() bool {
	return t.chains() > 0 && t.data.Train.Missing == nil && (t.data.Valid == nil || t.data.Valid.Missing == nil)
}

// beginComparing sets the moments with which chains are compared: of states of the validation rows, or of the training
// rows if there are none. It also sets the yardstick, which is the likeness to them of resampled training rows, as many
// as there are chains to compare.
func (t *Trainer) beginComparing(ctx context.Context, e *estimating) error {
	rows := t.data.Train
	if t.data.Valid != nil {
		rows = t.data.Valid
	}
	d, units := t.state.Device(), t.visible.Units
	states, err := sample.DataVisible(ctx, d, rows, t.binarize, units, min(comparedRows, rows.N), t.config.Seed)
	if err != nil {
		return err
	}
	size := min(t.chains(), comparedChains)
	resampled, err := sample.ResampledVisible(ctx, d, t.data.Train, t.binarize, units, size, t.config.Seed)
	if err != nil {
		return err
	}
	e.reference = t.moments(states)
	e.yardstick = t.moments(resampled).Likeness(e.reference)
	return nil
}

// moments returns the moments of visible states: real states as they are, others as 0 or 1 for the two states of a unit
// or a column.
func (t *Trainer) moments(states []float32) estimate.Moments {
	return estimate.MomentsOf(layerOf(t.visible).Rows(states).Floats, t.visible.Len)
}

// compareSamples sets the likeness of visible states of the chains to the rows, and the yardstick.
func (t *Trainer) compareSamples(o *Online) error {
	states, err := t.visibleStates(t.seedNow(graph.SeedOnline))
	if err != nil {
		return err
	}
	n := min(len(states), comparedChains*t.visible.Len)
	likeness, yardstick := t.moments(states[:n]).Likeness(t.estimating.reference), t.estimating.yardstick
	o.Samples, o.Yardstick = &likeness, &yardstick
	return nil
}
