package rbm_test

import (
	"fmt"
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// mixSide is a model by its layers: a layer of discrete units alone, and the other layer, of any units.
type mixSide struct {
	discrete, other rbm.Layer
	m               *rbm.Model
	hidden          bool // the discrete layer is the hidden one
}

// sideOf returns the layers of a model, where one has no real states.
func sideOf(m *rbm.Model) mixSide {
	if m.Visible.Units.Real() {
		return mixSide{m.Hidden, m.Visible, m, true}
	}
	return mixSide{m.Visible, m.Hidden, m, false}
}

// fields returns the fields of the other layer given a state of the discrete one.
func (s mixSide) fields(state []float32) []float64 {
	fields := make([]float64, s.other.Len())
	for j := range fields {
		fields[j] = float64(s.other.Bias[j])
		for i, x := range state {
			at := i*s.m.Hidden.Len() + j
			if s.hidden {
				at = j*s.m.Hidden.Len() + i
			}
			fields[j] += float64(x) * float64(s.m.Weights[at])
		}
	}
	return fields
}

// integrate returns the log of the integral of e^(-E) over the states of the other layer, and their means, unit by unit:
// by Simpson's rule over real states, and by sums over others.
func (s mixSide) integrate(state []float32) (log float64, means []float64) {
	fields := s.fields(state)
	means = make([]float64, len(fields))
	for i, x := range state {
		log += float64(x) * float64(s.discrete.Bias[i])
	}
	for j := 0; j < len(fields); {
		k := s.other.Units.Of(j)
		if k.Several() {
			total := estimate.LogSumExp(fields[j : j+k.Width()])
			for a := range k.Width() {
				means[j+a] = math.Exp(fields[j+a] - total)
			}
			log, j = log+total, j+k.Width()
			continue
		}
		one := rbm.NewLayer(engine.NewUnits(k, 1), 1)
		if k.Real() {
			one.LogVariance[0] = s.other.LogVariance[j]
		}
		if k.Sides() {
			one.Jump[0], one.Skew[0] = s.other.Jump[j], s.other.Skew[j]
		}
		total, first := unitIntegrals(one, fields[j])
		log, means[j] = log+math.Log(total), first/total
		j++
	}
	return log, means
}

// TestRandomMixes: of 20 random mixes of units, log Z, the marginals of a discrete layer, the means of the other one,
// its conditional probabilities, the energy and the gradient are what sums and integrals over the units give. A Gibbs
// step keeps the distribution of discrete units. Sums over discrete units are of fewer than 2⁸ terms, whose logs are
// below 20: they round within 2⁸·2⁻⁵³·20 < 1e-12. Of at most 7 units with real states each has simpsonTolerance.
func TestRandomMixes(t *testing.T) {
	for n, m := range rbmtest.RandomMixes(t, 20) {
		name := fmt.Sprintf("mix %d, %v beside %v", n, m.Visible.Units, m.Hidden.Units)
		const rounding = 1e-12
		tolerance := rounding
		if m.Visible.Units.Real() || m.Hidden.Units.Real() {
			tolerance = 7 * simpsonTolerance
		}
		s, logZ := sideOf(m), rbmtest.LogPartition(t, m)
		var logs []float64
		model := rbm.NewGradient(m)
		for _, state := range s.discrete.States() {
			log, means := s.integrate(state)
			logs = append(logs, log)
			p := math.Exp(log - logZ)
			other := sampleState(s.other, n)
			var got []float64
			var marginal, conditional float64
			v, h := state, other
			if s.hidden {
				v, h = other, state
				got, marginal, conditional = m.MeanVisible(nil, h), m.LogMarginalHidden(h, logZ), m.LogConditionalVisible(v, h)
				rbm.AddMoments(model, p, means, h)
			} else {
				got, marginal, conditional = m.MeanHidden(nil, v), m.LogMarginalVisible(v, logZ), m.LogConditionalHidden(h, v)
				rbm.AddMoments(model, p, v, means)
			}
			rbmtest.Near(t, rbmtest.At(name+": log p", state), marginal, log-logZ, tolerance)
			for j, mean := range means {
				rbmtest.Near(t, fmt.Sprintf("%s: mean %d", name, j), got[j], mean, tolerance)
			}
			rbmtest.Near(t, name+": log of a conditional", conditional, m.LogJoint(v, h, 0)-log, tolerance)
			energy := m.Visible.Energy(v) + m.Hidden.Energy(h)
			for i, x := range v {
				for j, y := range h {
					energy -= float64(x) * float64(y) * float64(m.Weights[i*len(h)+j])
				}
			}
			rbmtest.Near(t, name+": energy", m.Energy(v, h), energy, rounding)
		}
		rbmtest.Near(t, name+": log Z", logZ, estimate.LogSumExp(logs), tolerance)

		rows := append(sampleState(m.Visible, 0), sampleState(m.Visible, 1)...)
		g, err := m.LogLikelihoodGradient(rows, logZ)
		if err != nil {
			t.Fatal(err)
		}
		data := rbm.NewGradient(m)
		for k := range 2 {
			v := rows[k*m.Visible.Len() : (k+1)*m.Visible.Len()]
			means := m.MeanHidden(nil, v)
			if !s.hidden {
				_, means = s.integrate(v)
			}
			rbm.AddMoments(data, 0.5, v, means)
		}
		for what, x := range map[string][3][]float64{
			"weights": {g.Weights, data.Weights, model.Weights}, "visible biases": {g.VisibleBias, data.VisibleBias, model.VisibleBias},
			"hidden biases": {g.HiddenBias, data.HiddenBias, model.HiddenBias},
		} {
			for i := range x[0] {
				// A term is a mean below 4 times a probability.
				rbmtest.Near(t, fmt.Sprintf("%s: gradient of %s, %d", name, what, i), x[0][i], x[1][i]-x[2][i], 4*tolerance)
			}
		}
		if !m.Visible.Units.Real() && !m.Hidden.Units.Real() {
			p := rbmtest.VisibleProbabilities(t, m)
			for k, q := range m.GibbsStep(p) {
				rbmtest.Near(t, fmt.Sprintf("%s: state %d after a Gibbs step", name, k), q, p[k], rounding)
			}
		}
	}
}

// sampleState returns a state of a layer, another one for another n. Real states are 0.3, 0.7 or 1.1.
func sampleState(l rbm.Layer, n int) []float32 {
	state := make([]float32, l.Len())
	for j := 0; j < l.Len(); {
		k := l.Units.Of(j)
		if k.Real() {
			state[j] = float32(0.3 + 0.4*float64((n+j)%3))
		} else {
			k.State(state[j:j+k.Width()], (n+j)%k.States())
		}
		j += k.Width()
	}
	return state
}
