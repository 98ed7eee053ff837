package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
)

// maker grows a random graph. It groups the nodes by what they hold, so that a new op can take any of a
// group. Fields and gradients are over states alone, for which the kernels return the same bits. Seeds
// and scales are chosen.
type maker struct {
	*fixture
	clk, rates, betas *gorgonia.Node
	weights           []*gorgonia.Node // (V,H)
	visible, hidden   layerNodes
	weighted          []*gorgonia.Node // (B), in float32
	logWeights        []*gorgonia.Node // (B), variables in float64
	sums              []*gorgonia.Node // (B), computed in float64
	draws             uint32           // so far, each with its own step
}

// layerNodes are the nodes of one layer of J units.
type layerNodes struct {
	units                 Units
	states, means, fields []*gorgonia.Node // (B,J)
	biases                []*gorgonia.Node // (J)
	averages              []*gorgonia.Node // (2,J)
}

func pick(r *rand.Rand, nodes []*gorgonia.Node) *gorgonia.Node { return nodes[r.IntN(len(nodes))] }

// newMaker returns a graph of variables: two of weights and of the states and biases of each layer, and one of each
// other group that has variables. Its layers have units of all kinds if the seed is odd. Rates and betas have entries
// for eight runs.
func newMaker(t testing.TB, d [3]int, seed uint64) *maker {
	m := &maker{fixture: newFixture(t, d[0], d[1], d[2])}
	m.random = rand.New(rand.NewPCG(seed, 0))
	m.clk, m.rates, m.betas = m.clock(0, 0, 0), m.means("rates", 8, 2), m.means("betas", 9)
	for i := range 2 {
		m.weights = append(m.weights, m.reals(fmt.Sprint("w", i), 0.5, m.V, m.H))
	}
	m.logWeights = []*gorgonia.Node{m.variable("logs", make([]float64, m.B), m.B)}
	m.weighted = []*gorgonia.Node{m.reals("s", 1, m.B)}
	for i, l := range []*layerNodes{&m.visible, &m.hidden} {
		name, units := []string{"v", "h"}[i], []int{m.V, m.H}[i]
		if seed%2 == 1 {
			l.units = mixedUnits(m.random, units)
		}
		for i := range 2 {
			l.states = append(l.states, m.worths(fmt.Sprint(name, " states ", i), l.units, m.B, units))
			l.biases = append(l.biases, m.reals(fmt.Sprint(name, " bias ", i), 0.5, units))
		}
		l.means = []*gorgonia.Node{m.means(name+" means", m.B, units)}
		l.averages = []*gorgonia.Node{m.means(name+" averages", 2, units)}
	}
	return m
}

// grow adds one random op, or several that take the same operands. Fields, means and draws are the most frequent.
func (m *maker) grow() {
	r := m.random
	own, other := &m.visible, &m.hidden
	if r.IntN(2) == 0 {
		own, other = other, own
	}
	transposed := own == &m.visible
	switch r.IntN(15) {
	case 0, 1:
		field := NewHiddenField
		if transposed {
			field = NewVisibleField
		}
		z := field(pick(r, other.states), pick(r, m.weights), pick(r, own.biases), other.units)
		if r.IntN(3) == 0 {
			z = NewChangedField(pick(r, other.states), z)
		}
		own.fields = append(own.fields, z)
	case 2, 3:
		if len(own.fields) > 0 {
			own.means = append(own.means, NewMean(pick(r, own.fields), own.units, Path{}))
		}
	case 4:
		if len(own.fields) > 0 {
			path := Path{Base: pick(r, own.biases), Betas: m.betas, Clock: m.clk, Ahead: r.IntN(2)}
			own.means = append(own.means, NewMean(pick(r, own.fields), own.units, path))
		}
	case 5, 6:
		if len(own.fields) > 0 {
			m.draws++
			x := NewSample(pick(r, own.fields), m.clk, own.units, Path{}, Draw{Seed: 4, Step: m.draws})
			own.states = append(own.states, x)
		}
	case 7:
		if len(m.hidden.fields) > 0 {
			v, z := pick(r, m.visible.states), pick(r, m.hidden.fields)
			m.sums = append(m.sums, NewFreeEnergy(v, pick(r, m.visible.biases), z, m.hidden.units),
				NewPseudoLikelihood(v, z, pick(r, m.weights), pick(r, m.visible.biases), m.clk,
					PseudoLikelihood{Visible: m.visible.units, Hidden: m.hidden.units, Draw: Draw{Seed: 4, Stream: 1}}),
				NewLogWeight(pick(r, m.logWeights), v, pick(r, m.visible.biases), pick(r, m.visible.biases),
					z, m.betas, m.clk, m.hidden.units))
		}
	case 8:
		m.sums = append(m.sums, NewSquaredError(pick(r, own.states), pick(r, own.means)))
	case 9:
		v, p, vm, pm := pick(r, m.visible.states), pick(r, m.hidden.means), pick(r, m.visible.states), pick(r, m.hidden.means)
		m.weights = append(m.weights, NewGradient(v, p, vm, pm, Gradient{Units: m.visible.units}))
	case 10:
		m.weighted = append(m.weighted, NewCenteredDot(pick(r, own.states), pick(r, own.biases)))
		own.averages = append(own.averages, NewWeightedMeans(pick(r, own.states), pick(r, m.weighted)))
	case 11:
		d, c := pick(r, own.averages), pick(r, own.averages)
		own.biases = append(own.biases, NewDifference(d, c), NewBlend(pick(r, own.biases), d, c, Blend{0.1}),
			NewBiasGradient(pick(r, own.biases), d, c, pick(r, own.biases), pick(r, other.biases), pick(r, other.biases)))
	case 12:
		a := Ascend{L1: 0.01, L2: 0.02, Velocity: r.IntN(2) == 0}
		keep, w, g := pick(r, m.weights), pick(r, m.weights), pick(r, m.weights)
		c := Centering{pick(r, m.visible.biases), pick(r, m.hidden.biases), pick(r, m.visible.biases), pick(r, m.hidden.biases)}
		m.weights = append(m.weights, NewCenteredAscend(keep, w, g, m.rates, m.clk, c, a))
	case 13:
		m.weights = append(m.weights, NewAdd(pick(r, m.weights), pick(r, m.weights)))
		keep, b, g := pick(r, own.biases), pick(r, own.biases), pick(r, own.biases)
		own.biases = append(own.biases, NewAscend(keep, b, g, m.rates, m.clk, Ascend{}))
	case 14:
		p := pick(r, own.means)
		own.means = append(own.means, NewSparsity(p, NewMeans(p), Sparsity{Target: 0.1, Cost: 0.1}))
	}
}

// assign assigns to each variable among the nodes one of the computed values among them, and to one variable in three
// nothing.
func (m *maker) assign(nodes []*gorgonia.Node) {
	var variables, values []*gorgonia.Node
	for _, n := range nodes {
		if n.Op() == nil {
			variables = append(variables, n)
		} else {
			values = append(values, n)
		}
	}
	for _, v := range variables {
		if len(values) > 0 && m.random.IntN(3) > 0 {
			Assign(v, pick(m.random, values))
		}
	}
}

// TestRandomGraphsAgree: graphs of about sixty ops, with assignments of any results to any variables of the same shape,
// agree in each of three runs. They keep five results at most, so that other buffers are reused.
func TestRandomGraphsAgree(t *testing.T) {
	for seed := range uint64(40) {
		threads := 1 + int(seed%3)
		d := dimensions[seed/2%4] // with units of the default kind alone, and with all kinds
		t.Run(fmt.Sprintf("seed %d, %v, %d threads", seed, d, threads), func(t *testing.T) {
			m := newMaker(t, d, seed)
			for range 60 {
				m.grow()
			}
			for _, l := range []layerNodes{m.visible, m.hidden} {
				m.assign(l.states)
				m.assign(l.biases)
				m.assign(l.averages)
				m.assign(l.means)
			}
			m.assign(m.weights)
			m.assign(m.weighted)
			m.assign(append(m.logWeights, m.sums...))
			Assign(m.clk, NewTick(m.clk))
			var keep []*gorgonia.Node
			for _, nodes := range [][]*gorgonia.Node{m.weights, m.visible.states, m.hidden.means, m.visible.fields, m.sums} {
				if len(nodes) > 0 {
					if n := pick(m.random, nodes); n.Op() != nil {
						keep = append(keep, n)
					}
				}
			}
			m.agree(threads, 3, nil, keep...)
		})
	}
}
