package rbm

import "iter"

// EnumerateVisible yields all visible states v with -F(v) - logZ, in the order of [Layer.States]:
// log p(v) if logZ is the model's log Z. The slice of the state is reused: a caller that keeps it must copy it. It
// panics above 2^30 states.
func (m *Model) EnumerateVisible(logZ float64) iter.Seq2[[]float32, float64] {
	return enumerate(m.Visible, func(v []float32) float64 { return m.LogMarginalVisible(v, logZ) })
}

// EnumerateHidden yields all hidden states h with LogMarginalHidden(h, logZ), as EnumerateVisible does.
func (m *Model) EnumerateHidden(logZ float64) iter.Seq2[[]float32, float64] {
	return enumerate(m.Hidden, func(h []float32) float64 { return m.LogMarginalHidden(h, logZ) })
}

// enumerate yields all states of a layer with the values of f.
func enumerate(l Layer, f func(state []float32) float64) iter.Seq2[[]float32, float64] {
	all := l.States()
	return func(yield func([]float32, float64) bool) {
		for _, state := range all {
			if !yield(state, f(state)) {
				return
			}
		}
	}
}
