package rbm_test

import (
	"math"
	"slices"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestZeroSum: in the zero-sum gauge all states have the same probability as before, log Z falls by the means
// of the biases, and the parameters of each unit of several columns sum to zero.
func TestZeroSum(t *testing.T) {
	for name, m := range rbmtest.OfAllUnits(t, 7, 5, 1, 1) {
		z := &rbm.Model{
			Visible: rbm.Layer{Units: m.Visible.Units, Bias: slices.Clone(m.Visible.Bias)},
			Hidden:  rbm.Layer{Units: m.Hidden.Units, Bias: slices.Clone(m.Hidden.Bias)},
			Weights: slices.Clone(m.Weights),
		}
		z.ZeroSum()
		// Each parameter of z is rounded to float32 once. States are at most 1 in size, so that an energy moves by at
		// most 2⁻²⁴ of the sum of the parameters' sizes, and log Z by as much.
		var size float64
		for _, x := range slices.Concat(z.Weights, z.Visible.Bias, z.Hidden.Bias) {
			size += math.Abs(float64(x))
		}
		rounding := 2*0x1p-24*size + 4*rbmtest.LogBound(m) + 2*rbmtest.PartitionBound(m)
		logZ, zeroLogZ := rbmtest.LogPartition(t, m), rbmtest.LogPartition(t, z)
		for _, v := range m.Visible.States() {
			rbmtest.Near(t, rbmtest.At(name+": log p", v), z.LogMarginalVisible(v, zeroLogZ), m.LogMarginalVisible(v, logZ), rounding)
		}
		for _, h := range m.Hidden.States() {
			rbmtest.Near(t, rbmtest.At(name+": log p", h), z.LogMarginalHidden(h, zeroLogZ), m.LogMarginalHidden(h, logZ), rounding)
		}
		sums := func(l rbm.Layer, other int, weight func(column, j int) float32) {
			for i := 0; i < l.Len(); {
				k := l.Units.Of(i)
				for j := range other + 1 {
					var sum float64
					for a := i; a < i+k.Width(); a++ {
						if j == other {
							sum += float64(l.Bias[a])
						} else {
							sum += float64(weight(a, j))
						}
					}
					if k.Several() {
						rbmtest.Near(t, name+": a sum", sum, 0, rounding)
					}
				}
				i += k.Width()
			}
		}
		sums(z.Visible, 5, func(i, j int) float32 { return z.Weights[i*5+j] })
		sums(z.Hidden, 7, func(j, i int) float32 { return z.Weights[i*5+j] })
		if !m.Visible.Units.Several() && !m.Hidden.Units.Several() && !slices.Equal(m.Weights, z.Weights) {
			t.Errorf("%s: the weights changed", name)
		}
	}
	// By hand: a visible unit of two states, with the weights 3 and 1 to a hidden unit and the biases 5 and 1. log Z
	// falls by their mean 3. It is below 10 and of few terms: 1e-12 is more than 100 roundings.
	m, err := rbm.NewModelOf(engine.NewUnits(kindNamed("categorical/2"), 2), nil, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	copy(m.Weights, []float32{3, 1})
	copy(m.Visible.Bias, []float32{5, 1})
	logZ := rbmtest.LogPartition(t, m)
	m.ZeroSum()
	got := slices.Concat(m.Weights, m.Visible.Bias, m.Hidden.Bias)
	if want := []float32{1, -1, 2, -2, 2}; !slices.Equal(got, want) {
		t.Errorf("weights and biases %v, want %v", got, want)
	}
	rbmtest.Near(t, "log Z", rbmtest.LogPartition(t, m), logZ-3, 1e-12)
}
