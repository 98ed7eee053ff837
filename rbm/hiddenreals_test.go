package rbm_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestGaussianHiddenUnits: with Gaussian hidden units the visible ones are a Boltzmann machine with the
// couplings Σ_j w_ij w_kj σ_j² and the fields a_i + Σ_j b_j w_ij σ_j² + ½ Σ_j w_ij² σ_j² of units of 0 and 1.
// These are 64 terms or fewer, below 14 in all, and round by less than 1e-13.
func TestGaussianHiddenUnits(t *testing.T) {
	m, err := rbm.NewModelOf(nil, engine.NewUnits(kindNamed("gaussian"), 2), 4, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(math.Sin(float64(2*i + 1)))
	}
	m.Visible.Bias, m.Hidden.Bias = []float32{0.3, -0.2, 0.1, -0.6}, []float32{0.5, -0.8}
	m.Hidden.LogVariance = []float32{0.4, -0.7}
	logs, total := map[int]float64{}, 0.0
	for n, v := range m.Visible.States() {
		for i, vi := range v {
			logs[n] += float64(m.Visible.Bias[i]) * float64(vi)
			for j, z := range m.Hidden.LogVariance {
				w, variance := float64(m.Weights[2*i+j]), math.Exp(float64(z))
				logs[n] += float64(vi) * (float64(m.Hidden.Bias[j])*w*variance + w*w*variance/2)
				for k := range i {
					logs[n] += float64(vi) * float64(v[k]) * w * float64(m.Weights[2*k+j]) * variance
				}
			}
		}
		total += math.Exp(logs[n])
	}
	logZ := rbmtest.LogPartition(t, m)
	for n, v := range m.Visible.States() {
		rbmtest.Near(t, rbmtest.At("log p of ", v), m.LogMarginalVisible(v, logZ), logs[n]-math.Log(total), 1e-13)
	}
}

// TestHiddenQuadrature: the marginal of visible states is the integral of the joint density over the hidden
// ones, the hidden means are integrals of the conditional density, and the gradient is a difference quotient
// of the mean log-likelihood.
func TestHiddenQuadrature(t *testing.T) {
	m := rbmtest.HiddenReals(t)
	logZ := rbmtest.LogPartition(t, m)
	// The units are independent given v, so that each integral is over one unit, beside 0 for the others.
	for _, v := range m.Visible.States() {
		fields := m.HiddenField(nil, v)
		means := m.MeanHidden(nil, v)
		logs := -m.Visible.Energy(v)
		for j := range 4 {
			one := rbm.Layer{Units: engine.NewUnits(m.Hidden.Units.Of(j), 1), Bias: []float32{0},
				LogVariance: m.Hidden.LogVariance[j : j+1], Jump: m.Hidden.Jump[j : j+1], Skew: m.Hidden.Skew[j : j+1]}
			total, first := unitIntegrals(one, fields[j])
			rbmtest.Near(t, "mean", first/total, means[j], simpsonTolerance)
			logs += math.Log(total)
		}
		rbmtest.Near(t, rbmtest.At("log p of ", v), m.LogMarginalVisible(v, logZ), logs-logZ, 4*simpsonTolerance)
	}
	rows := []float32{1, 0, -1, 0, 1, 0, 0, 1, 1, 1, 0, 0}
	g, err := m.LogLikelihoodGradient(rows, logZ)
	if err != nil {
		t.Fatal(err)
	}
	likelihood := func() float64 { return m.LogLikelihood(rows, rbmtest.LogPartition(t, m)) }
	for _, c := range []struct {
		what      string
		parameter *float32
		slope     float64
	}{
		{"jump", &m.Hidden.Jump[3], g.HiddenJump[3]},
		{"skew", &m.Hidden.Skew[3], g.HiddenSkew[3]},
		{"weight of a gaussian unit", &m.Weights[4], g.Weights[4]},
		{"weight of a relu unit", &m.Weights[1], g.Weights[1]},
		{"weight of a drelu unit", &m.Weights[11], g.Weights[11]},
		{"bias of a relu unit", &m.Hidden.Bias[1], g.HiddenBias[1]},
		{"bias of a drelu unit", &m.Hidden.Bias[3], g.HiddenBias[3]},
	} {
		// The third derivatives are below 1.5, by third differences.
		rbmtest.Near(t, c.what, differenceQuotient(c.parameter, likelihood), c.slope, delta*delta/6*1.5)
	}
	for j := range 3 {
		if g.HiddenJump[j] != 0 || g.HiddenSkew[j] != 0 {
			t.Errorf("gradient of the jump and skew of unit %d without sides", j)
		}
	}
}

// simpsonTolerance bounds the error of unitIntegrals in units of the first integral: h⁴/180 |f‴(0)| on each side of
// 0 for an integrand f, with h = 2⁻⁷ and |f‴(0)| below 24 integrals, is 1e-9 in all.
const simpsonTolerance = 1e-9

// unitIntegrals returns ∫ e^(s·x - U(s)) ds and ∫ s e^(s·x - U(s)) ds of a layer of one unit, by Simpson's rule
// on each side of 0, or the sums over its states. The points are multiples of 2⁻⁷ up to 32, exact in float32, beyond
// which the integrand is below e^-100.
func unitIntegrals(l rbm.Layer, x float64) (total, first float64) {
	add := func(s float32, weight float64) {
		density := weight * math.Exp(float64(s)*x-l.Energy([]float32{s}))
		total, first = total+density, first+density*float64(s)
	}
	if !l.Units.Real() {
		l.LogVariance, l.Jump, l.Skew = nil, nil, nil
		for _, s := range l.States() {
			add(s[0], 1)
		}
		return total, first
	}
	const steps, edge = 4096, 32.0
	for _, sign := range []float32{-1, 1} {
		if sign < 0 && l.Units.Of(0).Half() {
			continue
		}
		for k := range steps + 1 {
			weight := float64(2+2*(k%2)) * edge / steps / 3
			if k == 0 || k == steps {
				weight /= 2
			}
			add(sign*float32(edge/steps*float64(k)), weight)
		}
	}
	return total, first
}

// TestHiddenRealsFile: a model with real hidden states is the same after a file, and files that do not fit are
// refused.
func TestHiddenRealsFile(t *testing.T) {
	m := rbmtest.HiddenReals(t)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := rbm.LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	v := []float32{1, 0, -1, 0, 1, 0}
	if got.FreeEnergy(v) != m.FreeEnergy(v) {
		t.Error("the free energy is another one after a file")
	}
	for want, spoil := range map[string]func(m *rbm.Model){
		`"hidden_log_variance" is missing`: func(m *rbm.Model) { m.Hidden.LogVariance = nil },
		`"hidden_jump" is missing`:         func(m *rbm.Model) { m.Hidden.Jump = nil },
		`"hidden_skew" in a model whose units do not have two sid`: func(m *rbm.Model) {
			m.Hidden.Units[3].Kind, m.Hidden.Jump = kindNamed("relu"), nil
		},
		`element 2 is 1, want 0 in a column without real states`: func(m *rbm.Model) { m.Hidden.LogVariance[2] = 1 },
		`element 1 is 1, want 0 in a column without two sides`:   func(m *rbm.Model) { m.Hidden.Jump[1] = 1 },
		`gaussian units beside hidden units gaussian:1,relu:1`: func(m *rbm.Model) {
			m.Visible.Units[1].Kind, m.Visible.LogVariance = kindNamed("gaussian"), make([]float32, 6)
		},
		`visible: relu units can only be hidden units, want gaussian`: func(m *rbm.Model) {
			m.Visible.Units[1].Kind, m.Visible.LogVariance = kindNamed("relu"), make([]float32, 6)
		},
	} {
		bad := rbmtest.HiddenReals(t)
		spoil(bad)
		if err := bad.Save(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
