package rbm

import (
	"iter"
	"math"
)

// Energy returns E(v,h) = -aᵀv - bᵀh - vᵀWh - ½ vᵀLv for states v (V) and h (H), the last term only with
// couplings. It panics if a state has another length.
func (m *Model) Energy(v, h []float32) float64 {
	energy := m.Visible.Energy(v) + m.Hidden.Energy(h)
	for i, vi := range v {
		if vi != 0 {
			energy -= float64(vi) * dot(m.weightsOf(i), h)
		}
	}
	return energy + m.LateralEnergy(v)
}

// LogJoint returns log p(v,h) = -E(v,h) - log Z, the log of the Boltzmann (Gibbs)
// distribution of the random field. A logZ of 0 leaves it unnormalised. It panics
// where Energy does.
func (m *Model) LogJoint(v, h []float32, logZ float64) float64 {
	return -m.Energy(v, h) - logZ
}

// Clique is a clique of the model's graph, a single node or a pair, with its part of the energy in one
// configuration.
type Clique struct {
	Visible int // index of its visible unit, -1 for none
	Hidden  int // index of its hidden unit, -1 for none
	Other   int // index of its second visible unit, -1 for none

	// Energy is -a_i v_i, -b_j h_j, -v_i w_ij h_j or -v_i L_ik v_k. A node with real states adds U_i (see Layer).
	Energy float64
}

// Potential returns ψ = e^(-Energy), which is positive.
func (c Clique) Potential() float64 { return math.Exp(-c.Energy) }

// Cliques yields all V + H + V·H cliques of the configuration v (V), h (H): the
// visible nodes, the hidden nodes, the pairs in the order of W. A model with couplings also has the
// pairs i < k of visible columns of two units, in the order of L. No larger clique has an energy. So
//
//	E(v,h) = Σ_c E_c(v,h)    and    e^(-E(v,h)) = Π_c ψ_c(v,h),
//
// which makes p(v,h) the distribution of a Markov random field. Cliques panics
// where Energy does.
func (m *Model) Cliques(v, h []float32) iter.Seq[Clique] {
	m.Visible.mustHold(len(v))
	m.Hidden.mustHold(len(h))
	return func(yield func(Clique) bool) {
		for i, s := range v {
			if !yield(Clique{i, -1, -1, m.Visible.nodeEnergy(i, s)}) {
				return
			}
		}
		for j, s := range h {
			if !yield(Clique{-1, j, -1, m.Hidden.nodeEnergy(j, s)}) {
				return
			}
		}
		for n, w := range m.Weights {
			i, j := n/m.Hidden.Len(), n%m.Hidden.Len()
			if !yield(Clique{i, j, -1, -float64(v[i]) * float64(w) * float64(h[j])}) {
				return
			}
		}
		for n, x := range m.Lateral {
			i, k := n/m.Visible.Len(), n%m.Visible.Len()
			if k <= i || m.Visible.sameUnit(i, k) {
				continue
			}
			if !yield(Clique{i, -1, k, -float64(v[i]) * float64(x) * float64(v[k])}) {
				return
			}
		}
	}
}

// nodeEnergy returns the part of column j in the energy of the layer, given its state s.
func (l Layer) nodeEnergy(j int, s float32) float64 {
	energy := -float64(l.Bias[j]) * float64(s)
	if k := l.Units.Of(j); k.Real() {
		energy += k.Energy(float64(s), l.shape(j))
	}
	return energy
}
