package rbm_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// gradientModels returns models of all proportions and combinations of units, the last with strong weights.
func gradientModels(t *testing.T) map[string]*rbm.Model {
	models := map[string]*rbm.Model{}
	for _, shape := range []struct {
		visible, hidden int
		weight, bias    float64
	}{{1, 1, 1, 1}, {6, 3, 2, 1}, {3, 6, 2, 1}, {5, 5, 1, 2}, {4, 3, 20, 10}} {
		maps.Copy(models, rbmtest.OfAllUnits(t, shape.visible, shape.hidden, shape.weight, shape.bias))
	}
	return models
}

// nearGradient compares the gradients in all weights and biases.
func nearGradient(t *testing.T, what string, got, want *rbm.Gradient, tolerance float64) {
	t.Helper()
	compare := func(name string, got, want []float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %s: %d values, want %d", what, name, len(got), len(want))
		}
		for n := range want {
			rbmtest.Near(t, fmt.Sprintf("%s: %s[%d]", what, name, n), got[n], want[n], tolerance)
		}
	}
	compare("ΔW", got.Weights, want.Weights)
	compare("Δa", got.VisibleBias, want.VisibleBias)
	compare("Δb", got.HiddenBias, want.HiddenBias)
}

// gradientBound bounds the error of one mean of products of units: the
// probabilities have the relative error of their logs and sum to one, log Z
// has PartitionBound, and up to 2¹² terms are added in order.
func gradientBound(m *rbm.Model) float64 {
	return largest(m.Visible) * largest(m.Hidden) * (4*rbmtest.LogBound(m) + 2*rbmtest.PartitionBound(m) + 2*(1<<12)*rbmtest.U)
}

// largest returns the largest size of the states of a layer, and at least 1.
func largest(l rbm.Layer) float64 {
	size := 1.0
	for i := range l.Len() {
		size = max(size, rbmtest.Largest(l.Units.Of(i)))
	}
	return size
}

// extent returns the largest difference of two values of v_i, h_j or v_i h_j over all states.
func extent(m *rbm.Model) float64 {
	ends := func(l rbm.Layer) (low, high float64) {
		for i := range l.Len() {
			low = min(low, float64(l.Units.Of(i).Low()))
			high = max(high, float64(l.Units.Of(i).High()))
		}
		return low, high
	}
	low, high := ends(m.Visible)
	hiddenLow, hiddenHigh := ends(m.Hidden)
	products := []float64{low * hiddenLow, low * hiddenHigh, high * hiddenLow, high * hiddenHigh}
	return max(high-low, hiddenHigh-hiddenLow, slices.Max(products)-slices.Min(products))
}

func logLikelihoodGradient(t *testing.T, m *rbm.Model, rows []float32) *rbm.Gradient {
	t.Helper()
	g, err := m.LogLikelihoodGradient(rows, rbmtest.LogPartition(t, m))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// delta is the step of a difference quotient. It is a multiple of the distance of float32 numbers below 2¹⁴.
const delta = 1.0 / 1024

// differenceQuotient returns the slope of f in a parameter. Its error is at most δ²/6 times the largest third
// derivative of f.
func differenceQuotient(p *float32, f func() float64) float64 {
	at := *p
	*p = at + delta
	up, high := f(), float64(*p)
	*p = at - delta
	down, low := f(), float64(*p)
	*p = at
	return (up - down) / (high - low)
}

// TestGradientIsSlope compares with difference quotients of the log-likelihood.
//
// Its third derivative in one parameter is a difference of two third cumulants of a state or a product of two
// states: given the data, and in the model. The third cumulant of a variable in an interval of length d is at most
// d³/(6√3) in size, which one of two values reaches. The tolerance adds the rounding of two likelihoods over 2δ.
func TestGradientIsSlope(t *testing.T) {
	for name, m := range gradientModels(t) {
		rows := rbmtest.SomeRows(m, 5)
		g := logLikelihoodGradient(t, m, rows)
		truncation := delta * delta / 6 * 2 * math.Pow(extent(m), 3) / (6 * math.Sqrt(3))
		rounding := (rbmtest.PartitionBound(m) + 4*rbmtest.LogBound(m)) / delta
		slope := func(x *float32) float64 {
			return differenceQuotient(x, func() float64 { return m.LogLikelihood(rows, rbmtest.LogPartition(t, m)) })
		}
		want := rbm.NewGradient(m)
		for n := range m.Weights {
			want.Weights[n] = slope(&m.Weights[n])
		}
		for i := range m.Visible.Bias {
			want.VisibleBias[i] = slope(&m.Visible.Bias[i])
		}
		for j := range m.Hidden.Bias {
			want.HiddenBias[j] = slope(&m.Hidden.Bias[j])
		}
		nearGradient(t, name, g, want, truncation+rounding)
	}
}

// TestGradientByFullEnumeration: the gradient is ⟨v hᵀ⟩ over p(h|v) of the rows less ⟨v hᵀ⟩ over p(v,h). Both sides
// are within gradientBound.
func TestGradientByFullEnumeration(t *testing.T) {
	for name, m := range gradientModels(t) {
		rows := rbmtest.SomeRows(m, 5)
		logZ := rbmtest.BruteLogPartition(m)
		want := rbm.NewGradient(m)
		for r := range 5 {
			v := rows[r*m.Visible.Len() : (r+1)*m.Visible.Len()]
			for _, h := range m.Hidden.States() {
				rbm.AddMoments(want, math.Exp(m.LogConditionalHidden(h, v))/5, v, h)
			}
		}
		for _, v := range m.Visible.States() {
			for _, h := range m.Hidden.States() {
				rbm.AddMoments(want, -math.Exp(m.LogJoint(v, h, logZ)), v, h)
			}
		}
		got := logLikelihoodGradient(t, m, rows)
		nearGradient(t, name, got, want, 2*gradientBound(m))
	}
}

func TestGradientRefusesLargeModels(t *testing.T) {
	m := rbmtest.RandomModel(t, 30, 26, 1, 1)
	_, err := m.LogLikelihoodGradient(rbmtest.SomeRows(m, 1), 0)
	if want := "2^26 states of the smaller layer, want at most 2^25"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestCenteredAtZeroIsPlain(t *testing.T) {
	for name, m := range gradientModels(t) {
		g := logLikelihoodGradient(t, m, rbmtest.SomeRows(m, 5))
		got := g.Centered(make([]float32, m.Visible.Len()), make([]float32, m.Hidden.Len()))
		nearGradient(t, name, got, g, 0)
	}
}

// TestCenteredIsTheDifferenceOfCenteredMeans: the centered gradient of the weights is ⟨(v-μ)(h-λ)ᵀ⟩ over the rows
// less ⟨(v-μ)(h-λ)ᵀ⟩ over all joint states.
func TestCenteredIsTheDifferenceOfCenteredMeans(t *testing.T) {
	for name, m := range gradientModels(t) {
		rows := rbmtest.SomeRows(m, 5)
		mu, lambda := rbmtest.Offsets(m.Visible.Len(), 3), rbmtest.Offsets(m.Hidden.Len(), 8)
		logZ := rbmtest.BruteLogPartition(m)
		centered, plain := rbm.NewGradient(m), rbm.NewGradient(m)
		add := func(weight float64, v, h []float32) {
			rbm.AddMoments(plain, weight, v, h)
			rbm.AddMoments(centered, weight, minus(v, mu), minus(h, lambda))
		}
		for r := range 5 {
			v := rows[r*m.Visible.Len() : (r+1)*m.Visible.Len()]
			for _, h := range m.Hidden.States() {
				add(math.Exp(m.LogConditionalHidden(h, v))/5, v, h)
			}
		}
		for _, v := range m.Visible.States() {
			for _, h := range m.Hidden.States() {
				add(-math.Exp(m.LogJoint(v, h, logZ)), v, h)
			}
		}
		want := &rbm.Gradient{Weights: centered.Weights, VisibleBias: plain.VisibleBias, HiddenBias: plain.HiddenBias}
		for n, w := range centered.Weights {
			i, j := n/m.Hidden.Len(), n%m.Hidden.Len()
			want.VisibleBias[i] -= w * float64(lambda[j])
			want.HiddenBias[j] -= w * float64(mu[i])
		}
		got := logLikelihoodGradient(t, m, rows).Centered(mu, lambda)
		// A centered value adds three plain ones to ΔW and one ΔW per unit to a bias.
		terms := float64(4 * (1 + max(m.Visible.Len(), m.Hidden.Len())))
		nearGradient(t, name, got, want, 2*terms*gradientBound(m))
	}
}

func minus(x, y []float32) []float32 {
	d := make([]float32, len(x))
	for n := range d {
		d[n] = x[n] - y[n]
	}
	return d
}

// TestCenteredGradientIsFlipInvariant: exchanging the two states of visible units in data,
// offsets and model changes the centered gradient as it changes the parameters, so that
// training goes the same way. The plain gradient lacks this, unless the states differ by their
// sign alone. The bias of a hidden unit adds V weights more, and so their roundings. Where the plain gradients
// differ, they do so by parts of 1, which is more than a thousand tolerances.
func TestCenteredGradientIsFlipInvariant(t *testing.T) {
	for name, m := range gradientModels(t) {
		rows, mu, lambda := rbmtest.SomeRows(m, 5), rbmtest.Offsets(m.Visible.Len(), 3), rbmtest.Offsets(m.Hidden.Len(), 8)
		f := rbmtest.Flipped(m)
		plain := logLikelihoodGradient(t, m, rows)
		flippedPlain := logLikelihoodGradient(t, f, flippedStates(m.Visible, rows))

		got := flippedPlain.Centered(flippedStates(m.Visible, mu), lambda)
		terms := float64(4 * (1 + max(m.Visible.Len(), m.Hidden.Len())))
		tolerance := terms * (gradientBound(m) + gradientBound(f))
		nearGradient(t, name, got, flippedGradient(m, plain.Centered(mu, lambda)), tolerance*float64(1+m.Visible.Len()))

		want := flippedGradient(m, plain)
		differs := math.Abs(flippedPlain.Weights[0]-want.Weights[0]) >= 1000*tolerance
		if wantDiffers := rbmtest.SumOfStates(m.Visible, 0) != 0; differs != wantDiffers {
			t.Errorf("%s: the plain gradient of the flipped model is %v, of the model %v, want a difference: %v",
				name, flippedPlain.Weights[0], want.Weights[0], wantDiffers)
		}
	}
}

// flippedStates exchanges the two states of each unit in rows of a layer, linearly between them.
func flippedStates(l rbm.Layer, rows []float32) []float32 {
	flipped := make([]float32, len(rows))
	for n, x := range rows {
		flipped[n] = rbmtest.SumOfStates(l, n%l.Len()) + rbmtest.Flip(l, n%l.Len())*x
	}
	return flipped
}

// flippedGradient transforms a direction in the parameters as rbmtest.Flipped does them.
func flippedGradient(m *rbm.Model, g *rbm.Gradient) *rbm.Gradient {
	f := rbm.NewGradient(m)
	copy(f.HiddenBias, g.HiddenBias)
	for n, w := range g.Weights {
		i, j := n/m.Hidden.Len(), n%m.Hidden.Len()
		f.Weights[n] = w * float64(rbmtest.Flip(m.Visible, i))
		f.HiddenBias[j] += w * float64(rbmtest.SumOfStates(m.Visible, i))
	}
	for i, a := range g.VisibleBias {
		f.VisibleBias[i] = a * float64(rbmtest.Flip(m.Visible, i))
	}
	return f
}

func TestCenteredPanics(t *testing.T) {
	g := rbm.NewGradient(rbmtest.RandomModel(t, 3, 2, 1, 1))
	for name, call := range map[string]func(){
		"visible": func() { g.Centered(make([]float32, 2), make([]float32, 2)) },
		"hidden":  func() { g.Centered(make([]float32, 3), make([]float32, 3)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}
