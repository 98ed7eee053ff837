package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/sample"
)

// mostBegun is the largest number of training rows that give a run that begins with a model the means of its
// hidden units and the start of its chains. It was chosen: means of units with values 0 and 1 have standard errors of
// 0.5/√1000 = 0.016 at most, the offsets soon reach the means over all rows, and the rows are computed one by one.
const mostBegun = 1000

// NewFrom returns a Trainer before its first update that begins with the parameters of a model. The
// model may be trained on other rows. It gives the number of hidden units and the kinds of units where
// c leaves them out; if c has others, that is an error. The run has couplings if c or the model has them.
// Persistent chains start at hidden states drawn given training rows, spread evenly, or with couplings at these
// rows. The training rows give the base rates.
//
// Parallel trajectory tempering is an error, as it begins with a model of independent units, and so is
// a deviation of the initial weights.
func NewFrom(c Config, m *rbm.Model, data *dataset.Set, d engine.Device) (*Trainer, error) {
	if err := checkInput(data, d); err != nil {
		return nil, err
	}
	if rows := data.Train; rows.V != m.Visible.Len() {
		return nil, fmt.Errorf("train: rows of %d values for a model of %d visible units", rows.V, m.Visible.Len())
	}
	if c.Hidden == 0 {
		c.Hidden = m.Hidden.Len()
	}
	c.Lateral = c.Lateral || m.Coupled()
	if c.VisibleUnits == "" {
		c.VisibleUnits = textOf(m.Visible.Units)
	}
	if c.HiddenUnits == "" {
		c.HiddenUnits = textOf(m.Hidden.Units)
	}
	switch {
	case c.Hidden != m.Hidden.Len():
		return nil, &FieldError{"Hidden", c.Hidden, fmt.Sprintf("%d as in the model to begin with", m.Hidden.Len())}
	case c.Algorithm == "ptt":
		return nil, &FieldError{"Algorithm", c.Algorithm,
			"another one beside a model to begin with, as ptt begins with one of independent units"}
	case c.InitialDeviation != 0:
		return nil, &FieldError{"InitialDeviation", c.InitialDeviation, "none beside a model to begin with"}
	}
	for _, l := range []struct {
		field, text string
		layer       rbm.Layer
	}{{"VisibleUnits", c.VisibleUnits, m.Visible}, {"HiddenUnits", c.HiddenUnits, m.Hidden}} {
		units, err := parseUnits(l.text, l.layer.Len())
		if err != nil || !sameUnits(units, l.layer.Units, l.layer.Len()) {
			return nil, &FieldError{l.field, l.text, kindsOf(l.layer) + " as in the model to begin with"}
		}
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return newRun(c, m, data, d)
}

// textOf returns the text of units in a configuration, which is empty for the default kind alone.
func textOf(units engine.Units) string {
	if units.Default() {
		return ""
	}
	return units.String()
}

// kindsOf names the kinds of a layer's units.
func kindsOf(l rbm.Layer) string {
	if l.Units.Default() {
		return engine.Kind(0).String()
	}
	return l.Units.String()
}

// sameUnits reports whether two lists give each of n units the same kind.
func sameUnits(a, b engine.Units, n int) bool {
	for i := range n {
		if a.Of(i) != b.Of(i) {
			return false
		}
	}
	return true
}

// begunWith returns the initial values of a run that begins with a model: its parameters, and the
// hidden means and chains that the training rows give under it.
func (t *Trainer) begunWith(m *rbm.Model) (map[string][]float32, error) {
	rows, seed := t.data.Train, t.config.Seed
	complete := graph.Begun(rows, t.visible.Units, t.baseRates, t.binarize, seed) // with missing cells drawn by the rates
	n := min(rows.N, mostBegun)
	visible, err := sample.DataVisible(context.Background(), t.state.Device(), complete, t.binarize, t.visible.Units, n, seed)
	if err != nil {
		return nil, err
	}
	var means [][]float64 // of the hidden units, by row
	offset := make([]float32, t.hidden.Len)
	for v := range slices.Chunk(visible, t.visible.Len) {
		row := m.MeanHidden(nil, v)
		means = append(means, row)
		for j, mean := range row {
			offset[j] += float32(mean / float64(n))
		}
	}
	initial := parametersByName(m)
	initial[graph.HiddenOffset] = offset
	if t.config.SparsityTarget > 0 {
		initial[graph.Activity] = offset
	}
	if t.replicas() > 0 {
		_, name := t.chained()
		initial[name] = t.begunChains(m, visible, means)
	}
	return initial, nil
}

// parametersByName returns the parameters of a model by the names of their variables.
func parametersByName(m *rbm.Model) map[string][]float32 {
	parameters := map[string][]float32{
		graph.Weights: m.Weights, graph.VisibleBias: m.Visible.Bias, graph.HiddenBias: m.Hidden.Bias,
	}
	if m.Visible.LogVariance != nil {
		parameters[graph.VisibleLogVariance] = m.Visible.LogVariance
	}
	if m.Hidden.LogVariance != nil {
		parameters[graph.HiddenLogVariance] = m.Hidden.LogVariance
	}
	if m.Hidden.Jump != nil {
		parameters[graph.HiddenJump], parameters[graph.HiddenSkew] = m.Hidden.Jump, m.Hidden.Skew
	}
	if m.Coupled() {
		parameters[graph.Lateral] = m.Lateral
	}
	return parameters
}

// begunChains returns the states of the persistent chains of a run that begins with a model, given visible states
// (n,V) of rows and the hidden means of each row. Chain k has the states of row k mod n: with couplings the visible
// ones, else hidden ones drawn given them.
func (t *Trainer) begunChains(m *rbm.Model, visible []float32, means [][]float64) []float32 {
	layer, _ := t.chained()
	chains := make([]float32, t.replicas()*layer.Len)
	visibleOf := func(chain int) []float32 { return visible[chain%len(means)*t.visible.Len:][:t.visible.Len] }
	if t.config.Lateral {
		for chain := range t.replicas() {
			copy(chains[chain*layer.Len:], visibleOf(chain))
		}
		return chains
	}
	// The host alone draws these states, one by one: a generator with a state gives the same on any device.
	random := rand.New(rand.NewPCG(t.config.Seed, uint64(graph.StreamChains)))
	for chain := range t.replicas() {
		mean := means[chain%len(means)]
		for j := 0; j < layer.Len; {
			k := layer.Units.Of(j)
			if !k.Real() {
				k.State(chains[chain*layer.Len+j:][:k.Width()], drawnBy(k, mean[j:j+k.Width()], random.Float64()))
			}
			j += k.Width()
		}
	}
	if layer.Units.Real() {
		fields := make([]float32, 0, len(chains))
		for chain := range t.replicas() {
			for _, x := range m.HiddenField(nil, visibleOf(chain)) {
				fields = append(fields, float32(x))
			}
		}
		shape := engine.RealUnits{Units: layer.Units, LogVariance: m.Hidden.LogVariance, Jump: m.Hidden.Jump, Skew: m.Hidden.Skew}
		shape.Draw(chains, fields, t.config.Seed, graph.StreamChains) // the real states alone
	}
	return chains
}

// drawnBy returns the number of the state of a unit that the uniform number u in [0,1) chooses, given the mean of a unit
// of two states or the probabilities of the states of a unit of several columns.
func drawnBy(k engine.Kind, means []float64, u float64) int {
	low, span := k.Low(), k.High()-k.Low()
	if !k.Several() {
		if float32(u)*span < float32(means[0])-low {
			return 1
		}
		return 0
	}
	for state, p := range means[:len(means)-1] {
		if u -= p; u < 0 {
			return state
		}
	}
	return len(means) - 1
}
