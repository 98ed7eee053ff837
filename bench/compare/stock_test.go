package main

import (
	"math"
	"math/rand/v2"
	"testing"

	G "gorgonia.org/gorgonia"

	"harmonium/rbm"
)

// TestStock compares two updates of the stock graph with PCD written as loops over the same
// noise.
func TestStock(t *testing.T) {
	const batch, steps = 3, 2
	rng := rand.New(rand.NewPCG(7, 0))
	m := randomModel(t, rng)
	want := &loops{
		w: float64sOf(m.Weights), a: float64sOf(m.Visible.Bias), b: float64sOf(m.Hidden.Bias),
		chains: make([]float64, batch*hidden),
	}
	s := newStock(batch, steps)
	if err := s.start(m); err != nil {
		t.Fatal(err)
	}
	machine := G.NewTapeMachine(s.graph)
	defer machine.Close()
	for range 2 {
		rows := make([]float32, batch*visible)
		for i := range rows {
			rows[i] = float32(rng.IntN(2))
		}
		if err := s.run(machine, rows, rng); err != nil {
			t.Fatal(err)
		}
		var noise [][]float64
		for _, n := range s.noise {
			noise = append(noise, float64sOf(n.Value().Data().([]float32)))
		}
		want.update(float64sOf(rows), noise, batch, steps)
	}
	// A field has 785 terms of at most 0.1 in size, so a float32 sum of it, in any order, is off by at most 785
	// roundings of 2^-24 of 785·0.1. A sigmoid has slope 1/4 at most, and a parameter moves by the rate times the
	// difference of two means of such values. This bounds the first update. The second one begins with these errors,
	// and at worst is off by more: measured, parameters are off by 4e-8 after both. A state of a chain is 0 or 1: by the
	// fixed seed no noise is so near to a mean that it differs.
	tolerance := stockRate * 2 * 785 * 785 * 0.1 / 4 * math.Pow(2, -24)
	for name, values := range map[string][]float64{
		"weights": want.w, "visible_bias": want.a, "hidden_bias": want.b, "chains": want.chains,
	} {
		got := s.inputs[name].Value().Data().([]float32)
		for i, w := range values {
			if !(math.Abs(float64(got[i])-w) <= tolerance) {
				t.Fatalf("%s[%d]: got %v, want %v within %v", name, i, got[i], w, tolerance)
			}
		}
	}
}

func randomModel(t *testing.T, rng *rand.Rand) *rbm.Model {
	m, err := rbm.NewModel(visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range [][]float32{m.Weights, m.Visible.Bias, m.Hidden.Bias} {
		for i := range values {
			values[i] = 0.2*rng.Float32() - 0.1
		}
	}
	return m
}

func float64sOf(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// loops is PCD by its definition, see newStock: weights (V,H), visible biases a (V), hidden biases b (H), and the hidden
// states of the chains (B,H).
type loops struct{ w, a, b, chains []float64 }

// update makes an update with the rows v (B,V). The noise of a Gibbs step is for its visible and then its hidden units.
func (l *loops) update(v []float64, noise [][]float64, batch, steps int) {
	p := l.meanHidden(v, batch)
	var vm, pm []float64 // v' and p' of the chains
	for step := range steps {
		vm = statesBelow(l.meanVisible(l.chains, batch), noise[2*step])
		pm = l.meanHidden(vm, batch)
		l.chains = statesBelow(pm, noise[2*step+1])
	}
	rate := stockRate / float64(batch)
	for n := range batch {
		for i := range visible {
			for j := range hidden {
				l.w[i*hidden+j] += rate * (v[n*visible+i]*p[n*hidden+j] - vm[n*visible+i]*pm[n*hidden+j])
			}
			l.a[i] += rate * (v[n*visible+i] - vm[n*visible+i])
		}
		for j := range hidden {
			l.b[j] += rate * (p[n*hidden+j] - pm[n*hidden+j])
		}
	}
}

func (l *loops) meanHidden(v []float64, batch int) []float64 {
	p := make([]float64, batch*hidden)
	for n := range batch {
		for j := range hidden {
			field := l.b[j]
			for i := range visible {
				field += v[n*visible+i] * l.w[i*hidden+j]
			}
			p[n*hidden+j] = 1 / (1 + math.Exp(-field))
		}
	}
	return p
}

func (l *loops) meanVisible(h []float64, batch int) []float64 {
	p := make([]float64, batch*visible)
	for n := range batch {
		for i := range visible {
			field := l.a[i]
			for j := range hidden {
				field += h[n*hidden+j] * l.w[i*hidden+j]
			}
			p[n*visible+i] = 1 / (1 + math.Exp(-field))
		}
	}
	return p
}

// statesBelow returns states that are 1 where the noise u is below the mean p.
func statesBelow(p, u []float64) []float64 {
	states := make([]float64, len(p))
	for i := range p {
		if u[i] < p[i] {
			states[i] = 1
		}
	}
	return states
}
