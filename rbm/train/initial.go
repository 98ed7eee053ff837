package train

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// initial returns the initial values of the variables of a new run, by name. Variables that begin with 0 are left out.
func (t *Trainer) initial() map[string][]float32 {
	c := t.config
	weights := make([]float32, t.visible.Len*c.Hidden)
	engine.Normals(weights, c.Seed, graph.StreamWeights, cmp.Or(c.InitialDeviation, initialDeviation))
	initial := map[string][]float32{
		graph.Weights:       weights,
		graph.VisibleBias:   t.independent().Bias,
		graph.VisibleOffset: meansOf(t.visible, t.baseRates),
		graph.HiddenOffset:  meansAtRest(t.hidden),
	}
	if target := c.SparsityTarget; target > 0 {
		activity := slices.Repeat([]float32{float32(target)}, c.Hidden)
		initial[graph.Activity], initial[graph.HiddenOffset] = activity, activity
		initial[graph.HiddenBias] = slices.Repeat([]float32{float32(math.Log(target / (1 - target)))}, c.Hidden)
	}
	if t.visible.Units.Real() {
		initial[graph.VisibleLogVariance] = t.initialLogVariance()
		initial[graph.VisibleBias] = fieldsOf(t.visible, t.baseRates, initial[graph.VisibleLogVariance], initial[graph.VisibleBias])
	}
	if l := t.ladder(); l.levels > 1 {
		maps.Copy(initial, l.start())
	}
	// Hidden units of the default kind start at 0, a state from which the first visible states follow the biases, and so
	// the base rates (chosen). Other kinds may not have this state, and visible units of chains have no such draw.
	layer, name := t.chained()
	if rows := t.replicas(); rows > 0 && (c.Lateral || !layer.Units.Default()) {
		chains := make([]float32, rows*layer.Len)
		engine.Coins(chains, rows, layer.Units, c.Seed, graph.StreamChains)
		initial[name] = chains
	}
	return initial
}

// fieldsOf sets the biases of units with real states, Gaussian ones, to the values that give the units the means, at the
// given log-variances, and returns all biases. Other units keep theirs.
func fieldsOf(l graph.Layer, means, logVariance, bias []float32) []float32 {
	for i := range bias {
		if l.Units.Of(i).Real() {
			bias[i] = means[i] * float32(math.Exp(-float64(logVariance[i])))
		}
	}
	return bias
}

// meansOf returns the means of units, given the rates of their state High, or the means of real ones (see
// [rbm.BaseRates]).
func meansOf(l graph.Layer, rates []float32) []float32 {
	means := make([]float32, l.Len)
	for i, r := range rates {
		k := l.Units.Of(i)
		means[i] = k.Low() + (k.High()-k.Low())*r
	}
	return means
}

// meansAtRest returns the means of units without a field, as hidden units nearly are under small
// weights.
func meansAtRest(l graph.Layer) []float32 {
	means := make([]float32, l.Len)
	for i, x := range layerOf(l).Means(make([]float64, l.Len)) {
		means[i] = float32(x)
	}
	return means
}
