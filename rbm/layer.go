package rbm

import (
	"fmt"
	"iter"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// Layer is one layer of a model. Given the other layer, its units are independent. The field
// x_i of a unit is its bias θ_i plus the weighted states of the other layer:
//
//	p(s_i|x_i) = e^(s_i·x_i - Γ_i(x_i)),    Γ_i(x) = log Σ_s e^(s·x)
//
// where s ranges over Low and High, the two values of the unit's kind.
type Layer struct {
	Units engine.Units // kinds of the units, by their columns; nil for the default kind alone
	Bias  []float32    // θ, one for each unit
}

// Len returns the number of units.
func (l Layer) Len() int { return len(l.Bias) }

// Energy returns the layer's own part of the energy, -Σ θ_i s_i, for states s. It panics if
// they have another length.
func (l Layer) Energy(states []float32) float64 {
	l.mustHold(len(states))
	return -dot(l.Bias, states)
}

// Cumulant returns Σ Γ_i(x_i), the log of Σ_s e^(sᵀx) over all states s of the layer, given
// fields x. It panics if they have another length.
func (l Layer) Cumulant(fields []float64) float64 { return l.addCumulants(0, fields) }

// addCumulants adds the terms Γ_i(x_i) to a sum, one by one in the order of the units.
func (l Layer) addCumulants(sum float64, fields []float64) float64 {
	l.mustHold(len(fields))
	for _, g := range l.groups() {
		for _, x := range fields[g.From:g.To] {
			sum += g.Kind.Cumulant(x)
		}
	}
	return sum
}

// restCumulant returns Σ Γ_i(0), the log of the number of states.
func (l Layer) restCumulant() float64 {
	var sum float64
	for _, g := range l.groups() {
		sum += float64(g.To-g.From) * g.Kind.Cumulant(0)
	}
	return sum
}

// Means replaces fields x by the means ⟨s_i⟩ = Γ_i'(x_i) of the units and returns them. It
// panics if they have another length.
func (l Layer) Means(fields []float64) []float64 {
	l.mustHold(len(fields))
	for _, g := range l.groups() {
		for i := g.From; i < g.To; i++ {
			fields[i] = g.Kind.Mean(fields[i])
		}
	}
	return fields
}

// LogProbability returns log p(s|x) = Σ (s_i x_i - Γ_i(x_i)), at most 0, for states s given
// fields x. A term is computed as -log(1 + e^((s'-s)x)), with s' the unit's other state. This
// form is accurate also where s is nearly certain. LogProbability panics if a slice has another
// length.
func (l Layer) LogProbability(states []float32, fields []float64) float64 {
	l.mustHold(len(states))
	l.mustHold(len(fields))
	var sum float64
	for _, g := range l.groups() {
		low, high := float64(g.Kind.Low()), float64(g.Kind.High())
		for i := g.From; i < g.To; i++ {
			s := float64(states[i])
			sum -= estimate.Softplus((low + high - 2*s) * fields[i])
		}
	}
	return sum
}

// StateBits returns n for a layer of 2^n states.
func (l Layer) StateBits() int { return l.Len() }

// States yields all states of the layer, in one reused slice, with their numbers: unit i is
// High where bit i of the number is 1, and Low where it is 0. It panics above 30 units.
func (l Layer) States() iter.Seq2[int, []float32] {
	if l.StateBits() > MaxPartitionUnits {
		panic("rbm: more than 30 units to enumerate")
	}
	return func(yield func(int, []float32) bool) {
		state, groups := make([]float32, l.Len()), l.groups()
		for n := range 1 << l.StateBits() {
			for _, g := range groups {
				worth := [2]float32{g.Kind.Low(), g.Kind.High()}
				for i := g.From; i < g.To; i++ {
					state[i] = worth[n>>i&1]
				}
			}
			if !yield(n, state) {
				return
			}
		}
	}
}

// Number returns the number of a state, as States counts them. It panics if the state has
// another length.
func (l Layer) Number(state []float32) int {
	l.mustHold(len(state))
	n := 0
	for i, s := range state {
		if s == l.Units.Of(i).High() {
			n |= 1 << i
		}
	}
	return n
}

// IsState reports whether x is one of the two values of unit i.
func (l Layer) IsState(i int, x float32) bool {
	k := l.Units.Of(i)
	return x == k.Low() || x == k.High()
}

// Rows returns states or means (n,Len) as rows of a data set, whose values are the probabilities of
// the state High: (s-Low)/(High-Low). Rows of the default kind share the memory of the states. Rows
// panics if states does not hold whole rows.
func (l Layer) Rows(states []float32) *dataset.Rows {
	n := len(states) / l.Len()
	l.mustHold(len(states) - (n-1)*l.Len())
	rows := &dataset.Rows{N: n, V: l.Len(), Floats: states}
	if l.Units.Default() {
		return rows
	}
	rows.Floats = make([]float32, len(states))
	for i, s := range states {
		k := l.Units.Of(i % l.Len())
		rows.Floats[i] = (s - k.Low()) / (k.High() - k.Low())
	}
	return rows
}

// groups returns the groups of the layer's units. Without a list it is one group of all units.
func (l Layer) groups() engine.Units {
	if len(l.Units) == 0 {
		return engine.Units{{Kind: l.Units.Of(0), From: 0, To: l.Len()}}
	}
	return l.Units
}

// mustHold panics unless the layer has n units.
func (l Layer) mustHold(n int) {
	if n != l.Len() {
		panic(fmt.Sprintf("rbm: %d values for a layer of %d units", n, l.Len()))
	}
}

// dot returns Σ x[n]*y[n], n rising; a product of two float32 is exact.
func dot(x, y []float32) float64 {
	var sum float64
	for n, x := range x {
		sum += float64(x) * float64(y[n])
	}
	return sum
}
