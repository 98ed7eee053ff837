package rbm

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"harmonium/rbm/estimate"
)

// Stack holds models above each other, the first one next to the data: the hidden units of each are
// the visible units of the next one. Together they are a deep belief network of L layers of hidden
// units,
//
//	p(v,h₁,…,h_L) = p₁(v|h₁)·p₂(h₁|h₂)·…·p_L(h_{L-1},h_L),
//
// in which only the last model is an RBM, and the others give p(states of a layer | states of the layer
// above) (Hinton, Osindero and Teh, A fast learning algorithm for deep belief nets, 2006). A stack of
// one model is this model.
type Stack []*Model

// Check returns an error unless the stack has models, each has as many visible units, of the same kinds, as the model
// below it has hidden ones, and none below the last has couplings.
func (s Stack) Check() error {
	if len(s) == 0 {
		return errors.New("rbm: a stack without models")
	}
	for l, m := range s[1:] {
		if s[l].Coupled() {
			return fmt.Errorf("rbm: model %d of the stack has couplings among its visible units, want none below the last "+
				"model, where they are drawn independently given the hidden ones", l+1)
		}
		below := s[l].Hidden
		if m.Visible.Len() != below.Len() {
			return fmt.Errorf("rbm: model %d of the stack has %d visible columns, want %d, the hidden columns of model %d",
				l+2, m.Visible.Len(), below.Len(), l+1)
		}
		if got, want := m.Visible.groups(), below.groups(); !slices.Equal(got, want) {
			return fmt.Errorf("rbm: model %d of the stack has the visible units %v, want %v, the hidden units of model %d",
				l+2, got, want, l+1)
		}
	}
	return nil
}

// Top returns the last model.
func (s Stack) Top() *Model { return s[len(s)-1] }

// LogProbability returns log p(v) for v (V), where logZ is the log Z of the last model. It sums over all
// states of the hidden layers but the last. It panics if v has another length, or where a layer has
// more than 2^30 states.
func (s Stack) LogProbability(v []float32, logZ float64) float64 {
	m := s[0]
	if len(s) == 1 {
		return m.LogMarginalVisible(v, logZ)
	}
	var terms []float64
	for _, h := range m.Hidden.States() {
		terms = append(terms, m.LogConditionalVisible(v, h)+s[1:].LogProbability(h, logZ))
	}
	return estimate.LogSumExp(terms)
}

// Bound returns the lower bound of log p(v),
//
//	Σ_h p₁(h|v)·(log p₁(v|h) - log p₁(h|v) + log p(h)),
//
// where log p(h) is bounded in the same way for the models above (Hinton, Osindero and Teh 2006,
// eq. 8). It falls short of log p(v) by the divergence of p₁(h|v) from the stack's own p(h|v).
// It costs as much as LogProbability, and panics where that does.
func (s Stack) Bound(v []float32, logZ float64) float64 {
	m := s[0]
	if len(s) == 1 {
		return m.LogMarginalVisible(v, logZ)
	}
	var bound float64
	for _, h := range m.Hidden.States() {
		log := m.LogConditionalHidden(h, v)
		bound += math.Exp(log) * (m.LogConditionalVisible(v, h) - log + s[1:].Bound(h, logZ))
	}
	return bound
}

// Transposed returns the model with its layers exchanged, so that its hidden units given visible ones
// are the visible units of m given hidden ones. It has no couplings, no base rates and no provenance. The
// layers' slices belong to m.
func (m *Model) Transposed() *Model {
	visible := m.Visible.Len()
	t := &Model{Visible: m.Hidden, Hidden: m.Visible, Weights: make([]float32, len(m.Weights))}
	for i := range visible {
		for j, w := range m.weightsOf(i) {
			t.Weights[j*visible+i] = w
		}
	}
	return t
}
