package rbm_test

import (
	"fmt"
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// The golden figures were computed by another program, with 12 decimals, and can be computed anew by their formulas:
// each is log Z = log Σ e^(-E), or a mean with the probabilities e^(-E)/Z, with E as in package rbm and γs²/2 more for
// a real state s of precision γ = 1/σ². They are sums over discrete states and quadrature over real ones.
// The tolerance is the error of rbmtest.AtFloat64, since the parameters are not float32 numbers.
const goldenTolerance = 1e-10

// golden is a figure of a model, got, with the golden figure, want.
type golden struct {
	what      string
	got, want float64
}

// checkGolden compares the figures that f returns when the settings hold their numbers in float64.
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
	visibleUnits, hiddenUnits := engine.NewUnits(kindNamed(visibleKind), visible), engine.NewUnits(kindNamed(hiddenKind), hidden)
	m, err := rbm.NewModelOf(visibleUnits, hiddenUnits, visible, hidden)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// goldenPair returns a model of a Gaussian unit in each layer with log-variances of 0. Tests set their own.
func goldenPair(t *testing.T) *rbm.Model {
	m := goldenModel(t, "gaussian", "gaussian", 1, 1)
	m.Weights[0], m.Visible.Bias[0], m.Hidden.Bias[0] = 0.9, 0.3, -0.4
	return m
}

// set returns the settings of the first parameters in x to the numbers in to.
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

// TestGoldenSpins: log Z of a small model of spins s in {-1,1}, and of the same distribution over bits b = (s+1)/2
// in both layers, and in the visible layer alone. With s = 2b - 1 in both layers
//
//	-E = Σ_i (2a_i - 2Σ_j w_ij) b_i + Σ_j (2b_j - 2Σ_i w_ij) b'_j + Σ_ij 4w_ij b_i b'_j + Σ_ij w_ij - Σ_i a_i - Σ_j b_j,
//
// and with bits in the visible layer alone -E = Σ_i 2a_i b_i + Σ_j (b_j - Σ_i w_ij) s_j + Σ_ij 2w_ij b_i s_j - Σ_i a_i.
func TestGoldenSpins(t *testing.T) {
	weights, visible, hidden := []float64{0.3, -0.5, 0.7, 0.2}, []float64{0.1, -0.2}, []float64{0.4, -0.3}
	spins, bits := goldenModel(t, "spin", "spin", 2, 2), goldenModel(t, "bernoulli", "bernoulli", 2, 2)
	mixed := goldenModel(t, "bernoulli", "spin", 2, 2)
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
			{"their difference, Σ w_ij - Σ a_i - Σ b_j", one - two, 0.7},
			{"log Z of visible bits", rbmtest.LogPartition(t, mixed) - visible[0] - visible[1], 3.298998285968},
		}
	})
	// Eight sums and the nine numbers in them, all below 2, round by 2⁻⁵³ each.
	rbmtest.Near(t, "Σ w_ij - Σ a_i - Σ b_j", constant, 0.7, 17*rbmtest.U)
}

// TestGoldenGaussians: log Z of two Gaussian units.
func TestGoldenGaussians(t *testing.T) {
	m := goldenPair(t)
	settings := join(set(m.Weights, 0.9), set(m.Visible.Bias, 0.3), set(m.Hidden.Bias, -0.4),
		set(m.Visible.LogVariance, -math.Log(1.5)), set(m.Hidden.LogVariance, -math.Log(2)))
	checkGolden(t, settings, func() []golden { return []golden{{"log Z", rbmtest.LogPartition(t, m), 1.492501636961}} })
}

// TestGoldenGaussian: log Z, and the free energy, probability and moments at one row, of a small model of Gaussian
// visible units and hidden bits.
func TestGoldenGaussian(t *testing.T) {
	m := goldenModel(t, "gaussian", "bernoulli", 2, 3)
	fields, precisions := []float64{0.4, -0.7}, []float64{1.5, 0.8}
	var weights []float64
	for k := range 6 {
		weights = append(weights, 0.6*math.Sin(float64(1+k)))
	}
	constant := fields[0]*fields[0]/(2*precisions[0]) + fields[1]*fields[1]/(2*precisions[1])
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
			// Cho, Ilin and Raiko write (v-b)²/2σ² with b = aσ². That is v²/2σ² - av, as here, plus a²σ²/2.
			{"-F with (v-b)²/2σ²", -m.FreeEnergy(v) - constant, 2.950985227781},
			{"⟨v_0 h_0⟩", data.Weights[0] - g.Weights[0], 0.725116035331},
		}
		for i, want := range []float64{0.832315895147, -1.976201775295} {
			list = append(list, golden{fmt.Sprintf("⟨v_%d⟩", i), data.VisibleBias[i] - g.VisibleBias[i], want})
		}
		for i, want := range []float64{1.409937680248, 5.339905845192} {
			half := data.VisibleLogVariance[i] - g.VisibleLogVariance[i] // ⟨v²⟩/2σ²
			list = append(list, golden{fmt.Sprintf("⟨v_%d²⟩", i), half * 2 / precisions[i], want})
		}
		for j, want := range []float64{0.797897497943, 0.720342465732, 0.621527227164} {
			list = append(list, golden{fmt.Sprintf("⟨h_%d⟩", j), data.HiddenBias[j] - g.HiddenBias[j], want})
		}
		return list
	})
	rbmtest.Near(t, "Σa²σ²/2", constant, 0.16/3+0.49/1.6, 8*rbmtest.U)
}
