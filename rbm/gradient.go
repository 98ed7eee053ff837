package rbm

import (
	"fmt"
	"math"
	"slices"

	"harmonium/engine"
)

// Gradient is a direction of ascent in the parameters, laid out as in Model.
type Gradient struct {
	Weights     []float64 // ΔW (V,H)
	VisibleBias []float64 // Δa (V)
	HiddenBias  []float64 // Δb (H)
	Lateral     []float64 // ΔL (V,V), symmetric and 0 within a unit; nil without couplings

	// VisibleLogVariance is Δz (V), the direction of the log-variances; nil if no visible states are real.
	VisibleLogVariance []float64

	// HiddenJump and HiddenSkew are the directions (H) of the jumps and skews; nil if no units have sides. The
	// variances of hidden units have none: weights and biases can take their place.
	HiddenJump, HiddenSkew []float64

	visible Layer // of the model
}

func newGradient(m *Model) *Gradient {
	g := &Gradient{
		Weights:     make([]float64, m.Visible.Len()*m.Hidden.Len()),
		VisibleBias: make([]float64, m.Visible.Len()),
		HiddenBias:  make([]float64, m.Hidden.Len()),
		visible:     m.Visible,
	}
	if m.Coupled() {
		g.Lateral = make([]float64, len(m.Lateral))
	}
	if m.Visible.LogVariance != nil {
		g.VisibleLogVariance = make([]float64, m.Visible.Len())
	}
	if m.Hidden.Units.Sides() {
		g.HiddenJump, g.HiddenSkew = make([]float64, m.Hidden.Len()), make([]float64, m.Hidden.Len())
	}
	return g
}

// LogLikelihoodGradient returns the gradient of the mean log p(v) over rows
// (N,V), N ≥ 1:
//
//	ΔW = ⟨v p(h|v)ᵀ⟩ - ⟨v hᵀ⟩p,  Δa = ⟨v⟩ - ⟨v⟩p,  Δb = ⟨p(h|v)⟩ - ⟨h⟩p
//	ΔL = ⟨v vᵀ⟩ - ⟨v vᵀ⟩p
//	Δz = ⟨v²/2σ²⟩ - ⟨v²/2σ²⟩p    for z = log σ² of real visible states
//	Δψ = ⟨∂Γ/∂ψ⟩ - ⟨∂Γ/∂ψ⟩p      for ψ a jump or skew of a hidden unit
//
// where p(h|v) stands for the means of h given v, ⟨·⟩ for the mean over the rows, and ⟨·⟩p for
// the mean over the model's distribution, enumerated over the layer with fewer states, or in closed form (see
// [Model.Gaussian]). logZ is the exact log Z. It is an error if the enumerated layer has more than 2^25 states, or
// there is no distribution. It panics where LogLikelihood panics.
func (m *Model) LogLikelihoodGradient(rows []float32, logZ float64) (*Gradient, error) {
	if bits := m.EnumeratedBits(); bits > defaultPartitionUnits {
		return nil, fmt.Errorf("rbm: exact gradient: 2^%.4g states of the %s layer, want at most 2^%d", bits, m.enumeratedName(), defaultPartitionUnits)
	}
	g := m.PositivePhase(rows)
	if m.Gaussian() {
		return g, m.addNormal(g, -1)
	}
	if m.enumeratesVisible() {
		for v, logP := range m.EnumerateVisible(logZ) {
			m.addStates(g, -math.Exp(logP), v)
		}
		return g, nil
	}
	for h, logP := range m.EnumerateHidden(logZ) {
		field := m.VisibleField(nil, h)
		m.addSlopes(g, -math.Exp(logP), field)
		addMoments(g, -math.Exp(logP), m.Visible.Means(field), h)
	}
	return g, nil
}

// Centered returns the gradient of the centered model with offsets visible μ
// (V) and hidden λ (H), expressed in the ordinary parameters. From the plain
// gradient g it is
//
//	ΔW_c = ΔW - μ Δbᵀ - Δa λᵀ,  Δa_c = Δa - ΔW_c λ,  Δb_c = Δb - ΔW_cᵀ μ,
//
// where ΔW_c is the difference of the means of (v-μ)(p(h|v)-λ)ᵀ. Couplings are centered likewise, by
// ΔL_c = ΔL - μ Δaᵀ - Δa μᵀ and -ΔL_c μ in Δa_c. With offsets of zero the
// result equals g. Where the two states of visible units are exchanged in data, offsets and model, the centered
// gradient changes as the parameters do. It panics if an offset has another length.
//
// Sources: Montavon and Müller, Deep Boltzmann Machines and the Centering Trick,
// 2012; Melchior, Fischer and Wiskott, How to Center Deep Boltzmann Machines,
// 2016.
func (g *Gradient) Centered(visible, hidden []float32) *Gradient {
	if len(visible) != len(g.VisibleBias) || len(hidden) != len(g.HiddenBias) {
		panic(fmt.Sprintf("rbm: %d visible and %d hidden offsets, want %d and %d",
			len(visible), len(hidden), len(g.VisibleBias), len(g.HiddenBias)))
	}
	c := &Gradient{
		Weights:     slices.Clone(g.Weights),
		VisibleBias: slices.Clone(g.VisibleBias),
		HiddenBias:  slices.Clone(g.HiddenBias),
		Lateral:     slices.Clone(g.Lateral),

		VisibleLogVariance: slices.Clone(g.VisibleLogVariance),
		HiddenJump:         slices.Clone(g.HiddenJump),
		HiddenSkew:         slices.Clone(g.HiddenSkew),

		visible: g.visible,
	}
	for i, mu := range visible {
		for j, lambda := range hidden {
			w := &c.Weights[i*len(hidden)+j]
			*w -= float64(mu)*g.HiddenBias[j] + g.VisibleBias[i]*float64(lambda)
			c.VisibleBias[i] -= *w * float64(lambda)
			c.HiddenBias[j] -= *w * float64(mu)
		}
	}
	if g.Lateral != nil {
		c.centerCouplings(g.visible, g.VisibleBias, visible)
	}
	return c
}

// PositivePhase returns the data's term of each part of the gradient (see LogLikelihoodGradient), such as the means
// ⟨v p(h|v)ᵀ⟩, ⟨v⟩ and ⟨p(h|v)⟩ over rows (N,V), N ≥ 1. It panics where LogLikelihood does.
func (m *Model) PositivePhase(rows []float32) *Gradient {
	g := newGradient(m)
	weight := 1 / float64(m.checkRows(rows))
	for v := range slices.Chunk(rows, m.Visible.Len()) {
		m.addStates(g, weight, v)
		for i, s := range v { // not in addStates, which also takes enumerated states, never real ones
			if m.Visible.Units.Of(i).Real() {
				g.VisibleLogVariance[i] += weight * float64(s) * float64(s) / 2 * math.Exp(-m.Visible.shape(i).LogVariance)
			}
		}
	}
	return g
}

// addStates adds weight times the statistics of states v with the means of h given v: all but v²/2σ².
func (m *Model) addStates(g *Gradient, weight float64, v []float32) {
	fields := m.HiddenField(nil, v)
	for j, x := range fields {
		if k := m.Hidden.Units.Of(j); k.Sides() {
			g.HiddenJump[j] += weight * k.Slope(x, m.Hidden.shape(j), engine.ByJump)
			g.HiddenSkew[j] += weight * k.Slope(x, m.Hidden.shape(j), engine.BySkew)
		}
	}
	addMoments(g, weight, v, m.Hidden.Means(fields))
	if g.Lateral != nil {
		g.addPairs(m.Visible, weight, v)
	}
}

// addSlopes adds weight times ⟨v²/2σ²⟩ given the fields of the visible units.
func (m *Model) addSlopes(g *Gradient, weight float64, fields []float64) {
	for i, x := range fields {
		if k := m.Visible.Units.Of(i); k.Real() {
			g.VisibleLogVariance[i] += weight * k.Slope(x, m.Visible.shape(i), engine.ByLogVariance)
		}
	}
}

// addMoments adds weight times v hᵀ, v and h to g. A layer that is summed out in closed
// form is given by its means.
func addMoments[V, H float32 | float64](g *Gradient, weight float64, v []V, h []H) {
	for i, vi := range v {
		scaled := weight * float64(vi)
		g.VisibleBias[i] += scaled
		for j, hj := range h {
			g.Weights[i*len(h)+j] += scaled * float64(hj)
		}
	}
	for j, hj := range h {
		g.HiddenBias[j] += weight * float64(hj)
	}
}
