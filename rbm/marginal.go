package rbm

import "harmonium/rbm/estimate"

// FreeEnergy returns F(v) = -log Σ_h e^(-E(v,h)) = -aᵀv - Σ_j softplus(b_j + Σ_i v_i w_ij)
// for v (V). It panics if v has another length.
func (m *Model) FreeEnergy(v []float32) float64 {
	energy := -dot(m.VisibleBias, v)
	for _, field := range m.HiddenField(nil, v) {
		energy -= estimate.Softplus(field)
	}
	return energy
}

// FreeEnergyHidden returns -log Σ_v e^(-E(v,h)) = -bᵀh - Σ_i softplus(a_i + Σ_j w_ij h_j)
// for h (H). It panics if h has another length.
func (m *Model) FreeEnergyHidden(h []float32) float64 {
	energy := -dot(m.HiddenBias, h)
	for _, field := range m.VisibleField(nil, h) {
		energy -= estimate.Softplus(field)
	}
	return energy
}

// LogMarginalVisible returns log p(v) = -F(v) - log Z for v (V). A logZ of 0
// leaves it unnormalised. It panics where FreeEnergy does.
func (m *Model) LogMarginalVisible(v []float32, logZ float64) float64 {
	return -m.FreeEnergy(v) - logZ
}

// LogMarginalHidden returns log p(h) for h (H). A logZ of 0 leaves it
// unnormalised. It panics where FreeEnergyHidden does.
func (m *Model) LogMarginalHidden(h []float32, logZ float64) float64 {
	return -m.FreeEnergyHidden(h) - logZ
}
