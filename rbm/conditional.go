package rbm

// No two hidden units are joined, and without couplings no two visible ones. Given one layer, the units of
// the other layer are therefore independent, and each depends only on its field. For units of a finite
// number of states
//
//	p(h|v) = Π_j p(h_j|v),  p(h_j|v) = e^(h_j x_j - Γ_j(x_j)),  x_j = b_j + Σ_i v_i w_ij
//	p(v|h) = Π_i p(v_i|h),  p(v_i|h) = e^(v_i y_i - Γ_i(y_i)),  y_i = a_i + Σ_j w_ij h_j

// HiddenField writes to dst (H) the fields b_j + Σ_i v_i w_ij of the hidden
// units given v (V), and returns dst. A nil dst is allocated. It panics if a
// slice has another length.
func (m *Model) HiddenField(dst []float64, v []float32) []float64 {
	m.Visible.mustHold(len(v))
	if dst == nil {
		dst = make([]float64, m.Hidden.Len())
	}
	m.Hidden.mustHold(len(dst))
	for j, b := range m.Hidden.Bias {
		dst[j] = float64(b)
	}
	for i, vi := range v {
		if vi == 0 {
			continue
		}
		for j, w := range m.weightsOf(i) {
			dst[j] += float64(vi) * float64(w)
		}
	}
	return dst
}

// VisibleField writes to dst (V) the fields a_i + Σ_j w_ij h_j of the visible
// units given h (H), without the parts of couplings (see CoupledField), and returns dst. A nil dst is
// allocated. It panics if a slice has another length.
func (m *Model) VisibleField(dst []float64, h []float32) []float64 {
	m.Hidden.mustHold(len(h))
	if dst == nil {
		dst = make([]float64, m.Visible.Len())
	}
	m.Visible.mustHold(len(dst))
	for i, a := range m.Visible.Bias {
		dst[i] = float64(a) + dot(m.weightsOf(i), h)
	}
	return dst
}

// MeanHidden writes to dst (H) the means ⟨h_j⟩ = Γ_j'(b_j + Σ_i v_i w_ij) given v (V), and
// returns dst. A nil dst is allocated. It panics if a slice has another length.
//
// The means are the features of v, as a layer of a feed-forward network computes them: with
// units of the default kind, a sigmoid layer. v itself may hold means.
func (m *Model) MeanHidden(dst []float64, v []float32) []float64 {
	return m.Hidden.Means(m.HiddenField(dst, v))
}

// MeanVisible writes to dst (V) the means ⟨v_i⟩ = Γ_i'(a_i + Σ_j w_ij h_j) given h (H), and
// returns dst. A nil dst is allocated. With couplings it is a sum over all visible states, and panics
// above 2^30 of them. It panics if a slice has another length.
func (m *Model) MeanVisible(dst []float64, h []float32) []float64 {
	if m.Coupled() {
		return m.coupledMeanVisible(dst, h)
	}
	return m.Visible.Means(m.VisibleField(dst, h))
}

// LogConditionalHidden returns log p(h|v) = Σ_j log p(h_j|v) for states h (H) given v (V): at most 0, or with
// real states the log of a density. It panics if a slice has another length.
func (m *Model) LogConditionalHidden(h, v []float32) float64 {
	return m.Hidden.LogProbability(h, m.HiddenField(nil, v))
}

// LogConditionalVisible returns log p(v|h) = Σ_i log p(v_i|h) for states v (V) given h (H), like
// LogConditionalHidden. With couplings it is -E(v,h) + log Σ_v e^(-E(v,h)), and panics above 2^30 visible states. It
// panics if a slice has another length.
func (m *Model) LogConditionalVisible(v, h []float32) float64 {
	if m.Coupled() {
		return m.coupledFreeEnergyHidden(h) - m.Energy(v, h)
	}
	return m.Visible.LogProbability(v, m.VisibleField(nil, h))
}
