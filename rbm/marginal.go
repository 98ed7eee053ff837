package rbm

// FreeEnergy returns F(v) = -log Σ_h e^(-E(v,h)) = -aᵀv - Σ_j Γ_j(b_j + Σ_i v_i w_ij)
// for v (V), with Γ_j the cumulant of unit j (see [Layer]), and -½ vᵀLv with couplings. It panics if v has
// another length.
func (m *Model) FreeEnergy(v []float32) float64 {
	return freeEnergy(m.Visible, v, m.Hidden, m.HiddenField(nil, v)) + m.LateralEnergy(v)
}

// FreeEnergyHidden returns -log Σ_v e^(-E(v,h)) = -bᵀh - Σ_i Γ_i(a_i + Σ_j w_ij h_j)
// for h (H). With couplings it is a sum over all visible states, and panics above 2^30 of them. It
// panics if h has another length.
func (m *Model) FreeEnergyHidden(h []float32) float64 {
	if m.Coupled() {
		return m.coupledFreeEnergyHidden(h)
	}
	return freeEnergy(m.Hidden, h, m.Visible, m.VisibleField(nil, h))
}

// freeEnergy returns the free energy of states of layer l, given the fields of the other layer:
// the energy of the states under the biases of l, minus the cumulants Γ of the other layer.
func freeEnergy(l Layer, states []float32, other Layer, fields []float64) float64 {
	return -other.addCumulants(-l.Energy(states), fields)
}

// LogMarginalVisible returns log p(v) = -F(v) - logZ for v (V). With a logZ of 0 the result is
// -F(v), the logarithm of the unnormalised probability. It panics where FreeEnergy does.
func (m *Model) LogMarginalVisible(v []float32, logZ float64) float64 {
	return -m.FreeEnergy(v) - logZ
}

// LogMarginalHidden returns log p(h) for h (H), and with a logZ of 0 the logarithm of the
// unnormalised probability. It panics where FreeEnergyHidden does.
func (m *Model) LogMarginalHidden(h []float32, logZ float64) float64 {
	return -m.FreeEnergyHidden(h) - logZ
}
