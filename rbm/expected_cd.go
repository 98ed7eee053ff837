package rbm

import (
	"fmt"
	"math"
	"slices"
)

// maxChainUnits is the largest log2 of the number of states (v,h) for which the transitions of a chain are
// enumerated. With two states a unit it is the largest V + H. Chosen: a Gibbs step then takes seconds, and
// with couplings up to half a minute.
const maxChainUnits = 20

// ExpectedCDGradient returns the expectation of the CD-k gradient, k = steps ≥ 1,
// over the Gibbs chains that start at rows (N,V) of states, N ≥ 1:
//
//	ΔW = ⟨v p(h|v)ᵀ⟩ - ⟨v p(h|v)ᵀ⟩k,  Δa = ⟨v⟩ - ⟨v⟩k,  Δb = ⟨p(h|v)⟩ - ⟨p(h|v)⟩k
//
// and ΔL = ⟨vvᵀ⟩ - ⟨vvᵀ⟩k of couplings, where p(h|v) stands for the means of h given v, ⟨·⟩ for the mean over the rows, and ⟨·⟩k for the
// mean over the exact distribution of the chains after k steps v→h→v. It is an error if the
// model has more than 2^20 states, a value is not a state, or k < 1. It panics where
// LogLikelihood panics. The cost is k calls of GibbsStep.
//
// Source: Hinton, Training Products of Experts by Minimizing Contrastive
// Divergence, 2002.
func (m *Model) ExpectedCDGradient(rows []float32, steps int) (*Gradient, error) {
	if steps < 1 {
		return nil, fmt.Errorf("rbm: expected CD gradient: %d Gibbs steps, want at least 1", steps)
	}
	if bits := m.Visible.Bits() + m.Hidden.Bits(); bits > maxChainUnits {
		return nil, fmt.Errorf("rbm: expected CD gradient: 2^%.4g states, want at most 2^%d", bits, maxChainUnits)
	}
	if err := m.Visible.CheckStates(rows, false); err != nil {
		return nil, fmt.Errorf("rbm: expected CD gradient: %w", err)
	}
	g := m.PositivePhase(rows)
	p := m.empirical(rows)
	for range steps {
		p = m.GibbsStep(p)
	}
	for n, v := range m.Visible.States() {
		m.addStates(g, -p[n], v)
	}
	return g, nil
}

// GibbsStep returns the distribution of v' after one Gibbs step v→h→v' from a v with distribution p, a
// probability for each state in the order of [Layer.States]:
//
//	p'(v') = Σ_h p(v'|h) Σ_v p(h|v) p(v)
//
// With couplings the visible units are drawn one by one, in rising order, each given h and the others.
// The model's own p(v) is a fixed point. The cost is two conditional probabilities for each state (v,h). With
// couplings it is one, and one more for each state of each visible unit. It panics above 2^20 of these states, or if p
// has another length.
func (m *Model) GibbsStep(p []float64) []float64 {
	if bits := m.Visible.Bits() + m.Hidden.Bits(); bits > maxChainUnits || len(p) != m.Visible.CountStates() {
		panic(fmt.Sprintf("rbm: %d probabilities, want one for each visible state, of a model with at most 2^%d states of both layers",
			len(p), maxChainUnits))
	}
	if m.Coupled() {
		return m.sweepStep(p)
	}
	hidden := make([]float64, m.Hidden.CountStates())
	for n, v := range m.Visible.States() {
		for k, h := range m.Hidden.States() {
			hidden[k] += p[n] * math.Exp(m.LogConditionalHidden(h, v))
		}
	}
	visible := make([]float64, m.Visible.CountStates())
	for k, h := range m.Hidden.States() {
		for n, v := range m.Visible.States() {
			visible[n] += hidden[k] * math.Exp(m.LogConditionalVisible(v, h))
		}
	}
	return visible
}

// empirical returns the frequencies of the visible states in rows.
func (m *Model) empirical(rows []float32) []float64 {
	p := make([]float64, m.Visible.CountStates())
	weight := 1 / float64(m.checkRows(rows))
	for v := range slices.Chunk(rows, m.Visible.Len()) {
		p[m.Visible.Number(v)] += weight
	}
	return p
}
