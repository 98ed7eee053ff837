package rbm_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// TestModelsAsMachines: a model and its machine have the same energies, probabilities, marginals and
// conditionals, and the machine gives the model back. A figure is made of at most 4 energies, logs of sums or
// log-probabilities in the machine and of as many in the model, each within LogBound.
func TestModelsAsMachines(t *testing.T) {
	models := rbmtest.OfAllUnits(t, 4, 3, 1, 1)
	for name, m := range rbmtest.CoupledModels(t, 4, 3, 1) {
		models["coupled, "+name] = m
	}
	for name, m := range models {
		b := m.Boltzmann()
		if err := b.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		bound := 8 * rbmtest.LogBound(m)
		logZ := rbmtest.LogPartition(t, m)
		rbmtest.Near(t, name+": log Z", b.LogPartition(), logZ, rbmtest.PartitionBound(m)+bound)
		visible := m.Visible.Len()
		means := make([]float64, b.Nodes.Len())
		for x, log := range b.States(logZ) {
			v, h := x[:visible], x[visible:]
			rbmtest.Near(t, rbmtest.At(name, x), log, m.LogJoint(v, h, logZ), bound)
			for i := range x {
				means[i] += math.Exp(log) * float64(x[i])
			}
			var hidden float64
			for j := visible; j < len(x); j++ {
				if k, first := b.Nodes.Units.At(j); j == first {
					hidden += b.LogConditional(j, x)
					j += k.Width() - 1
				}
			}
			rbmtest.Near(t, rbmtest.At(name+": p(h|v)", x), hidden, m.LogConditionalHidden(h, v), bound)
			for i := range v {
				rbmtest.Near(t, rbmtest.At(name+": p(v_i|rest)", x), b.LogConditional(i, x), m.LogConditionalUnit(i, v, h), bound)
			}
		}
		got, _ := b.Marginals()
		rbmtest.CompareValues(t, name+": marginals", got, means, func(int) float64 { return bound + rbmtest.PartitionBound(m) })

		back, err := b.Model(m.Hidden.Len())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		parameters := func(m *rbm.Model) []float32 {
			return slices.Concat(m.Weights, m.Lateral, m.Visible.Bias, m.Hidden.Bias)
		}
		if !slices.Equal(parameters(back), parameters(m)) || back.Coupled() != m.Coupled() {
			t.Errorf("%s: the machine gives another model back", name)
		}
		for _, layers := range [][2]rbm.Layer{{back.Visible, m.Visible}, {back.Hidden, m.Hidden}} {
			for i := range layers[1].Len() {
				if got, want := layers[0].Units.Of(i), layers[1].Units.Of(i); got != want {
					t.Errorf("%s: column %d is %v, want %v", name, i, got, want)
				}
			}
		}
	}
}

// TestMachineOfAnyGraph: on a cycle with a chord, which no model with hidden units of its own has, the
// conditionals and the marginals are ratios and sums of e^(-E) over all states. An energy has 11 terms, whose
// sizes add up to less than 8: four logs of sums of such energies round by less than 1e-13.
func TestMachineOfAnyGraph(t *testing.T) {
	for name, units := range rbmtest.UnitsOf(5) {
		b := &rbm.Boltzmann{Nodes: rbm.Layer{Units: units, Bias: []float32{0.5, -0.25, 1, 0, -1}}}
		for k, pair := range [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}, {0, 3}} {
			k1, first := units.At(pair[0])
			if pair[1] < first+k1.Width() {
				continue
			}
			b.Edges = append(b.Edges, rbm.Edge{I: pair[0], J: pair[1], Coupling: float32(k)/2 - 1})
		}
		logZ := b.LogPartition()
		_, pairs := b.Marginals()
		want := make([]float64, 25)
		for x, log := range b.States(logZ) {
			for i := range x {
				for j := range x {
					want[5*i+j] += math.Exp(log) * float64(x[i]) * float64(x[j])
				}
				k, first := units.At(i)
				other := slices.Clone(x)
				var logs []float64
				for s := range k.States() {
					k.State(other[first:first+k.Width()], s)
					logs = append(logs, -b.Energy(other))
				}
				rbmtest.Near(t, rbmtest.At(name, x), b.LogConditional(i, x), -b.Energy(x)-estimate.LogSumExp(logs), 1e-13)
			}
		}
		rbmtest.CompareValues(t, name+": pairs", pairs, want, func(int) float64 { return 1e-13 })
	}
}

// TestMachineRefuses: edges and biases that no machine has, and machines that are no model with the given number of
// hidden columns, are errors that say why.
func TestMachineRefuses(t *testing.T) {
	b := func(edges ...rbm.Edge) *rbm.Boltzmann {
		return &rbm.Boltzmann{Nodes: rbm.Layer{Bias: make([]float32, 4)}, Edges: edges}
	}
	for want, model := range map[string]func() (*rbm.Model, error){
		"both hidden":          func() (*rbm.Model, error) { return b(rbm.Edge{I: 2, J: 3, Coupling: 1}).Model(2) },
		"want 0 to 3":          func() (*rbm.Model, error) { return b().Model(4) },
		"rising order":         func() (*rbm.Model, error) { return b(rbm.Edge{I: 2, J: 1}).Model(1) },
		"of 4 in rising order": func() (*rbm.Model, error) { return b(rbm.Edge{I: 2, J: 4}).Model(1) },
		"again, want one edge": func() (*rbm.Model, error) { return b(rbm.Edge{I: 0, J: 1}, rbm.Edge{I: 0, J: 1}).Model(1) },
		"want a finite number": func() (*rbm.Model, error) {
			return b(rbm.Edge{I: 0, J: 1, Coupling: float32(math.Inf(1))}).Model(1)
		},
		"the bias of column 2 is NaN": func() (*rbm.Model, error) {
			spoiled := b()
			spoiled.Nodes.Bias[2] = float32(math.NaN())
			return spoiled.Model(1)
		},
		"of one unit, want two units":   func() (*rbm.Model, error) { return wide(t, rbm.Edge{I: 0, J: 1}).Model(1) },
		"layer that begins with a unit": func() (*rbm.Model, error) { return wide(t).Model(2) },
	} {
		if m, err := model(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v and %v, want an error with %q", m, err, want)
		}
	}
	m := rbmtest.RandomModel(t, 3, 2, 1, 1)
	if back, err := m.Boltzmann().Model(2); err != nil || !slices.Equal(back.Weights, m.Weights) || back.Coupled() {
		t.Errorf("got %v and %v, want the restricted model without couplings", back, err)
	}
}

// wide returns a machine of one categorical unit and a unit of the default kind.
func wide(t *testing.T, edges ...rbm.Edge) *rbm.Boltzmann {
	m, err := rbm.NewModelOf(engine.Units{{Kind: kindNamed("categorical/3"), To: 3}, {From: 3, To: 4}}, nil, 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := m.Boltzmann()
	b.Edges = edges
	return b
}
