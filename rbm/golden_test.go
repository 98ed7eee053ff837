package rbm_test

import (
	"fmt"
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// The golden figures are from sums and quadrature in another program, with 12 decimals. Their parameters are not
// float32 numbers (see rbmtest.AtFloat64).
const goldenTolerance = 1e-10

// golden is a figure with the value that it has in the other program.
type golden struct {
	what      string
	got, want float64
}

// checkGolden compares the figures that f returns, with the settings at their numbers in float64.
func checkGolden(t *testing.T, settings []rbmtest.Setting, f func() []golden) {
	t.Helper()
	got := rbmtest.AtFloat64(settings, func() []float64 {
		var figures []float64
		for _, g := range f() {
			figures = append(figures, g.got)
		}
		return figures
	})
	for i, g := range f() {
		rbmtest.Near(t, g.what, got[i], g.want, goldenTolerance)
	}
}

// kindNamed returns the kind with a name.
func kindNamed(name string) engine.Kind {
	k, err := engine.KindNamed(name)
	if err != nil {
		panic(err)
	}
	return k
}

// goldenModel returns a model whose layers have units of one kind each.
func goldenModel(t *testing.T, visibleKind, hiddenKind string, visible, hidden int) *rbm.Model {
	t.Helper()
	m, err := rbm.NewModelOf(engine.NewUnits(kindNamed(visibleKind), visible), engine.NewUnits(kindNamed(hiddenKind), hidden), visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// goldenPair returns a model of a Gaussian unit in each layer, without the numbers that float32 cannot hold.
func goldenPair(t *testing.T) *rbm.Model {
	m := goldenModel(t, "gaussian", "gaussian", 1, 1)
	m.Weights[0], m.Visible.Bias[0], m.Hidden.Bias[0] = 0.9, 0.3, -0.4
	return m
}

// set returns the settings of parameters.
func set(x []float32, to ...float64) []rbmtest.Setting {
	var list []rbmtest.Setting
	for i, to := range to {
		list = append(list, rbmtest.Setting{At: &x[i], To: to})
	}
	return list
}

// join returns all settings.
func join(lists ...[]rbmtest.Setting) []rbmtest.Setting {
	var all []rbmtest.Setting
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// TestGoldenSpins: log Z of a small model of units in {-1,1}, of the model of units in {0,1} that it is, and of
// the model between them, whose visible units alone are in {0,1}.
func TestGoldenSpins(t *testing.T) {
	weights, visible, hidden := []float64{0.3, -0.5, 0.7, 0.2}, []float64{0.1, -0.2}, []float64{0.4, -0.3}
	spins, bits, mixed := goldenModel(t, "spin", "spin", 2, 2), goldenModel(t, "bernoulli", "bernoulli", 2, 2), goldenModel(t, "bernoulli", "spin", 2, 2)
	settings := join(set(spins.Weights, weights...), set(spins.Visible.Bias, visible...), set(spins.Hidden.Bias, hidden...))
	var constant float64
	for i := range 2 {
		rows, columns := weights[2*i]+weights[2*i+1], weights[i]+weights[2+i]
		settings = join(settings,
			set(bits.Visible.Bias[i:], 2*visible[i]-2*rows), set(bits.Hidden.Bias[i:], 2*hidden[i]-2*columns),
			set(bits.Weights[2*i:], 4*weights[2*i], 4*weights[2*i+1]),
			set(mixed.Visible.Bias[i:], 2*visible[i]), set(mixed.Hidden.Bias[i:], hidden[i]-columns),
			set(mixed.Weights[2*i:], 2*weights[2*i], 2*weights[2*i+1]))
		constant += rows - visible[i] - hidden[i]
	}
	checkGolden(t, settings, func() []golden {
		one, two := rbmtest.LogPartition(t, spins), rbmtest.LogPartition(t, bits)
		return []golden{
			{"log Z", one, 3.298998285968},
			{"log Z as bits", two, 2.598998285968},
			{"the constant", one - two, 0.7},
			{"log Z of visible bits", rbmtest.LogPartition(t, mixed) - visible[0] - visible[1], 3.298998285968},
		}
	})
	rbmtest.Near(t, "the sum of the parameters", constant, 0.7, 1e-15)
}

// TestGoldenGaussians: log Z of two Gaussian units.
func TestGoldenGaussians(t *testing.T) {
	m := goldenPair(t)
	settings := join(set(m.Weights, 0.9), set(m.Visible.Bias, 0.3), set(m.Hidden.Bias, -0.4),
		set(m.Visible.LogVariance, -math.Log(1.5)), set(m.Hidden.LogVariance, -math.Log(2)))
	checkGolden(t, settings, func() []golden { return []golden{{"log Z", rbmtest.LogPartition(t, m), 1.492501636961}} })
}

// TestGoldenGaussian: a small model of Gaussian and Bernoulli units.
func TestGoldenGaussian(t *testing.T) {
	m := goldenModel(t, "gaussian", "bernoulli", 2, 3)
	fields, precisions := []float64{0.4, -0.7}, []float64{1.5, 0.8}
	var weights []float64
	for k := range 6 {
		weights = append(weights, 0.6*math.Sin(float64(1+k)))
	}
	v := make([]float32, 2)
	settings := join(set(m.Weights, weights...), set(m.Visible.Bias, fields...), set(m.Hidden.Bias, 0.2, -0.5, 0.1),
		set(m.Visible.LogVariance, -math.Log(precisions[0]), -math.Log(precisions[1])), set(v, 0.3, -1.2))
	checkGolden(t, settings, func() []golden {
		logZ := rbmtest.LogPartition(t, m)
		g, err := m.LogLikelihoodGradient(v, logZ)
		if err != nil {
			t.Fatal(err)
		}
		data := m.PositivePhase(v)
		list := []golden{
			{"log Z", logZ, 5.555389709025},
			{"-F", -m.FreeEnergy(v), 3.310568561115},
			{"log p", m.LogMarginalVisible(v, logZ), -2.244821147910},
			// Cho, Ilin and Raiko write (v-b)²/2σ² with b = θσ², which the energy here is without b²/2σ².
			{"-F with (v-b)²/2σ²", -m.FreeEnergy(v) - fields[0]*fields[0]/(2*precisions[0]) - fields[1]*fields[1]/(2*precisions[1]), 2.950985227781},
			{"⟨v_0 h_0⟩", data.Weights[0] - g.Weights[0], 0.725116035331},
		}
		for i, want := range []float64{0.832315895147, -1.976201775295} {
			list = append(list, golden{fmt.Sprintf("⟨v_%d⟩", i), data.VisibleBias[i] - g.VisibleBias[i], want})
		}
		for i, want := range []float64{1.409937680248, 5.339905845192} {
			list = append(list, golden{fmt.Sprintf("⟨v_%d²⟩", i), (data.VisibleLogVariance[i] - g.VisibleLogVariance[i]) * 2 / precisions[i], want})
		}
		for j, want := range []float64{0.797897497943, 0.720342465732, 0.621527227164} {
			list = append(list, golden{fmt.Sprintf("⟨h_%d⟩", j), data.HiddenBias[j] - g.HiddenBias[j], want})
		}
		return list
	})
	rbmtest.Near(t, "Σb²/2σ²", fields[0]*fields[0]/(2*precisions[0])+fields[1]*fields[1]/(2*precisions[1]), 0.359583333333, 1e-12)
}
