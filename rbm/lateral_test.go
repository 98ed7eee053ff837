package rbm_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/store"
)

// coupledModels are models of 5 visible columns of all kinds, with couplings, and of none or 3 hidden columns.
func coupledModels(t *testing.T) map[string]*rbm.Model { return rbmtest.CoupledModels(t, 5, 3, 1) }

// TestCoupledEnergies: the energy is the sum over the cliques, the free energies are sums over the other
// layer, and log Z is the sum over both. A side is at most two logs of sums, each within LogBound.
func TestCoupledEnergies(t *testing.T) {
	for name, m := range coupledModels(t) {
		bound := 4 * rbmtest.LogBound(m)
		logZ := rbmtest.BruteLogPartition(m)
		rbmtest.Near(t, name+": log Z", rbmtest.LogPartition(t, m), logZ, rbmtest.PartitionBound(m)+bound)
		byHidden := map[int][]float64{}
		for _, v := range m.Visible.States() {
			var all []float64
			for number, h := range m.Hidden.States() {
				var energy float64
				for c := range m.Cliques(v, h) {
					energy += c.Energy
				}
				rbmtest.Near(t, rbmtest.At(name+": energy", v, h), m.Energy(v, h), energy, bound)
				all = append(all, -energy)
				byHidden[number] = append(byHidden[number], -energy)
			}
			rbmtest.Near(t, rbmtest.At(name+": F", v), m.FreeEnergy(v), -estimate.LogSumExp(all), bound)
		}
		for number, h := range m.Hidden.States() {
			rbmtest.Near(t, rbmtest.At(name+": F", h), m.FreeEnergyHidden(h), -estimate.LogSumExp(byHidden[number]), bound)
		}
	}
}

// TestCoupledRefusesLargeLayers: beside couplings the visible layer is enumerated, however few hidden units there are.
func TestCoupledRefusesLargeLayers(t *testing.T) {
	m := rbmtest.RandomModel(t, 26, 2, 1, 1)
	m.Lateral = make([]float32, 26*26)
	_, ofLogZ := m.LogPartition(t.Context(), rbm.PartitionConfig{})
	_, ofGradient := m.LogLikelihoodGradient(make([]float32, 26), 0)
	for _, err := range []error{ofLogZ, ofGradient} {
		if want := "2^26 states of the visible layer, want at most 2^25"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestCoupledConditionals: p(v|h) and p(v_i | the rest, h) are ratios of the joint probabilities, and the
// means given h the means of p(v|h). A side is at most four logs of sums, each within LogBound.
func TestCoupledConditionals(t *testing.T) {
	for name, m := range coupledModels(t) {
		bound := 8 * rbmtest.LogBound(m)
		for _, h := range m.Hidden.States() {
			means := make([]float64, m.Visible.Len())
			for _, v := range m.Visible.States() {
				p := m.LogConditionalVisible(v, h)
				rbmtest.Near(t, rbmtest.At(name+": p(v|h)", v, h), p, m.FreeEnergyHidden(h)-m.Energy(v, h), bound)
				other := slices.Clone(v)
				for i, x := range v {
					means[i] += math.Exp(p) * float64(x)
					k, first := m.Visible.Units.At(i)
					var logs []float64
					for s := range k.States() {
						k.State(other[first:first+k.Width()], s)
						logs = append(logs, -m.Energy(other, h))
					}
					copy(other, v)
					want := -m.Energy(v, h) - estimate.LogSumExp(logs)
					rbmtest.Near(t, rbmtest.At(fmt.Sprint(name, ": unit ", i), v, h), m.LogConditionalUnit(i, v, h), want, bound)
				}
			}
			for i, got := range m.MeanVisible(nil, h) {
				rbmtest.Near(t, rbmtest.At(name+": mean", h), got, means[i], bound)
			}
		}
	}
}

// TestCoupledGradient: central differences of the log-likelihood in each coupling, weight and bias, with the
// tolerance of TestGradientIsSlope. A coupling is one parameter at both of its places.
func TestCoupledGradient(t *testing.T) {
	for name, m := range coupledModels(t) {
		rows, n := rbmtest.SomeRows(m, 5), m.Visible.Len()
		g := logLikelihoodGradient(t, m, rows)
		truncation := delta * delta / 6 * 2 * math.Pow(max(extent(m), 2), 3) / (6 * math.Sqrt(3)) // v_i v_k of spins extend over 2
		rounding := (rbmtest.PartitionBound(m) + 4*rbmtest.LogBound(m)) / delta
		slope := func(places ...*float32) float64 {
			likelihood := func(delta float32) float64 {
				for _, x := range places {
					*x += delta
				}
				return m.LogLikelihood(rows, rbmtest.LogPartition(t, m))
			}
			up := likelihood(delta)
			down := likelihood(-2 * delta)
			likelihood(delta)
			return (up - down) / (2 * delta)
		}
		want := rbm.NewGradient(m)
		for i := range n {
			want.VisibleBias[i] = slope(&m.Visible.Bias[i])
			k, first := m.Visible.Units.At(i)
			for j := first + k.Width(); j < n; j++ {
				want.Lateral[i*n+j] = slope(&m.Lateral[i*n+j], &m.Lateral[j*n+i])
				want.Lateral[j*n+i] = want.Lateral[i*n+j]
			}
		}
		for j := range m.Weights {
			want.Weights[j] = slope(&m.Weights[j])
		}
		for j := range m.Hidden.Bias {
			want.HiddenBias[j] = slope(&m.Hidden.Bias[j])
		}
		nearGradient(t, name, g, want, truncation+rounding)
		rbmtest.CompareValues(t, name+": couplings", g.Lateral, want.Lateral, func(int) float64 { return truncation + rounding })

		// The centered gradient is the gradient in the centered parameters, expressed in the plain ones. A step along
		// it raises the likelihood by the squared length of the gradient in the centered parameters.
		c := g.Centered(rbmtest.Offsets(n, 2), rbmtest.Offsets(m.Hidden.Len(), 5))
		if rise := inner(g, c); rise <= 0 {
			t.Errorf("%s: a step along the centered gradient changes the likelihood by %v", name, rise)
		}
	}
}

// inner returns the inner product of two gradients, with each coupling once.
func inner(a, b *rbm.Gradient) float64 {
	var sum float64
	for _, x := range []struct {
		a, b []float64
		once float64
	}{{a.Weights, b.Weights, 1}, {a.VisibleBias, b.VisibleBias, 1}, {a.HiddenBias, b.HiddenBias, 1}, {a.Lateral, b.Lateral, 0.5}} {
		for i := range x.a {
			sum += x.once * x.a[i] * x.b[i]
		}
	}
	return sum
}

// TestSweepKeepsTheModel: p(v) is the fixed point of a step, and the expected CD gradient of 60 steps is the gradient
// of the likelihood. Its error falls with the largest correlation of successive states, which is below 0.7 in these
// models: 0.7^60 is below 1e-9, times fewer than ten states of size 1.
func TestSweepKeepsTheModel(t *testing.T) {
	for name, m := range rbmtest.CoupledModels(t, 4, 2, 0.5) {
		p := rbmtest.VisibleProbabilities(t, m)
		rbmtest.CompareValues(t, name, m.GibbsStep(p), p, func(int) float64 { return 2 * gradientBound(m) })
		rows := rbmtest.SomeRows(m, 3)
		g, err := m.ExpectedCDGradient(rows, 60)
		if err != nil {
			t.Fatal(err)
		}
		nearGradient(t, name, g, logLikelihoodGradient(t, m, rows), 1e-8)
	}
}

// TestCoupledGiven: the conditionals and the probability of known units are sums over the enumerated p(v). Either side
// is at most two logs of sums, each within LogBound.
func TestCoupledGiven(t *testing.T) {
	nan := float32(math.NaN())
	for name, m := range coupledModels(t) {
		pattern := slices.Clone(rbmtest.SomeRows(m, 3)[10:])
		for _, i := range []int{0, 3} {
			k, first := m.Visible.Units.At(i)
			for a := range k.Width() {
				pattern[first+a] = nan
			}
		}
		free, logs := m.EnumerateGiven(pattern)
		want := conditionals(m, pattern, free, len(logs))
		rbmtest.CompareValues(t, name, logs, want, func(int) float64 { return 4 * rbmtest.LogBound(m) })
		var known []float64
		for v, log := range m.EnumerateVisible(0) {
			if slices.EqualFunc(v, pattern, func(x, p float32) bool { return x == p || p != p }) {
				known = append(known, log)
			}
		}
		rbmtest.Near(t, name+": log p*(known)", m.LogKnown(pattern), estimate.LogSumExp(known), 4*rbmtest.LogBound(m))
	}
}

// TestCoupledZeroSum: the gauge keeps all probabilities, and its couplings sum to zero over the columns of each
// unit. At most 33 parameters of a model, each below 4, are rounded to float32: that moves an energy and log Z by
// 33·2⁻²³ at most, and a probability by less than 8e-6. A sum of at most 4 couplings below 2 is off by 4·2⁻²⁴.
func TestCoupledZeroSum(t *testing.T) {
	for name, m := range coupledModels(t) {
		p := rbmtest.VisibleProbabilities(t, m)
		m.ZeroSum()
		if _, err := m.Tensors(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		rbmtest.CompareValues(t, name, rbmtest.VisibleProbabilities(t, m), p, func(int) float64 { return 2 * 33 * 0x1p-23 })
		n := m.Visible.Len()
		for i := range n {
			if k, first := m.Visible.Units.At(i); k.Several() && i == first {
				for j := range n {
					var sum float64
					for a := range k.Width() {
						sum += float64(m.Lateral[(i+a)*n+j])
					}
					rbmtest.Near(t, name+": sum of the couplings of a unit", sum, 0, 4*0x1p-24)
				}
			}
		}
	}
}

// TestCouplingsAreChecked: a model file refuses couplings of another length, that differ both ways, that are
// not finite, and within a unit.
func TestCouplingsAreChecked(t *testing.T) {
	nan := float32(math.NaN())
	for want, couplings := range map[string][]float32{
		`tensor "lateral": 8 elements, want 9`:                               make([]float32, 8),
		"couplings of columns 0 and 1 are 1 and 2, want the same both ways":  {0, 1, 0, 2, 0, 0, 0, 0, 0},
		`tensor "lateral": element 2 is NaN, want a finite number`:           {0, 0, nan, 0, 0, 0, nan, 0, 0},
		"coupling of columns 1 and 1 is 3, want 0 within a unit":             {0, 0, 0, 0, 3, 0, 0, 0, 0},
		"couplings of columns 1 and 2 are 5 and -5, want the same both ways": {0, 0, 0, 0, 0, 5, 0, -5, 0},
	} {
		m := rbmtest.RandomModel(t, 3, 2, 1, 1)
		m.Lateral = couplings
		if _, err := m.Tensors(); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestCoupledFiles: a file gives the same model back, with and without hidden units, and so does a NumPy
// archive of units of the default kind. A version without couplings is refused.
func TestCoupledFiles(t *testing.T) {
	for name, m := range rbmtest.CoupledModels(t, 4, 2, 1) {
		path := filepath.Join(t.TempDir(), "model")
		if err := m.Save(path + ".safetensors"); err != nil {
			t.Fatal(err)
		}
		read, err := rbm.LoadModel(path + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		sameCoupled(t, name, read, m)
		if !m.Visible.Units.Default() || !m.Hidden.Units.Default() {
			continue
		}
		if err := m.ExportNPZ(path + ".npz"); err != nil {
			t.Fatal(err)
		}
		if read, err = rbm.ImportNPZ(path + ".npz"); err != nil {
			t.Fatal(err)
		}
		sameCoupled(t, name+", archive", read, m)
		f, err := m.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		f.Version = store.Version1
		refused := `tensor "lateral" in a file of version 1, want version 2`
		if _, err := rbm.FromTensors(f); err == nil || !strings.Contains(err.Error(), refused) {
			t.Errorf("%s as version 1: got %v, want %s", name, err, refused)
		}
	}
}

// sameCoupled compares the parameters of two models.
func sameCoupled(t *testing.T, what string, got, want *rbm.Model) {
	t.Helper()
	parameters := func(m *rbm.Model) []float32 {
		return slices.Concat(m.Lateral, m.Weights, m.Visible.Bias, m.Hidden.Bias)
	}
	if !slices.Equal(parameters(got), parameters(want)) || got.Hidden.Len() != want.Hidden.Len() || got.Coupled() != want.Coupled() {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestNoStackAboveCouplings: a stack draws the visible units of its lower models independently, which couplings do
// not allow.
func TestNoStackAboveCouplings(t *testing.T) {
	plain, coupled := rbmtest.RandomModel(t, 3, 3, 1, 1), rbmtest.Coupled(rbmtest.RandomModel(t, 3, 3, 1, 1), 1)
	want := "model 1 of the stack has couplings"
	if err := (rbm.Stack{coupled, plain}).Check(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("couplings below: got %v, want %q", err, want)
	}
	if err := (rbm.Stack{plain, coupled}).Check(); err != nil {
		t.Errorf("couplings above: got %v", err)
	}
}
