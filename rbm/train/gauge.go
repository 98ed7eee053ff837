package train

import (
	"strings"

	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// The gauges: of the updates alone, and of [rbm.Model.ZeroSum].
const (
	gaugeKept    = "as-is"
	gaugeZeroSum = "zero-sum"
)

// gaugeGraph returns the graph that moves the parameters into the zero-sum gauge, which leaves the distribution as it
// is. It follows every update. What a gauge takes from the weights of a categorical unit goes to the biases of the other
// layer, whatever the kinds of its units, as weights and biases enter their fields alike.
func gaugeGraph(b *graph.Builder) *gorgonia.ExprGraph {
	weights, visible, hidden := b.Weights(), b.VisibleBias(), b.HiddenBias()
	w, a, h := weights, visible, hidden
	if b.VisibleUnits.Several() {
		units := b.VisibleUnits
		h = engine.NewZeroSumShift(h, w, engine.ZeroSumShift{Units: units, Side: engine.VisibleSide})
		w = engine.NewZeroSum(w, engine.ZeroSum{Units: units, Side: engine.VisibleSide})
	}
	if b.HiddenUnits.Several() {
		units := b.HiddenUnits
		a = engine.NewZeroSumShift(a, w, engine.ZeroSumShift{Units: units, Side: engine.HiddenSide})
		w = engine.NewZeroSum(w, engine.ZeroSum{Units: units, Side: engine.HiddenSide})
		h = engine.NewZeroSum(h, engine.ZeroSum{Units: units, Side: engine.HiddenSide})
	}
	if b.VisibleUnits.Several() {
		a = engine.NewZeroSum(a, engine.ZeroSum{Units: b.VisibleUnits, Side: engine.HiddenSide})
	}
	engine.Assign(weights, w)
	if a != visible {
		engine.Assign(visible, a)
	}
	if h != hidden {
		engine.Assign(hidden, h)
	}
	return b.Graph
}

// compileGauge makes the plan of the gauge, if the run has one.
func (t *Trainer) compileGauge() (err error) {
	if t.config.Gauge == gaugeZeroSum {
		t.gauge, err = engine.Compile(gaugeGraph(t.newBuilder(t.config.Seed)), t.state)
	}
	return err
}

// checkGauge returns an error for a gauge of units that have none.
func (t *Trainer) checkGauge() error {
	if t.config.Gauge != gaugeZeroSum || t.visible.Units.Several() || t.hidden.Units.Several() {
		return nil
	}
	var several []string
	for _, name := range engine.KindNames() {
		if strings.Contains(name, "/") {
			several = append(several, name)
		}
	}
	return &FieldError{"Gauge", t.config.Gauge, "as-is without units of several columns (" + strings.Join(several, ", ") + ")"}
}
