package rbm

import "harmonium/engine"

// ZeroSum moves a model into the zero-sum gauge, in which the biases of each unit of several columns sum
// to zero over its columns, and so do its weights to each column of the other layer:
//
//	w_iaj → w_iaj - ω_ij,    b_j → b_j + Σ_i ω_ij,    a_ia → a_ia - ā_i
//
// with ω_ij and ā_i the means over the columns a of a visible unit i, and the mirror image for hidden
// units. Couplings move like weights. p(v,h) stays as it is, up to the rounding of parameters to float32, and log Z falls by the sum of
// ā_i over the visible units and of its mirror image. Models are comparable parameter by parameter in one
// gauge alone. Units of one column keep their weights to each other.
func (m *Model) ZeroSum() {
	visible, hidden := m.Visible.Len(), m.Hidden.Len()
	m.Visible.eachUnit(func(k engine.Kind, from, to int) {
		if k.Several() {
			for j := range hidden {
				m.Hidden.Bias[j] += centered(m.Weights[j:], hidden, from, to)
			}
		}
	})
	m.Hidden.eachUnit(func(k engine.Kind, from, to int) {
		if k.Several() {
			for i := range visible {
				m.Visible.Bias[i] += centered(m.Weights[i*hidden:], 1, from, to)
			}
		}
	})
	if m.Coupled() {
		m.zeroSumCouplings()
	}
	for _, l := range []Layer{m.Visible, m.Hidden} {
		l.eachUnit(func(k engine.Kind, from, to int) {
			if k.Several() {
				centered(l.Bias, 1, from, to)
			}
		})
	}
}

// centered subtracts the mean of the elements from, …, to-1 of x, which are stride apart, from each of
// them, and returns it.
func centered(x []float32, stride, from, to int) float32 {
	var sum float64
	for i := from; i < to; i++ {
		sum += float64(x[i*stride])
	}
	mean := sum / float64(to-from)
	for i := from; i < to; i++ {
		x[i*stride] = float32(float64(x[i*stride]) - mean)
	}
	return float32(mean)
}
