package rbm_test

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// mixedReals returns a model of a Gaussian unit between units of other kinds.
func mixedReals(t *testing.T) *rbm.Model {
	units, err := engine.ParseUnits("bernoulli:1,gaussian:1,categorical/3:1", 5)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(units, nil, 5, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(math.Sin(float64(3*i + 1)))
	}
	m.Visible.Bias, m.Hidden.Bias = []float32{0.3, -0.4, 0.2, -0.1, 0.5}, []float32{-0.3, 0.6}
	m.Visible.LogVariance[1] = 0.4
	return m
}

// TestGaussianQuadrature: Z and the marginals of a mixed model are integrals over the Gaussian unit, summed over the
// states of the other units. The gradient is a difference quotient of the log-likelihood.
func TestGaussianQuadrature(t *testing.T) {
	m := mixedReals(t)
	discrete := rbm.NewLayer(engine.Units{{To: 1}, {Kind: kindNamed("categorical/3"), From: 1, To: 4}}, 4)
	// Simpson's rule at multiples of 2⁻⁷, exact in float32, up to 16 on either side. Of smooth functions that vanish at
	// both ends it has no error but rounding: 6·4097 positive terms add up to 1, or to e^(log Z), within 6·4097 u.
	const steps, edge, rounding = 4096, 16.0, 6 * 4097 * rbmtest.U
	integral := func(f func(v []float32) float64) float64 {
		var sum float64
		for _, d := range discrete.States() {
			for k := range steps + 1 {
				weight := float64(2+2*(k%2)) * (2 * edge / steps) / 3
				if k == 0 || k == steps {
					weight /= 2
				}
				s := -edge + 2*edge/steps*float64(k)
				sum += weight * f([]float32{d[0], float32(s), d[1], d[2], d[3]})
			}
		}
		return sum
	}
	logZ := rbmtest.LogPartition(t, m)
	joint := integral(func(v []float32) float64 {
		var sum float64
		for _, h := range m.Hidden.States() {
			sum += math.Exp(-m.Energy(v, h))
		}
		return sum
	})
	rbmtest.Near(t, "log Z", math.Log(joint), logZ, rounding)
	rbmtest.Near(t, "∫ p(v)", integral(func(v []float32) float64 { return math.Exp(m.LogMarginalVisible(v, logZ)) }), 1, rounding)
	var hidden float64
	for h, logP := range m.EnumerateHidden(logZ) {
		hidden += math.Exp(logP)
		marginal := integral(func(v []float32) float64 { return math.Exp(m.LogJoint(v, h, logZ)) })
		rbmtest.Near(t, rbmtest.At("p(h) of ", h), marginal, math.Exp(logP), rounding)
	}
	rbmtest.Near(t, "Σ p(h)", hidden, 1, rounding)

	rows := []float32{1, 0.7, 0, 1, 0, 0, -1.3, 1, 0, 0}
	likelihood := func() float64 { return m.LogLikelihood(rows, rbmtest.LogPartition(t, m)) }
	g, err := m.LogLikelihoodGradient(rows, logZ)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		parameter *float32
		slope     float64
	}{
		{"log-variance", &m.Visible.LogVariance[1], g.VisibleLogVariance[1]},
		{"bias of the Gaussian unit", &m.Visible.Bias[1], g.VisibleBias[1]},
		{"bias of a category", &m.Visible.Bias[3], g.VisibleBias[3]},
		{"weight of the Gaussian unit", &m.Weights[3], g.Weights[3]},
		{"hidden bias", &m.Hidden.Bias[0], g.HiddenBias[0]},
	} {
		// The third derivatives are below 1.5, by third differences.
		rbmtest.Near(t, c.what, differenceQuotient(c.parameter, likelihood), c.slope, delta*delta/6*1.5)
	}
	for i, x := range g.VisibleLogVariance {
		if i != 1 && x != 0 {
			t.Errorf("gradient of the log-variance of column %d: %v, want 0", i, x)
		}
	}
}

// TestGaussianGiven: log p* of known cells beside a free category is the log of the sum of e^(-F) over the category.
// It is below 8 in size, and of fewer than 64 terms: 1e-13. Free real states cannot be enumerated.
func TestGaussianGiven(t *testing.T) {
	m := mixedReals(t)
	nan := float32(math.NaN())
	pattern := []float32{1, 0.8, nan, nan, nan}
	var sum float64
	for k := range 3 {
		v := []float32{1, 0.8, 0, 0, 0}
		v[2+k] = 1
		sum += math.Exp(-m.FreeEnergy(v))
	}
	rbmtest.Near(t, "log p* of known cells", m.LogKnown(pattern), math.Log(sum), 1e-13)
	if bits := m.FreeBits([]float32{nan, nan, 1, 0, 0}); !math.IsInf(bits, 1) {
		t.Errorf("a free real state has 2^%v states", bits)
	}
}

// TestGaussianFile: a model with real states is the same after a file, and files that do not fit are
// refused.
func TestGaussianFile(t *testing.T) {
	m := mixedReals(t)
	m.BaseRates, m.BaseVariances = []float32{0.5, -3, 0.25, 0.25, 0.5}, []float32{0, 2, 0, 0, 0}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := rbm.LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := []float32{1, 0.7, 0, 1, 0}
	if got.FreeEnergy(rows) != m.FreeEnergy(rows) {
		t.Error("the free energy is another one after a file")
	}
	if got.LogBasePartition() != m.LogBasePartition() {
		t.Error("log Z of the base model is another one after a file")
	}
	for want, spoil := range map[string]func(m *rbm.Model){
		`"visible_log_variance" is missing`:                      func(m *rbm.Model) { m.Visible.LogVariance = nil },
		`element 0 is 1, want 0 in a column without real states`: func(m *rbm.Model) { m.Visible.LogVariance[0] = 1 },
		`element 1 is 81, want a number from -80 to 80`:          func(m *rbm.Model) { m.Visible.LogVariance[1] = 81 },
		`element 1 is 0, want a finite number above 0`:           func(m *rbm.Model) { m.BaseVariances[1] = 0 },
		`"base_rates" and "base_variances", want both`:           func(m *rbm.Model) { m.BaseVariances = nil },
		`element 0 is -3, want a number in [0,1]`:                func(m *rbm.Model) { m.BaseRates[0] = -3 },
		`real states of both layers`: func(m *rbm.Model) {
			m.Hidden = rbm.NewLayer(engine.NewUnits(kindNamed("gaussian"), 2), 2)
		},
		`"visible_log_variance" in a model whose units do not`: func(m *rbm.Model) { m.Visible.Units = nil },
	} {
		bad := mixedReals(t)
		bad.BaseRates, bad.BaseVariances = []float32{0.5, -3, 0.25, 0.25, 0.5}, []float32{0, 2, 0, 0, 0}
		spoil(bad)
		if err := bad.Save(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestBaseVariances: weighted variances of the known cells of a column, at least a hundredth of the columns' mean.
// Column 0 has the values 1 and 4 with the weights 1 and 2: its variance is 2, and the mean of both columns is 1.
func TestBaseVariances(t *testing.T) {
	units := engine.Units{{Kind: kindNamed("gaussian"), To: 2}, {From: 2, To: 3}}
	rows := &dataset.Rows{
		N: 3, V: 3, Weights: []float32{1, 2, 1}, Real: []bool{true, true, false},
		Floats:  []float32{1, 5, 0, 4, 5, 1, 99, 5, 1},
		Missing: []uint8{0, 0, 0, 0, 0, 0, 255, 0, 0},
	}
	if got, want := rbm.BaseVariances(rows, units), []float32{2, 0.01, 0}; !slices.Equal(got, want) {
		t.Errorf("variances %v, want %v", got, want)
	}
	if rbm.BaseVariances(rows, nil) != nil {
		t.Error("variances without real states")
	}
}

// TestGaussianPartitionBlocks: log Z over more states than a block is the log-sum of all blocks: the 2¹² p(h) sum to
// 1, within their roundings and log Z's, of about 100 u each.
func TestGaussianPartitionBlocks(t *testing.T) {
	m, err := rbm.NewModelOf(engine.NewUnits(kindNamed("gaussian"), 2), nil, 2, 12)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Weights {
		m.Weights[i] = float32(math.Cos(float64(i)))
	}
	logZ, err := m.LogPartition(context.Background(), rbm.PartitionConfig{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, logP := range m.EnumerateHidden(logZ) {
		sum += math.Exp(logP)
	}
	rbmtest.Near(t, "Σ p(h)", sum, 1, (1<<12+200)*rbmtest.U)
}
