package rbm_test

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// TestGaussianEdge: the determinant of [1.5 -w; -w 2] is 0 at w = √3, from which on there is no distribution.
func TestGaussianEdge(t *testing.T) {
	m := goldenPair(t)
	m.Visible.LogVariance[0], m.Hidden.LogVariance[0] = float32(-math.Log(1.5)), float32(-math.Log(2))
	m.Weights[0] = 1.7320508
	// The determinant is below 3e-7 here, with the log-variances rounded, so that log 2π - ½ log det is above 9.
	if logZ := rbmtest.LogPartition(t, m); !(logZ > 9) || math.IsInf(logZ, 1) {
		t.Errorf("log Z beside the edge is %v, want a finite number above 9", logZ)
	}
	for _, w := range []float32{1.7320509, -1.7320509, 40} {
		if m.Weights[0] = w; !math.IsInf(rbmtest.LogPartition(t, m), 1) {
			t.Errorf("log Z with the weight %v is %v, want infinity", w, rbmtest.LogPartition(t, m))
		}
		if _, err := m.NormalSamples([]float32{0, 0}); !errors.Is(err, rbm.ErrNoDistribution) {
			t.Errorf("samples with the weight %v: error %v", w, err)
		}
		if _, err := m.LogLikelihoodGradient([]float32{1}, 0); !errors.Is(err, rbm.ErrNoDistribution) {
			t.Errorf("gradient with the weight %v: error %v", w, err)
		}
	}
}

// TestGaussians: with the precisions on the diagonal of A, the weights -W beside it, and the biases θ, log Z is
// ½ ((V+H) log 2π + θᵀA⁻¹θ - log det A), the marginal of v is a normal density with the covariances in A⁻¹, and the
// gradient is a difference quotient of the mean log-likelihood.
func TestGaussians(t *testing.T) {
	for _, size := range [][2]int{{4, 2}, {2, 3}, {3, 3}} {
		m := rbmtest.Gaussians(t, size[0], size[1])
		v, h := size[0], size[1]
		a, theta := mat.NewSymDense(v+h, nil), mat.NewVecDense(v+h, nil)
		for i := range v {
			a.SetSym(i, i, math.Exp(-float64(m.Visible.LogVariance[i])))
			theta.SetVec(i, float64(m.Visible.Bias[i]))
			for j := range h {
				a.SetSym(i, v+j, -float64(m.Weights[i*h+j]))
			}
		}
		for j := range h {
			a.SetSym(v+j, v+j, math.Exp(-float64(m.Hidden.LogVariance[j])))
			theta.SetVec(v+j, float64(m.Hidden.Bias[j]))
		}
		var whole mat.Cholesky
		var mean mat.VecDense
		var covariance mat.SymDense
		if !whole.Factorize(a) {
			t.Fatal("the matrix is not positive definite")
		}
		if err := errors.Join(whole.SolveVecTo(&mean, theta), whole.InverseTo(&covariance)); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%dx%d", v, h)
		logZ := rbmtest.LogPartition(t, m)
		// Both sides round sums of at most (V+H)² = 36 terms, whose sizes add up to less than 100: 72·2⁻⁵³·100 < 1e-12.
		const rounding = 1e-12
		rbmtest.Near(t, name+": log Z", logZ, (float64(v+h)*math.Log(2*math.Pi)+mat.Dot(theta, &mean)-whole.LogDet())/2, rounding)

		var marginal mat.Cholesky
		if !marginal.Factorize(covariance.SliceSym(0, v)) {
			t.Fatal("the covariances are not positive definite")
		}
		// Samples are the mean and a linear map of the numbers, whose square is the covariances. The states are below 4 and
		// rounded to float32, by 2⁻²³ at most, and a difference by 2⁻²². A product of two differences below 4 errs by
		// 2·4·2⁻²².
		numbers := make([]float32, (v+h+1)*(v+h))
		for i := range v + h {
			numbers[(i+1)*(v+h)+i] = 1
		}
		samples, err := m.NormalSamples(numbers)
		if err != nil {
			t.Fatal(err)
		}
		for i := range v {
			rbmtest.Near(t, name+": mean of samples", float64(samples[i]), mean.AtVec(i), 0x1p-23)
			for j := range v {
				var sum float64
				for k := 1; k <= v+h; k++ {
					sum += (float64(samples[k*v+i]) - float64(samples[i])) * (float64(samples[k*v+j]) - float64(samples[j]))
				}
				rbmtest.Near(t, name+": covariance of samples", sum, covariance.At(i, j), float64(v+h)*2*4*0x1p-22)
			}
		}

		rows := make([]float32, 5*v)
		for n := range rows {
			rows[n] = float32(math.Sin(float64(3*n + 1)))
		}
		for n := range 5 {
			x, off := rows[n*v:(n+1)*v], mat.NewVecDense(v, nil)
			for i := range x {
				off.SetVec(i, float64(x[i])-mean.AtVec(i))
			}
			var solved mat.VecDense
			if err := marginal.SolveVecTo(&solved, off); err != nil {
				t.Fatal(err)
			}
			want := -(float64(v)*math.Log(2*math.Pi) + marginal.LogDet() + mat.Dot(off, &solved)) / 2
			rbmtest.Near(t, name+": log p", m.LogMarginalVisible(x, logZ), want, rounding)
		}

		g, err := m.LogLikelihoodGradient(rows, logZ)
		if err != nil {
			t.Fatal(err)
		}
		likelihood := func() float64 { return m.LogLikelihood(rows, rbmtest.LogPartition(t, m)) }
		for _, c := range []struct {
			what       string
			parameters []float32
			slopes     []float64
		}{
			{"weights", m.Weights, g.Weights}, {"visible biases", m.Visible.Bias, g.VisibleBias},
			{"hidden biases", m.Hidden.Bias, g.HiddenBias}, {"log-variances", m.Visible.LogVariance, g.VisibleLogVariance},
		} {
			for i, slope := range c.slopes {
				// The third derivatives are below 40, by third differences.
				quotient := differenceQuotient(&c.parameters[i], likelihood)
				rbmtest.Near(t, fmt.Sprintf("%s: %s %d", name, c.what, i), quotient, slope, delta*delta/6*40)
			}
		}
	}
}

// TestGaussiansFile: a Gaussian model is the same after a file, and units that are not all Gaussian are refused.
func TestGaussiansFile(t *testing.T) {
	m, path := rbmtest.Gaussians(t, 3, 2), filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := rbm.LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	if rbmtest.LogPartition(t, got) != rbmtest.LogPartition(t, m) {
		t.Error("log Z is another one after a file")
	}
	reals := engine.NewUnits(kindNamed("gaussian"), 2)
	for _, other := range []string{"gaussian:1,bernoulli:1", "relu:2", "gaussian:1,drelu:1"} {
		units, err := engine.ParseUnits(other, 2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rbm.NewModelOf(reals, units, 2, 2); err == nil {
			t.Errorf("gaussian visible units beside hidden units %s", other)
		}
	}
	mixed, err := engine.ParseUnits("gaussian:1,bernoulli:1", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rbm.NewModelOf(mixed, reals, 2, 2); err == nil {
		t.Error("gaussian hidden units beside visible units of two kinds")
	}
}
