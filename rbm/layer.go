package rbm

import (
	"fmt"
	"iter"
	"math"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/estimate"
)

// Layer is one layer of a model. Given the other layer, its units are independent. The field
// x_i of a unit is its bias θ_i plus the weighted states of the other layer:
//
//	p(s_i|x_i) = e^(s_i·x_i - Γ_i(x_i)),    Γ_i(x_i) = log Σ_s e^(s·x)
//
// where s ranges over the states of the unit's kind. A unit has one column of the layer, with the
// values Low and High, or several columns, with the value High in one of them and Low in the others;
// then s_i·x_i is a sum over its columns. Slices have a number for each column.
//
// A unit with real states has a variance σ_i² as well. Its energy is U_i(s) - θ_i s with U_i(s) = s²/2σ_i², and
//
//	p(s_i|x_i) = e^(s_i·x_i - U_i(s_i) - Γ_i(x_i)),    Γ_i(x_i) = log ∫ e^(s·x - U_i(s)) ds
//
// A unit with two sides, another distribution on each side of 0, has a jump Δ_i and a skew ξ_i too:
//
//	U_i(s) = A (s²/2σ_i² - Δ_i s) for s ≥ 0,    B (s²/2σ_i² + Δ_i s) for s < 0
//
// with A = (1+|ξ_i|)/(1+max(2ξ_i,0)) and B = (1+|ξ_i|)/(1-min(2ξ_i,0)).
type Layer struct {
	Units       engine.Units // kinds of the units, by their columns; nil for the default kind alone
	Bias        []float32    // θ, one for each column
	LogVariance []float32    // log σ², one for each column, 0 where states are not real; nil if none are
	Jump, Skew  []float32    // Δ and ξ, one for each column, 0 where units have no sides; nil if none have
}

// NewLayer returns a layer of the given number of columns with biases of 0 and variances of 1.
func NewLayer(units engine.Units, columns int) Layer {
	l := Layer{Units: units, Bias: make([]float32, columns)}
	if units.Real() {
		l.LogVariance = make([]float32, columns)
	}
	if units.Sides() {
		l.Jump, l.Skew = make([]float32, columns), make([]float32, columns)
	}
	return l
}

// shape returns the shape of the unit in column j, which is zero if its states are not real.
func (l Layer) shape(j int) engine.Shape {
	at := func(x []float32) float64 {
		if x == nil {
			return 0
		}
		return float64(x[j])
	}
	return engine.Shape{LogVariance: at(l.LogVariance), Jump: at(l.Jump), Skew: at(l.Skew)}
}

// Len returns the number of columns: of units, where each has one.
func (l Layer) Len() int { return len(l.Bias) }

// Count returns the number of units.
func (l Layer) Count() int { return l.Units.Count(l.Len()) }

// Energy returns the layer's own part of the energy, -Σ θ_i s_i plus Σ U_i(s_i) over the units with real
// states. It panics if states has another length than the layer.
func (l Layer) Energy(states []float32) float64 {
	l.mustHold(len(states))
	return l.realEnergy(states) - dot(l.Bias, states)
}

// realEnergy returns Σ U_i(s_i) over the units with real states.
func (l Layer) realEnergy(states []float32) float64 {
	var sum float64
	for _, g := range l.Units {
		if !g.Kind.Real() {
			continue
		}
		for j := g.From; j < g.To; j++ {
			sum += g.Kind.Energy(float64(states[j]), l.shape(j))
		}
	}
	return sum
}

// Cumulant returns Σ Γ_i(x_i), the log of Σ_s e^(sᵀx) over all states s of the layer, given
// fields x. It panics if fields has another length than the layer.
func (l Layer) Cumulant(fields []float64) float64 { return l.addCumulants(0, fields) }

// addCumulants adds the terms Γ_i(x_i) to a sum, one by one in the order of the units.
func (l Layer) addCumulants(sum float64, fields []float64) float64 {
	l.mustHold(len(fields))
	for _, g := range l.groups() {
		width := g.Kind.Width()
		for j := g.From; j < g.To; j += width {
			sum += g.Kind.Cumulant(fields[j:j+width], l.shape(j))
		}
	}
	return sum
}

// restCumulant returns Σ Γ_i(0), in a layer without real states the log of the number of its states.
func (l Layer) restCumulant() float64 {
	var sum float64
	for _, g := range l.groups() {
		if g.Kind.Real() {
			for j := g.From; j < g.To; j++ {
				sum += g.Kind.Cumulant([]float64{0}, l.shape(j))
			}
			continue
		}
		sum += float64(g.Count()) * g.Kind.Cumulant(make([]float64, g.Kind.Width()), engine.Shape{})
	}
	return sum
}

// Means replaces fields x by the means ⟨s_i⟩ = Γ_i'(x_i) of the units and returns them. It
// panics if fields has another length than the layer.
func (l Layer) Means(fields []float64) []float64 {
	l.mustHold(len(fields))
	l.eachUnit(func(k engine.Kind, from, to int) { k.Means(fields[from:to], l.shape(from)) })
	return fields
}

// LogProbability returns log p(s|x) for states s given fields x: the sum of s_i x_i - Γ_i(x_i) over the
// units. The term of a real state is the log of a density. The term of a discrete unit, at most 0, is computed as
// -log(1 + Σ e^((s'-s)x)), with the sum over its other states s'. This form is accurate also where s is
// nearly certain. LogProbability panics if a slice has another length than the layer.
func (l Layer) LogProbability(states []float32, fields []float64) float64 {
	l.mustHold(len(states))
	l.mustHold(len(fields))
	var sum float64
	l.eachUnit(func(k engine.Kind, from, to int) {
		sum += logProbability(k, states[from:to], fields[from:to], l.shape(from))
	})
	return sum
}

// logProbability returns the term of one unit in LogProbability.
func logProbability(k engine.Kind, states []float32, fields []float64, shape engine.Shape) float64 {
	if k.Real() {
		s := float64(states[0])
		return s*fields[0] - k.Energy(s, shape) - k.Cumulant(fields, shape)
	}
	if !k.Several() {
		low, high, s := float64(k.Low()), float64(k.High()), float64(states[0])
		return -estimate.Softplus((low + high - 2*s) * fields[0]) // the other state is low + high - s
	}
	state, span := k.StateOf(states), float64(k.High())-float64(k.Low())
	var others []float64
	for a, x := range fields {
		if a != state {
			others = append(others, span*(x-fields[state]))
		}
	}
	return -estimate.Softplus(estimate.LogSumExp(others))
}

// Bits returns log2 of the number of states of the layer, n for n units of two states, and +Inf if any
// states are real.
func (l Layer) Bits() float64 {
	if l.Units.Real() {
		return math.Inf(1)
	}
	var bits float64
	for _, g := range l.groups() {
		bits += float64(g.Count()) * math.Log2(float64(g.Kind.States()))
	}
	return bits
}

// CountStates returns the number of states of the layer. It panics above 2^30.
func (l Layer) CountStates() int {
	if l.Bits() > MaxPartitionUnits {
		panic("rbm: more than 2^30 states to enumerate")
	}
	count := 1
	l.eachUnit(func(k engine.Kind, _, _ int) { count *= k.States() })
	return count
}

// States yields all states of the layer, in one reused slice, with their numbers from 0 on. The states
// of the units are the digits of the number: unit 0 has the lowest one, and a unit of two states is
// High where its digit is 1. States panics above 2^30 states.
func (l Layer) States() iter.Seq2[int, []float32] {
	count := l.CountStates()
	return func(yield func(int, []float32) bool) {
		state := make([]float32, l.Len())
		for n := range count {
			if l.SetState(state, n); !yield(n, state) {
				return
			}
		}
	}
}

// SetState writes state number n, as States counts them, to state. It panics if the state has another
// length.
func (l Layer) SetState(state []float32, n int) {
	l.mustHold(len(state))
	l.eachUnit(func(k engine.Kind, from, to int) {
		k.State(state[from:to], n%k.States())
		n /= k.States()
	})
}

// Number returns the number of a state, as States counts them. It panics if the state has
// another length.
func (l Layer) Number(state []float32) int {
	l.mustHold(len(state))
	n, place := 0, 1
	l.eachUnit(func(k engine.Kind, from, to int) {
		n += place * k.StateOf(state[from:to])
		place *= k.States()
	})
	return n
}

// CheckStates returns an error that names the first unit of rows x (n,Len) whose values are no state of
// its kind. A real state is any finite number that its kind allows. If free, a unit whose values are all
// NaN passes.
func (l Layer) CheckStates(x []float32, free bool) error {
	groups := l.groups()
	for n := range len(x) / l.Len() {
		row := x[n*l.Len() : (n+1)*l.Len()]
		for _, g := range groups {
			for j := g.From; j < g.To; j += g.Kind.Width() {
				unit := row[j : j+g.Kind.Width()]
				if !isState(g.Kind, unit) && !(free && isFree(unit)) {
					return stateError(g.Kind, n*l.Len()+j, unit)
				}
			}
		}
	}
	return nil
}

// isState reports whether the values of a unit are one of its states.
func isState(k engine.Kind, unit []float32) bool {
	if k.Real() {
		s := float64(unit[0])
		return !math.IsNaN(s) && !math.IsInf(s, 0) && !(k.Half() && s < 0)
	}
	return k.StateOf(unit) >= 0
}

// stateError is the error of a unit whose values are no state. at is the index of the first in the rows.
func stateError(k engine.Kind, at int, unit []float32) error {
	switch {
	case k.Half():
		return fmt.Errorf("value %d is %v, want a number that is not negative", at, unit[0])
	case k.Real():
		return fmt.Errorf("value %d is %v, want a number", at, unit[0])
	}
	if !k.Several() {
		return fmt.Errorf("value %d is %v, want %v or %v", at, unit[0], k.Low(), k.High())
	}
	for i, x := range unit {
		if x != k.Low() && x != k.High() {
			return fmt.Errorf("value %d is %v, want %v or %v", at+i, x, k.Low(), k.High())
		}
	}
	return fmt.Errorf("values %d to %d of a %v unit are %v, want one %v and else %v", at, at+len(unit)-1, k, unit, k.High(), k.Low())
}

// isFree reports whether the values of a unit are all NaN.
func isFree(unit []float32) bool {
	for _, x := range unit {
		if x == x {
			return false
		}
	}
	return true
}

// eachUnit calls f for each unit, in order, with its kind and its columns from ≤ j < to.
func (l Layer) eachUnit(f func(k engine.Kind, from, to int)) {
	for _, g := range l.groups() {
		for j := g.From; j < g.To; j += g.Kind.Width() {
			f(g.Kind, j, j+g.Kind.Width())
		}
	}
}

// Rows returns states or means (n,Len) as rows of a data set, whose values are the probabilities of
// the state High: (s-Low)/(High-Low), or the real states themselves. Rows of the default kind share the
// memory of the states. Rows panics if states does not hold whole rows.
func (l Layer) Rows(states []float32) *dataset.Rows {
	n := len(states) / l.Len()
	l.mustHold(len(states) - (n-1)*l.Len()) // what follows n-1 rows is one row
	rows := &dataset.Rows{N: n, V: l.Len(), Floats: states, Real: l.RealColumns()}
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

// sameUnit reports whether two columns belong to one unit.
func (l Layer) sameUnit(i, j int) bool {
	k, first := l.Units.At(i)
	return j >= first && j < first+k.Width()
}

// RealColumns marks the columns with real states, as [dataset.Rows] does. It returns nil if there are none.
func (l Layer) RealColumns() []bool {
	if !l.Units.Real() {
		return nil
	}
	real := make([]bool, l.Len())
	for _, g := range l.Units {
		for j := g.From; j < g.To; j++ {
			real[j] = g.Kind.Real()
		}
	}
	return real
}

// groups returns the groups of the layer's units. Without a list it is one group of all units, of the
// default kind.
func (l Layer) groups() engine.Units {
	if len(l.Units) == 0 {
		return engine.Units{{Kind: l.Units.Of(0), From: 0, To: l.Len()}}
	}
	return l.Units
}

// mustHold panics unless the layer has n columns.
func (l Layer) mustHold(n int) {
	if n != l.Len() {
		panic(fmt.Sprintf("rbm: %d values for a layer of %d columns", n, l.Len()))
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
