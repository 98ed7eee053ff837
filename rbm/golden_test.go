package rbm_test

import (
	"slices"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestGoldenSpins: log Z of a small model of units in {-1,1} and of the model of units in {0,1}
// that it is, from sums in another program.
func TestGoldenSpins(t *testing.T) {
	i := slices.Index(engine.KindNames(), "spin")
	if i < 0 {
		t.Fatal("no kind spin")
	}
	spins := engine.NewUnits(engine.Kinds()[i], 2)
	m := &rbm.Model{
		Visible: rbm.Layer{Units: spins, Bias: []float32{0.1, -0.2}},
		Hidden:  rbm.Layer{Units: spins, Bias: []float32{0.4, -0.3}},
		Weights: []float32{0.3, -0.5, 0.7, 0.2},
	}
	bits, constant, lost := asBits(m)
	// The parameters are decimal fractions, rounded to float32, and the figures have 12 digits.
	size := 0.1 + 0.2 + 0.4 + 0.3 + 0.3 + 0.5 + 0.7 + 0.2
	tolerance := 4*0x1p-24*size + 1e-12 + lost
	rbmtest.Near(t, "log Z", rbmtest.LogPartition(t, m), 3.298998285968, tolerance)
	rbmtest.Near(t, "log Z as bits", rbmtest.LogPartition(t, bits), 2.598998285968, tolerance)
	rbmtest.Near(t, "constant", constant, 0.7, tolerance)
}

// kindNamed returns the kind with a name.
func kindNamed(name string) engine.Kind {
	k, err := engine.KindNamed(name)
	if err != nil {
		panic(err)
	}
	return k
}
