package train

import (
	"strings"

	"gorgonia.org/gorgonia"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// The values of [Config].Gauge.
const (
	gaugeKept    = "as-is"    // the parameters stay as the updates leave them
	gaugeZeroSum = "zero-sum" // each update ends as [rbm.Model.ZeroSum] does
)

// gaugeGraph returns the graph that moves the parameters into the zero-sum gauge, which leaves the distribution as it
// is. It follows every update. What a gauge takes from the weights of a categorical unit goes to the biases of the other
// layer, whatever the kinds of its units, as weights and biases enter their fields alike.
func gaugeGraph(b *graph.Builder) *gorgonia.ExprGraph {
	weights, visibleBias, hiddenBias := b.Weights(), b.VisibleBias(), b.HiddenBias()
	w, a, h := weights, visibleBias, hiddenBias
	visible, hidden := b.VisibleUnits, b.HiddenUnits
	if visible.Several() {
		h = engine.NewZeroSumShift(h, w, engine.ZeroSumShift{Units: visible, Side: engine.VisibleSide})
		w = engine.NewZeroSum(w, engine.ZeroSum{Units: visible, Side: engine.VisibleSide})
	}
	if hidden.Several() {
		a = engine.NewZeroSumShift(a, w, engine.ZeroSumShift{Units: hidden, Side: engine.HiddenSide})
		w = engine.NewZeroSum(w, engine.ZeroSum{Units: hidden, Side: engine.HiddenSide})
	}
	// The biases of a layer are one row of columns, as the weights are rows of columns of the hidden side.
	if hidden.Several() {
		h = engine.NewZeroSum(h, engine.ZeroSum{Units: hidden, Side: engine.HiddenSide})
	}
	if visible.Several() {
		a = engine.NewZeroSum(a, engine.ZeroSum{Units: visible, Side: engine.HiddenSide})
	}
	engine.Assign(weights, w)
	if a != visibleBias {
		engine.Assign(visibleBias, a)
	}
	if h != hiddenBias {
		engine.Assign(hiddenBias, h)
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
		if strings.Contains(name, "/") { // with the number of columns behind it
			several = append(several, name)
		}
	}
	return &FieldError{"Gauge", t.config.Gauge, "as-is without units of several columns (" + strings.Join(several, ", ") + ")"}
}
