package rbm

import "harmonium/rbm/estimate"

// No two units of a layer are joined, so given one layer the units of the
// other are independent, and each is a sigmoid unit of its field:
//
//	p(h|v) = Π_j p(h_j|v),  p(h_j=1|v) = σ(b_j + Σ_i v_i w_ij)
//	p(v|h) = Π_i p(v_i|h),  p(v_i=1|h) = σ(a_i + Σ_j w_ij h_j)

// HiddenField writes to dst (H) the fields b_j + Σ_i v_i w_ij of the hidden
// units given v (V), and returns dst. A nil dst is allocated. It panics if a
// slice has another length.
func (m *Model) HiddenField(dst []float64, v []float32) []float64 {
	m.checkVisible(len(v))
	if dst == nil {
		dst = make([]float64, m.Hidden)
	}
	m.checkHidden(len(dst))
	for j, b := range m.HiddenBias {
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
// units given h (H), and returns dst. A nil dst is allocated. It panics if a
// slice has another length.
func (m *Model) VisibleField(dst []float64, h []float32) []float64 {
	m.checkHidden(len(h))
	if dst == nil {
		dst = make([]float64, m.Visible)
	}
	m.checkVisible(len(dst))
	for i, a := range m.VisibleBias {
		dst[i] = float64(a) + dot(m.weightsOf(i), h)
	}
	return dst
}

// MeanHidden writes to dst (H) the posteriors p(h_j=1|v) = σ(b_j + Σ_i v_i w_ij)
// given v (V), and returns dst. A nil dst is allocated. It panics if a slice
// has another length.
//
// This is the RBM as a sigmoid layer: the means, in [0,1], are the features of
// v, and v itself may hold means.
func (m *Model) MeanHidden(dst []float64, v []float32) []float64 {
	return sigmoids(m.HiddenField(dst, v))
}

// MeanVisible writes to dst (V) the posteriors p(v_i=1|h) = σ(a_i + Σ_j w_ij h_j)
// given h (H), and returns dst. A nil dst is allocated. It panics if a slice
// has another length.
func (m *Model) MeanVisible(dst []float64, h []float32) []float64 {
	return sigmoids(m.VisibleField(dst, h))
}

// LogConditionalHidden returns log p(h|v) = Σ_j log p(h_j|v), at most 0, for h
// (H) in {0,1} given v (V). It panics if a slice has another length.
func (m *Model) LogConditionalHidden(h, v []float32) float64 {
	m.checkHidden(len(h))
	return logBernoulli(h, m.HiddenField(nil, v))
}

// LogConditionalVisible returns log p(v|h) = Σ_i log p(v_i|h), at most 0, for v
// (V) in {0,1} given h (H). It panics if a slice has another length.
func (m *Model) LogConditionalVisible(v, h []float32) float64 {
	m.checkVisible(len(v))
	return logBernoulli(v, m.VisibleField(nil, h))
}

// sigmoids replaces the fields by their means.
func sigmoids(field []float64) []float64 {
	for n, x := range field {
		field[n] = sigmoid(x)
	}
	return field
}

// logBernoulli returns Σ log σ(field) over the units that are on plus
// Σ log σ(-field) over those that are off, as log σ(x) = -softplus(-x).
func logBernoulli(x []float32, field []float64) float64 {
	var sum float64
	for n, f := range field {
		if x[n] != 0 {
			f = -f
		}
		sum -= estimate.Softplus(f)
	}
	return sum
}
