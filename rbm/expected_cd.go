package rbm

import (
	"fmt"
	"math"
	"slices"
)

// maxChainUnits bounds V + H where the transitions of a chain are enumerated.
const maxChainUnits = 20

// ExpectedCDGradient returns the expectation of the CD-k gradient, k = steps ≥ 1,
// over the Gibbs chains that start at rows (N,V) of states, N ≥ 1:
//
//	ΔW = ⟨v p(h|v)ᵀ⟩ - ⟨v p(h|v)ᵀ⟩k,  Δa = ⟨v⟩ - ⟨v⟩k,  Δb = ⟨p(h|v)⟩ - ⟨p(h|v)⟩k
//
// where p(h|v) stands for the means of h given v, ⟨·⟩ for the mean over the rows, and ⟨·⟩k for the
// mean over the exact distribution of the chains after k steps v→h→v. It is an error if the
// model has more than 20 units, a value is not a state, or k < 1. It panics where
// LogLikelihood panics. The cost is k calls of GibbsStep.
//
// Source: Hinton, Training Products of Experts by Minimizing Contrastive
// Divergence, 2002.
func (m *Model) ExpectedCDGradient(rows []float32, steps int) (*Gradient, error) {
	if steps < 1 {
		return nil, fmt.Errorf("rbm: expected CD gradient: %d Gibbs steps, want at least 1", steps)
	}
	if units := m.Visible.Len() + m.Hidden.Len(); units > maxChainUnits {
		return nil, fmt.Errorf("rbm: expected CD gradient: %d units, want at most %d", units, maxChainUnits)
	}
	for n, x := range rows {
		row, i := n/m.Visible.Len(), n%m.Visible.Len()
		if k := m.Visible.Units.Of(i); !m.Visible.IsState(i, x) {
			return nil, fmt.Errorf("rbm: expected CD gradient: row %d: value %v, want %v or %v", row, x, k.Low(), k.High())
		}
	}
	g := m.PositivePhase(rows)
	p := m.empirical(rows)
	for range steps {
		p = m.GibbsStep(p)
	}
	for n, v := range m.Visible.States() {
		addMoments(g, -p[n], v, m.MeanHidden(nil, v))
	}
	return g, nil
}

// GibbsStep returns the distribution (2^V) of v' after one Gibbs step v→h→v'
// from a v with distribution p (2^V), numbered as by [Layer.States]:
//
//	p'(v') = Σ_h p(v'|h) Σ_v p(h|v) p(v)
//
// The model's own p(v) is its fixed point. The cost is 2·2^(V+H) conditional
// probabilities. It panics above 20 units or if p has another length.
func (m *Model) GibbsStep(p []float64) []float64 {
	if m.Visible.Len()+m.Hidden.Len() > maxChainUnits || len(p) != 1<<m.Visible.Len() {
		panic(fmt.Sprintf("rbm: %d probabilities for %d units, want 2^%d for at most %d",
			len(p), m.Visible.Len()+m.Hidden.Len(), m.Visible.Len(), maxChainUnits))
	}
	hidden := make([]float64, 1<<m.Hidden.Len())
	for n, v := range m.Visible.States() {
		for k, h := range m.Hidden.States() {
			hidden[k] += p[n] * math.Exp(m.LogConditionalHidden(h, v))
		}
	}
	visible := make([]float64, 1<<m.Visible.Len())
	for k, h := range m.Hidden.States() {
		for n, v := range m.Visible.States() {
			visible[n] += hidden[k] * math.Exp(m.LogConditionalVisible(v, h))
		}
	}
	return visible
}

// empirical returns the frequencies (2^V) of the visible states in rows.
func (m *Model) empirical(rows []float32) []float64 {
	p := make([]float64, 1<<m.Visible.Len())
	weight := 1 / float64(m.checkRows(rows))
	for v := range slices.Chunk(rows, m.Visible.Len()) {
		p[m.Visible.Number(v)] += weight
	}
	return p
}
