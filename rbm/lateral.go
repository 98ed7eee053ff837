package rbm

import (
	"fmt"
	"math"

	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// The semi-restricted machine has couplings among the visible units beside the weights,
//
//	E(v,h) = -aᵀv - bᵀh - vᵀWh - ½ vᵀLv,
//
// with L (V,V) symmetric, and 0 between the columns of one unit. Given v, the hidden units remain
// independent. Given h, the visible units are not: each depends on the others too,
//
//	p(v_i | v_rest, h) = e^(v_i y_i - Γ_i(y_i)),    y_i = a_i + Σ_j w_ij h_j + Σ_k L_ik v_k.
//
// Without hidden units it is the pairwise model, known as the Ising model for units of two states and as
// the Potts model for categorical ones (Ackley, Hinton and Sejnowski, A Learning Algorithm for
// Boltzmann Machines, 1985; Osindero and Hinton, Modeling Image Patches with a Directed Hierarchy of
// Markov Random Fields, 2008).

// Coupled reports whether the model has couplings among its visible units.
func (m *Model) Coupled() bool { return m.Lateral != nil }

// Couplings returns the couplings of all pairs of columns i < k of two units, in the order of L, or nil without
// couplings.
func (m *Model) Couplings() []float32 {
	var all []float32
	for n, x := range m.Lateral {
		if i, k := n/m.Visible.Len(), n%m.Visible.Len(); k > i && !m.Visible.sameUnit(i, k) {
			all = append(all, x)
		}
	}
	return all
}

// couplingsOf returns the couplings (V) of visible column i.
func (m *Model) couplingsOf(i int) []float32 {
	visible := m.Visible.Len()
	return m.Lateral[i*visible : (i+1)*visible]
}

// LateralEnergy returns -½ vᵀLv for v (V), which is 0 without couplings. It panics if v has another
// length.
func (m *Model) LateralEnergy(v []float32) float64 {
	m.Visible.mustHold(len(v))
	if !m.Coupled() {
		return 0
	}
	var sum float64
	for i, vi := range v {
		if vi != 0 {
			sum += float64(vi) * dot(m.couplingsOf(i), v)
		}
	}
	return -sum / 2
}

// CoupledField writes to dst (V) the fields y_i = a_i + Σ_j w_ij h_j + Σ_k L_ik v_k of the visible units,
// each given the other visible units v (V) and the hidden ones h (H), and returns dst. A nil dst is
// allocated. Without couplings it is VisibleField. It panics if a slice has another length.
func (m *Model) CoupledField(dst []float64, v, h []float32) []float64 {
	m.Visible.mustHold(len(v))
	dst = m.VisibleField(dst, h)
	if m.Coupled() {
		for i := range dst {
			dst[i] += dot(m.couplingsOf(i), v)
		}
	}
	return dst
}

// LogConditionalUnit returns log p(v_i | v_rest, h) of the visible unit that has column i, given the other
// visible units in v (V) and the hidden ones h (H). It panics if a slice has another length.
func (m *Model) LogConditionalUnit(i int, v, h []float32) float64 {
	k, first := m.Visible.Units.At(i)
	end := first + k.Width()
	return logProbability(k, v[first:end], m.CoupledField(nil, v, h)[first:end], m.Visible.shape(first))
}

// checkCouplings returns an error that names the first of couplings (n,n) among a layer's n columns that is
// not the same both ways, or not 0 between two columns of one unit.
func (l Layer) checkCouplings(couplings []float32) error {
	n := l.Len()
	if l.Units.Real() {
		return fmt.Errorf("couplings among units with real states, want discrete units")
	}
	for i := range n {
		k, first := l.Units.At(i)
		for j := range n {
			x := couplings[i*n+j]
			switch {
			case x != couplings[j*n+i]:
				return fmt.Errorf("couplings of columns %d and %d are %v and %v, want the same both ways", i, j, x, couplings[j*n+i])
			case x != 0 && j >= first && j < first+k.Width():
				return fmt.Errorf("coupling of columns %d and %d is %v, want 0 within a unit", i, j, x)
			}
		}
	}
	return nil
}

// givenHidden calls f for all visible states, in the order of States, with -E(v,h).
func (m *Model) givenHidden(h []float32, f func(v []float32, log float64)) {
	for _, v := range m.Visible.States() {
		f(v, -m.Energy(v, h))
	}
}

// coupledFreeEnergyHidden is FreeEnergyHidden of a model with couplings.
func (m *Model) coupledFreeEnergyHidden(h []float32) float64 {
	var logs []float64
	m.givenHidden(h, func(_ []float32, log float64) { logs = append(logs, log) })
	return -estimate.LogSumExp(logs)
}

// coupledMeanVisible is MeanVisible of a model with couplings.
func (m *Model) coupledMeanVisible(dst []float64, h []float32) []float64 {
	logZ := -m.coupledFreeEnergyHidden(h)
	if dst == nil {
		dst = make([]float64, m.Visible.Len())
	}
	m.Visible.mustHold(len(dst))
	clear(dst)
	m.givenHidden(h, func(v []float32, log float64) {
		p := math.Exp(log - logZ)
		for i, x := range v {
			dst[i] += p * float64(x)
		}
	})
	return dst
}

// couplings enumerates the visible layer of a model with couplings by a counter. The fields of the hidden
// layer, and the parts Lv of the visible fields, follow the columns that change. It implements blocks (see
// partition.go).
type couplings struct{ m *Model }

func (c couplings) states() int     { return c.m.Visible.CountStates() }
func (c couplings) offset() float64 { return 0 }

func (c couplings) newWalk(size int) func(first int) float64 {
	m := c.m
	count := newCounter(m.Visible)
	logs := make([]float64, 0, size)
	state, fields := make([]float32, m.Visible.Len()), make([]float64, m.Hidden.Len())
	lateral := make([]float64, m.Visible.Len()) // Lv
	var own float64                             // aᵀv + ½ vᵀLv
	turn := func(column, on int) {
		k := m.Visible.Units.Of(column)
		delta := float64(2*on-1) * (float64(k.High()) - float64(k.Low()))
		own += delta * (float64(m.Visible.Bias[column]) + lateral[column]) // exact, as L is 0 on its diagonal
		for j, x := range m.couplingsOf(column) {
			lateral[j] += delta * float64(x)
		}
		m.addToFields(fields, column, delta)
	}
	return func(first int) float64 {
		count.set(first)
		m.Visible.SetState(state, first)
		m.HiddenField(fields, state)
		for i := range lateral {
			lateral[i] = dot(m.couplingsOf(i), state)
		}
		own, logs = -m.Visible.Energy(state)-m.LateralEnergy(state), logs[:0]
		for n := first; n < min(first+size, count.states); n++ {
			if n > first {
				count.advance(turn)
			}
			logs = append(logs, m.Hidden.addCumulants(own, fields))
		}
		return estimate.LogSumExp(logs)
	}
}

// addPairs adds weight times v vᵀ to the gradient of the couplings, which stays 0 within a unit.
func (g *Gradient) addPairs(l Layer, weight float64, v []float32) {
	n := len(v)
	l.eachUnit(func(_ engine.Kind, from, to int) {
		for i := from; i < to; i++ {
			scaled := weight * float64(v[i])
			for j, x := range v {
				if j < from || j >= to {
					g.Lateral[i*n+j] += scaled * float64(x)
				}
			}
		}
	})
}

// sweepStep is GibbsStep of a model with couplings: h given v, and then each visible unit in rising order,
// given h and the others.
func (m *Model) sweepStep(p []float64) []float64 {
	next := make([]float64, len(p))
	var states [][]float32
	for _, v := range m.Visible.States() {
		states = append(states, append([]float32(nil), v...))
	}
	for _, h := range m.Hidden.States() {
		joint := make([]float64, len(p))
		for n, v := range states {
			joint[n] = p[n] * math.Exp(m.LogConditionalHidden(h, v))
		}
		m.Visible.eachUnit(func(k engine.Kind, from, to int) {
			moved := make([]float64, len(p))
			target := make([]float32, m.Visible.Len()) // v with the unit in another state
			for n, v := range states {
				copy(target, v)
				for s := range k.States() {
					k.State(target[from:to], s)
					moved[m.Visible.Number(target)] += joint[n] * math.Exp(m.LogConditionalUnit(from, target, h))
				}
			}
			joint = moved
		})
		for n, q := range joint {
			next[n] += q
		}
	}
	return next
}

// centerCouplings turns the gradient of the couplings and of the visible biases into the centered one with
// visible offsets μ:
//
//	ΔL_c = ΔL - μ Δaᵀ - Δa μᵀ,    Δa_c = Δa - ΔL_c μ,
//
// with ΔL_c 0 within a unit. plain is the plain Δa.
func (g *Gradient) centerCouplings(l Layer, plain []float64, offsets []float32) {
	n := len(offsets)
	l.eachUnit(func(_ engine.Kind, from, to int) {
		for i := from; i < to; i++ {
			for j, mu := range offsets {
				if j >= from && j < to {
					continue
				}
				x := &g.Lateral[i*n+j]
				*x -= float64(offsets[i])*plain[j] + plain[i]*float64(mu)
				g.VisibleBias[i] -= *x * float64(mu)
			}
		}
	})
}
