package train

import (
	"strings"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// setLayers sets the two layers of the model, or returns a [*FieldError] for units that cannot be in them, and for
// settings that the units rule out.
func (t *Trainer) setLayers() error {
	c, visible := t.config, t.data.Train.V
	visibleUnits, err := parseUnits(c.VisibleUnits, visible)
	if err != nil {
		return &FieldError{"VisibleUnits", c.VisibleUnits, unitsWanted(visible, engine.VisibleRealKindNames()...)}
	}
	hiddenUnits, err := parseUnits(c.HiddenUnits, c.Hidden)
	if err != nil {
		return &FieldError{"HiddenUnits", c.HiddenUnits, unitsWanted(c.Hidden, engine.RealKindNames()...)}
	}
	switch {
	case rbm.CheckReal(visibleUnits, nil) != nil:
		return &FieldError{"VisibleUnits", c.VisibleUnits, unitsWanted(visible, engine.VisibleRealKindNames()...)}
	case rbm.CheckReal(visibleUnits, hiddenUnits) != nil:
		return &FieldError{"HiddenUnits", c.HiddenUnits,
			"units without real states beside visible units that have some, or " + strings.Join(engine.VisibleRealKindNames(), " or ") +
				" ones in both layers alone: others have no distribution where their weights are large"}
	case visibleUnits.Real() && hiddenUnits.Real() && c.Algorithm != "pcd" && c.Algorithm != "cd":
		return &FieldError{"Algorithm", c.Algorithm, "pcd or cd with real states in both layers: " +
			"the chains of others have other parameters too, which may give no distribution"}
	case visibleUnits.Real() && hiddenUnits.Real() && t.incomplete():
		return &FieldError{"HiddenUnits", c.HiddenUnits, "units without real states beside real visible units with missing " +
			"cells: the log-likelihood of known cells is not computed for real states in both layers"}
	case c.Sigma != "" && !visibleUnits.Real():
		return &FieldError{"Sigma", c.Sigma, "none without visible units that have real states"}
	}
	if c.Lateral && visibleUnits.Real() {
		return &FieldError{"VisibleUnits", c.VisibleUnits, "discrete ones beside couplings, which sweeps draw in turn"}
	}
	t.visible, t.hidden = graph.Layer{Len: visible, Units: visibleUnits}, graph.Layer{Len: c.Hidden, Units: hiddenUnits}
	return nil
}

// incomplete reports whether cells of any part of the data are missing.
func (t *Trainer) incomplete() bool {
	for _, rows := range []*dataset.Rows{t.data.Train, t.data.Valid, t.data.Test} {
		if rows != nil && rows.Missing != nil {
			return true
		}
	}
	return false
}

// layerOf returns the layer with biases of 0.
func layerOf(l graph.Layer) rbm.Layer {
	return rbm.Layer{Units: l.Units, Bias: make([]float32, l.Len)}
}
