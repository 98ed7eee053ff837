package train

import (
	"context"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm/internal/rbmtest"
)

// TestEstimateOfALostMode: neither annealing nor the chains reach the mode that has nearly all the mass of
// the model, but some training rows lie there. They bound log Z from below. It is estimated, since both layers have more
// than exactBits units.
func TestEstimateOfALostMode(t *testing.T) {
	m, rows, logZ, tolerance := rbmtest.LostMode(t)
	c := pcdConfig()
	c.Hidden, c.Updates, c.Binarize = m.Hidden.Len(), 1, "none" // none is made, but a trainer wants one at least
	trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
	trainer.setModel(t, m, "")
	o, err := trainer.Estimate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rbmtest.Near(t, "log Z", o.LogZ, logZ, tolerance)
	if o.LogZLow == nil || *o.LogZLow != o.LogZ || o.LogZHigh != nil {
		t.Errorf("log Z is from %v to %v, want it from %v without an upper end", o.LogZLow, o.LogZHigh, o.LogZ)
	}
}
