package rbm_test

import (
	"math"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

func TestEnergyByHand(t *testing.T) {
	m := &rbm.Model{
		Visible: rbm.Layer{Bias: []float32{64, 128}},
		Hidden:  rbm.Layer{Bias: []float32{256, 512, 1024}},
		Weights: []float32{1, 2, 4, 8, 16, 32},
	}
	for _, test := range []struct {
		v, h []float32
		want float64
	}{
		{[]float32{0, 0}, []float32{0, 0, 0}, 0},
		{[]float32{1, 0}, []float32{0, 0, 0}, -64},
		{[]float32{0, 0}, []float32{0, 1, 0}, -512},
		{[]float32{1, 0}, []float32{0, 0, 1}, -64 - 1024 - 4},
		{[]float32{0, 1}, []float32{1, 0, 1}, -128 - 256 - 1024 - 8 - 32},
		{[]float32{1, 1}, []float32{1, 1, 1}, -2047},
		{[]float32{0.5, 0}, []float32{0, 0.5, 0}, -32 - 256 - 0.5},
	} {
		if got := m.Energy(test.v, test.h); got != test.want {
			t.Errorf("Energy(%v, %v) = %v, want %v", test.v, test.h, got, test.want)
		}
	}
}

// TestCliquesFactoriseTheField: the energies of all cliques add up to E(v,h), and their potentials multiply to e^-E.
// There is a clique for each unit and each pair of units.
func TestCliquesFactoriseTheField(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 4, 3, 2, 1) {
		for _, v := range m.Visible.States() {
			for _, h := range m.Hidden.States() {
				count, energy, product := 0, 0.0, 1.0
				for c := range m.Cliques(v, h) {
					count++
					energy += c.Energy
					product *= c.Potential()
				}
				if want := 4 + 3 + 4*3; count != want {
					t.Fatalf("%s: %d cliques, want %d", name, count, want)
				}
				want := m.Energy(v, h)
				rbmtest.Near(t, rbmtest.At(name+": Σ E_c", v, h), energy, want, 2*rbmtest.LogBound(m))
				// E and Σ E_c are each within LogBound of the exact energy. Each potential and each product
				// round within 3u together.
				relative := 2*rbmtest.LogBound(m) + 3*float64(count)*rbmtest.U
				rbmtest.Near(t, rbmtest.At(name+": Π ψ_c / e^-E", v, h), product/math.Exp(-want), 1, relative)
			}
		}
	}
}

// TestCliquesOfRealStatesFactoriseTheField: the energies of the cliques add up to the model's, with U of the
// real states in their nodes.
func TestCliquesOfRealStatesFactoriseTheField(t *testing.T) {
	hidden, visible := rbmtest.HiddenReals(t), mixedReals(t)
	for _, test := range []struct {
		name string
		m    *rbm.Model
		v, h []float32
	}{
		{"hidden reals", hidden, []float32{1, 0, -1, 0, 1, 0}, []float32{-0.7, 0.4, 1, -1.3}},
		{"visible reals", visible, []float32{1, -1.7, 0, 1, 0}, []float32{1, 0}},
		{"both", rbmtest.Gaussians(t, 2, 3), []float32{0.6, -1.2}, []float32{-0.3, 1.4, 0.2}},
	} {
		var energy float64
		for c := range test.m.Cliques(test.v, test.h) {
			energy += c.Energy
		}
		// There are at most 6·4 + 6 + 4 terms and U of four units, each below 4 in size and within 4u. Both sums
		// round within 38u of the sum of the sizes.
		rbmtest.Near(t, test.name, energy, test.m.Energy(test.v, test.h), 2*rbmtest.U*(38+4)*38*4)
	}
}

// TestCliquesAreTheNodesAndPairs: the order of the cliques, up to the clique at which a caller stops.
func TestCliquesAreTheNodesAndPairs(t *testing.T) {
	m := rbmtest.RandomModel(t, 2, 2, 2, 1)
	on := []float32{1, 1}
	want := []rbm.Clique{
		{0, -1, -1, -float64(m.Visible.Bias[0])}, {1, -1, -1, -float64(m.Visible.Bias[1])},
		{-1, 0, -1, -float64(m.Hidden.Bias[0])}, {-1, 1, -1, -float64(m.Hidden.Bias[1])},
		{0, 0, -1, -float64(m.Weights[0])}, {0, 1, -1, -float64(m.Weights[1])},
		{1, 0, -1, -float64(m.Weights[2])}, {1, 1, -1, -float64(m.Weights[3])},
	}
	for stop := range want {
		n := 0
		for c := range m.Cliques(on, on) {
			if c != want[n] {
				t.Errorf("clique %d: got %v, want %v", n, c, want[n])
			}
			if n == stop {
				break
			}
			n++
		}
	}
}

// TestBoltzmannDistribution: the p(v,h) of all states sum to 1.
func TestBoltzmannDistribution(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		logZ := rbmtest.LogPartition(t, m)
		var logs []float64
		for _, v := range m.Visible.States() {
			for _, h := range m.Hidden.States() {
				logs = append(logs, m.LogJoint(v, h, logZ))
			}
		}
		rbmtest.Near(t, name+": log Σ p(v,h)", estimate.LogSumExp(logs), 0, rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m))
	}
}
