package rbmtest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
)

// U is the unit roundoff of float64.
const U = 0x1p-53

// RandomModel returns a model of the default kind of units whose weights and biases are drawn
// from [-weight,weight] and [-bias,bias]. They are multiples of 2⁻¹⁰, so that sums
// of them are exact in float32 too as long as they stay below 2¹³.
func RandomModel(t testing.TB, visible, hidden int, weight, bias float64) *rbm.Model {
	t.Helper()
	return randomModelOf(t, nil, nil, visible, hidden, weight, bias)
}

// randomModelOf returns a model of the given units with parameters as in RandomModel.
func randomModelOf(t testing.TB, visibleUnits, hiddenUnits engine.Units, visible, hidden int, weight, bias float64) *rbm.Model {
	t.Helper()
	m, err := rbm.NewModelOf(visibleUnits, hiddenUnits, visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(visible), uint64(hidden)))
	fill := func(x []float32, scale float64) {
		for n := range x {
			x[n] = float32(math.Round((2*random.Float64()-1)*scale*1024) / 1024)
		}
	}
	fill(m.Weights, weight)
	fill(m.Visible.Bias, bias)
	fill(m.Hidden.Bias, bias)
	return m
}

// UnitsOf returns the units of layers of n columns by name: of each discrete kind alone, and "mixed", in
// groups of all these kinds in turn, one group more than there are kinds as far as n allows. Columns that do
// not make a whole unit are of the default kind.
func UnitsOf(n int) map[string]engine.Units {
	all := map[string]engine.Units{}
	kinds := engine.Kinds()
	for _, k := range kinds {
		if all[k.String()] = group(nil, k, 0, n); k == kinds[0] { // the default, which an empty list stands for
			all[k.String()] = nil
		}
	}
	var mixed engine.Units
	groups := min(len(kinds)+1, n)
	for g := range groups {
		mixed = group(mixed, kinds[(g+1)%len(kinds)], g*n/groups, (g+1)*n/groups)
	}
	all["mixed"] = mixed
	return all
}

// group adds the units of a kind in the columns from ≤ j < to. Where no unit has room, one with as many
// states as there are columns takes its place.
func group(units engine.Units, k engine.Kind, from, to int) engine.Units {
	if size := to - from; k.Several() && size > 1 && size < k.Width() {
		name, _, _ := strings.Cut(k.String(), "/")
		if narrow, err := engine.KindNamed(fmt.Sprintf("%s/%d", name, size)); err == nil {
			k = narrow
		}
	}
	end := to - (to-from)%k.Width()
	if end > from {
		units = append(units, engine.Group{Kind: k, From: from, To: end})
	}
	if end < to {
		units = append(units, engine.Group{From: end, To: to})
	}
	return units
}

// Coupled gives a model couplings among its visible units, drawn from [-size,size] as in RandomModel.
func Coupled(m *rbm.Model, size float64) *rbm.Model {
	n := m.Visible.Len()
	random := rand.New(rand.NewPCG(uint64(n), 3))
	m.Lateral = make([]float32, n*n)
	for i := range n {
		k, first := m.Visible.Units.At(i)
		for j := first + k.Width(); j < n; j++ {
			x := float32(math.Round((2*random.Float64()-1)*size*1024) / 1024)
			m.Lateral[i*n+j], m.Lateral[j*n+i] = x, x
		}
	}
	return m
}

// CoupledModels returns models with couplings among visible units of each kind and of all, with and without
// hidden units of all kinds.
func CoupledModels(t testing.TB, visible, hidden int, size float64) map[string]*rbm.Model {
	models := map[string]*rbm.Model{}
	for name, units := range UnitsOf(visible) {
		models[name+", alone"] = Coupled(randomModelOf(t, units, nil, visible, 0, size, size), size)
		models[name] = Coupled(randomModelOf(t, units, UnitsOf(hidden)["mixed"], visible, hidden, size, size), size)
	}
	return models
}

// SomeCoupledModels are three of the models of CoupledModels: of all kinds of units, and spins alone.
func SomeCoupledModels(t testing.TB, visible, hidden int, size float64) map[string]*rbm.Model {
	models := CoupledModels(t, visible, hidden, size)
	maps.DeleteFunc(models, func(name string, _ *rbm.Model) bool {
		return name != "mixed" && name != "mixed, alone" && name != "spin, alone"
	})
	return models
}

// OfAllUnits returns a model of each combination of visible and hidden units of UnitsOf.
func OfAllUnits(t testing.TB, visible, hidden int, weight, bias float64) map[string]*rbm.Model {
	models := map[string]*rbm.Model{}
	for v, visibleUnits := range UnitsOf(visible) {
		for h, hiddenUnits := range UnitsOf(hidden) {
			name := fmt.Sprintf("%dx%d, %s by %s, weights to %v", visible, hidden, v, h, weight)
			models[name] = randomModelOf(t, visibleUnits, hiddenUnits, visible, hidden, weight, bias)
		}
	}
	return models
}

// SmallModels returns models of all proportions and combinations of units, at most 12 units
// each.
func SmallModels(t *testing.T) map[string]*rbm.Model {
	models := map[string]*rbm.Model{}
	for _, shape := range []struct {
		visible, hidden int
		weight, bias    float64
	}{
		{1, 1, 2, 1}, {7, 4, 2, 1}, {4, 7, 2, 1}, {6, 6, 1, 3},
		{7, 5, 50, 300}, {5, 7, 50, 300}, {6, 5, 50, 1}, {5, 3, 0, 0},
	} {
		maps.Copy(models, OfAllUnits(t, shape.visible, shape.hidden, shape.weight, shape.bias))
	}
	return models
}

// GibbsModels are models that mix within 20 Gibbs steps from any start: TestChainsReachTheModel of package sample
// would fail otherwise.
func GibbsModels(t *testing.T) []*rbm.Model {
	mixed := randomModelOf(t, UnitsOf(6)["mixed"], UnitsOf(5)["mixed"], 6, 5, 0.4, 0.4)
	return []*rbm.Model{RandomModel(t, 6, 5, 1, 1), RandomModel(t, 4, 7, 1.5, 0.5), RandomModel(t, 7, 2, 2, 1), mixed}
}

// LogBound bounds the error of one log-probability, energy, free energy or field of m, of discrete units, given
// exact inputs. Each is a sum of at most V·H + V² + V + H products and
// V + H cumulants or exponentials, each within 4u, with no intermediate beyond
// S + V + H in size, where S is absoluteSum.
func LogBound(m *rbm.Model) float64 {
	terms := float64(len(m.Weights) + len(m.Lateral) + m.Visible.Len() + m.Hidden.Len())
	return U * (terms + 16) * (absoluteSum(m) + float64(m.Visible.Len()+m.Hidden.Len()))
}

// absoluteSum returns Σ m_i|a_i| + Σ m_j|b_j| + Σ m_i m_j|w_ij| + Σ m_i m_k|L_ik|, where m = |Low| + High - Low is
// at least as large as a unit's states and the difference of any two, and 1 between 0 and 1.
func absoluteSum(m *rbm.Model) float64 {
	var sum float64
	for i, a := range m.Visible.Bias {
		mi := size(m.Visible.Units.Of(i))
		sum += mi * math.Abs(float64(a))
		for j, w := range m.Weights[i*m.Hidden.Len() : (i+1)*m.Hidden.Len()] {
			sum += mi * size(m.Hidden.Units.Of(j)) * math.Abs(float64(w))
		}
		if m.Coupled() {
			n := m.Visible.Len()
			for j, c := range m.Lateral[i*n : (i+1)*n] {
				sum += mi * size(m.Visible.Units.Of(j)) * math.Abs(float64(c))
			}
		}
	}
	for j, b := range m.Hidden.Bias {
		sum += size(m.Hidden.Units.Of(j)) * math.Abs(float64(b))
	}
	return sum
}

// size returns m = |Low| + High - Low of a kind.
func size(k engine.Kind) float64 {
	low, high := float64(k.Low()), float64(k.High())
	return math.Abs(low) + high - low
}

// Largest returns the largest absolute value of a state of a discrete kind.
func Largest(k engine.Kind) float64 {
	return max(math.Abs(float64(k.Low())), math.Abs(float64(k.High())))
}

// PartitionBound is the error bound that rbm.Model.LogPartition states.
func PartitionBound(m *rbm.Model) float64 {
	k, r := float64(min(m.Visible.Len(), m.Hidden.Len())), float64(max(m.Visible.Len(), m.Hidden.Len()))
	if m.Coupled() || m.Visible.Units.Several() || m.Hidden.Units.Several() {
		return U * (4*1024 + k + r + 16) * (absoluteSum(m) + 4*r)
	}
	bound := U * (1024 + k + r + 16) * (absoluteSum(m) + 4*r)
	if !zeroOne(m.Visible) || !zeroOne(m.Hidden) {
		bound += U * (k + r + 4) * absoluteSum(m)
	}
	return bound
}

// zeroOne reports whether the units of a layer have the values 0 and 1.
func zeroOne(l rbm.Layer) bool {
	for i := range l.Len() {
		if k := l.Units.Of(i); k.Low() != 0 || k.High() != 1 {
			return false
		}
	}
	return true
}

// BruteLogPartition sums e^(-E) over both layers.
func BruteLogPartition(m *rbm.Model) float64 {
	var logs []float64
	for _, v := range m.Visible.States() {
		for _, h := range m.Hidden.States() {
			logs = append(logs, -m.Energy(v, h))
		}
	}
	return estimate.LogSumExp(logs)
}

// LogPartition returns the exact log Z.
func LogPartition(t testing.TB, m *rbm.Model) float64 {
	t.Helper()
	logZ, err := m.LogPartition(context.Background(), rbm.PartitionConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return logZ
}

// Flipped returns the model with p'(c-v,h) = p(v,h), c = Low + High, in which the states of each
// visible unit of one column are exchanged, for a model of discrete visible units without couplings:
//
//	W' = -W,  a' = -a,  b' = b + Wᵀc.
//
// Units of several columns stay as they are.
func Flipped(m *rbm.Model) *rbm.Model {
	f := &rbm.Model{
		Visible: rbm.Layer{Units: m.Visible.Units, Bias: make([]float32, m.Visible.Len())},
		Hidden:  rbm.Layer{Units: m.Hidden.Units, Bias: slices.Clone(m.Hidden.Bias)},
		Weights: make([]float32, len(m.Weights)),
	}
	for n, w := range m.Weights {
		i, j := n/m.Hidden.Len(), n%m.Hidden.Len()
		f.Weights[n] = w * Flip(m.Visible, i)
		f.Hidden.Bias[j] += w * SumOfStates(m.Visible, i)
	}
	for i, a := range m.Visible.Bias {
		f.Visible.Bias[i] = a * Flip(m.Visible, i)
	}
	return f
}

// Flip is the factor of the parameters of column i in Flipped: -1, or 1 for a unit of several columns.
func Flip(l rbm.Layer, i int) float32 {
	if l.Units.Of(i).Several() {
		return 1
	}
	return -1
}

// SumOfStates returns Low + High of column i, or 0 for a unit of several columns.
func SumOfStates(l rbm.Layer, i int) float32 {
	if l.Units.Of(i).Several() {
		return 0
	}
	return l.Units.Of(i).Low() + l.Units.Of(i).High()
}

// Offsets returns offsets in (0,1) of the units of a layer, multiples of 1/16.
func Offsets(units, seed int) []float32 {
	x := make([]float32, units)
	for n := range x {
		x[n] = float32((n*5+seed)%15+1) / 16
	}
	return x
}

// SomeRows returns n rows of visible states of m, which repeat after 7 rows, or after 11 where V is a multiple of 7.
// Units with real states are 0 or 1.
func SomeRows(m *rbm.Model, n int) []float32 {
	period := 7
	if m.Visible.Len()%period == 0 { // all rows would be equal
		period = 11
	}
	rows := make([]float32, n*m.Visible.Len())
	for at := 0; at < len(rows); {
		kind := m.Visible.Units.Of(at % m.Visible.Len())
		state := at * at % period % 2
		if kind.Several() {
			state = at * at % period % kind.States()
		}
		kind.State(rows[at:at+kind.Width()], state)
		at += kind.Width()
	}
	return rows
}

// WithBaseRates gives a model base rates from 0.2 to 0.8, which are not its own means.
func WithBaseRates(m *rbm.Model) *rbm.Model {
	m.BaseRates = make([]float32, m.Visible.Len())
	for i := range m.BaseRates {
		m.BaseRates[i] = 0.2 + 0.6*float32(i)/float32(m.Visible.Len())
	}
	return m
}
