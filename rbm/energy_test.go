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
		Visible: 2, Hidden: 3,
		Weights:     []float32{1, 2, 4, 8, 16, 32},
		VisibleBias: []float32{64, 128},
		HiddenBias:  []float32{256, 512, 1024},
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

func TestCliquesFactoriseTheField(t *testing.T) {
	m := rbmtest.RandomModel(t, 4, 3, 2, 1)
	for _, v := range rbm.States(4) {
		for _, h := range rbm.States(3) {
			count, energy, product := 0, 0.0, 1.0
			for c := range m.Cliques(v, h) {
				count++
				energy += c.Energy
				product *= c.Potential()
			}
			if want := 4 + 3 + 4*3; count != want {
				t.Fatalf("%d cliques, want %d", count, want)
			}
			want := m.Energy(v, h)
			rbmtest.Near(t, rbmtest.At("Σ E_c", v, h), energy, want, 2*rbmtest.LogBound(m))
			// Each potential and each product rounds, within 3u together.
			relative := 3*rbmtest.LogBound(m) + 3*float64(count)*rbmtest.U
			rbmtest.Near(t, rbmtest.At("Π ψ_c / e^-E", v, h), product/math.Exp(-want), 1, relative)
		}
	}
}

func TestCliquesAreTheNodesAndPairs(t *testing.T) {
	m := rbmtest.RandomModel(t, 2, 2, 2, 1)
	on := []float32{1, 1}
	want := []rbm.Clique{
		{0, -1, -float64(m.VisibleBias[0])}, {1, -1, -float64(m.VisibleBias[1])},
		{-1, 0, -float64(m.HiddenBias[0])}, {-1, 1, -float64(m.HiddenBias[1])},
		{0, 0, -float64(m.Weights[0])}, {0, 1, -float64(m.Weights[1])},
		{1, 0, -float64(m.Weights[2])}, {1, 1, -float64(m.Weights[3])},
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

func TestBoltzmannDistribution(t *testing.T) {
	for name, m := range rbmtest.SmallModels(t) {
		logZ := rbmtest.LogPartition(t, m)
		var logs []float64
		for _, v := range rbm.States(m.Visible) {
			for _, h := range rbm.States(m.Hidden) {
				logs = append(logs, m.LogJoint(v, h, logZ))
			}
		}
		rbmtest.Near(t, name+": log Σ p(v,h)", estimate.LogSumExp(logs), 0, rbmtest.PartitionBound(m)+2*rbmtest.LogBound(m))
	}
}
