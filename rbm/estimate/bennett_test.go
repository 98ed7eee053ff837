package estimate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"

	"gonum.org/v1/gonum/stat/distuv"
)

// bennettPair is two models of the same visible units, by the probabilities of their states x, with
// d(x) = log(Z_1 p_1(x)) - log(Z_0 p_0(x)).
type bennettPair struct {
	p          [2][]float64 // p_0(x) and p_1(x)
	difference []float64    // d(x)
	ratio      float64      // log(Z_1/Z_0)
}

func newBennettPair(t *testing.T, m0, m1 *rbm.Model) bennettPair {
	t.Helper()
	logZ0, logZ1 := rbmtest.LogPartition(t, m0), rbmtest.LogPartition(t, m1)
	pair := bennettPair{ratio: logZ1 - logZ0}
	for _, log0 := range m0.EnumerateVisible(0) {
		pair.p[0] = append(pair.p[0], math.Exp(log0-logZ0))
		pair.difference = append(pair.difference, -log0)
	}
	n := 0
	for _, log1 := range m1.EnumerateVisible(0) {
		pair.p[1] = append(pair.p[1], math.Exp(log1-logZ1))
		pair.difference[n] += log1
		n++
	}
	return pair
}

// differences returns d(x) at n samples of one of the models.
func (pair bennettPair) differences(model, n int, seed uint64) []float64 {
	states := distuv.NewCategorical(pair.p[model], rand.NewPCG(seed, uint64(model)))
	d := make([]float64, n)
	for i := range d {
		d[i] = pair.difference[int(states.Rand())]
	}
	return d
}

func bennett(t *testing.T, from0, from1 []float64) (ratio, standardError float64) {
	t.Helper()
	ratio, standardError, err := estimate.Bennett(from0, from1)
	if err != nil {
		t.Fatal(err)
	}
	return ratio, standardError
}

// TestBennettFindsTheRatio estimates the ratio of enumerated models many times over from
// exact samples. The errors in units of the stated standard error then have mean 0 and
// mean square 1. With R repetitions and normal errors, their sum has variance R, and the sum
// of their squares is chi-square. The number of samples n is large enough to make the bias of
// the estimate and of its standard error, both O(1/n), small beside the limits.
func TestBennettFindsTheRatio(t *testing.T) {
	const repetitions = 100
	limit := distuv.UnitNormal.Quantile(1-rbmtest.FalseAlarm/2) * math.Sqrt(repetitions)
	chiSquared := distuv.ChiSquared{K: repetitions}
	for name, test := range map[string]struct {
		m0, m1 *rbm.Model
		n0, n1 int
	}{
		"alike":         {rbmtest.RandomModel(t, 6, 4, 0.5, 0.5), rbmtest.RandomModel(t, 6, 5, 0.5, 0.5), 200, 200},
		"few of one":    {rbmtest.RandomModel(t, 6, 4, 1, 1), rbmtest.RandomModel(t, 6, 5, 1, 1), 300, 100},
		"few of other":  {rbmtest.RandomModel(t, 7, 3, 1, 0.5), rbmtest.RandomModel(t, 7, 6, 1, 1), 100, 400},
		"far from flat": {rbmtest.RandomModel(t, 7, 3, 0, 0), rbmtest.RandomModel(t, 7, 4, 1.5, 1), 200, 200},
	} {
		pair := newBennettPair(t, test.m0, test.m1)
		var sum, squares float64
		for seed := range uint64(repetitions) {
			ratio, standardError := bennett(t, pair.differences(0, test.n0, seed), pair.differences(1, test.n1, seed))
			z := (ratio - pair.ratio) / standardError
			sum += z
			squares += z * z
		}
		rbmtest.Near(t, name+": sum of the errors", sum, 0, limit)
		low, high := chiSquared.Quantile(rbmtest.FalseAlarm/2), chiSquared.Quantile(1-rbmtest.FalseAlarm/2)
		if squares < low || squares > high {
			t.Errorf("%s: sum of the squared errors is %v, want %v to %v", name, squares, low, high)
		}
	}
}

// TestBennettOfConstantDifferences has no randomness in it: models that differ by a
// constant factor have the ratio of that factor, with an error of rounding only.
func TestBennettOfConstantDifferences(t *testing.T) {
	for _, d := range []float64{0, 1, -3.5, 1000, -1e6} {
		for _, n := range [][2]int{{1, 1}, {3, 700}, {700, 3}} {
			ratio, standardError := bennett(t, slices.Repeat([]float64{d}, n[0]), slices.Repeat([]float64{d}, n[1]))
			// The two sides, sums of up to 700 terms and their logs, are within 2⁻⁴⁰ of
			// the exact ones, the argument of each term within 4u(|d|+7); the slope of
			// their difference is 1.
			tolerance := 0x1p-40 + 8*rbmtest.U*(math.Abs(d)+7)
			rbmtest.Near(t, "ratio", ratio, d, tolerance)
			rbmtest.Near(t, "standard error", standardError, 0, 0x1p-40)
		}
	}
}

// TestBennettWithoutOverlap: where no sample of a model is likely under the other, the
// terms are e^(-|d|) and their logs linear, so C is halfway between the log mean terms:
// C = (log Σ_0 e^d - log Σ_1 e^(-d))/2 - M.
func TestBennettWithoutOverlap(t *testing.T) {
	for _, test := range []struct{ from0, from1 []float64 }{
		{[]float64{-2000}, []float64{2000}},
		{[]float64{-5000, -5001, -5003}, []float64{4000, 4002}},
		{[]float64{-900}, []float64{1300, 1301, 1299, 1500}},
	} {
		shift := math.Log(float64(len(test.from0)) / float64(len(test.from1)))
		minus := make([]float64, len(test.from1))
		for i, d := range test.from1 {
			minus[i] = -d
		}
		want := (estimate.LogSumExp(test.from0)-estimate.LogSumExp(minus))/2 - shift
		ratio, _ := bennett(t, test.from0, test.from1)
		// Logs of sums of at most four terms, below 1e4 in size, within 64 roundings.
		rbmtest.Near(t, "ratio", ratio, want, 64*rbmtest.U*1e4)
	}
}

// TestBennettIsSymmetric exchanges the models, and multiplies one by a factor.
func TestBennettIsSymmetric(t *testing.T) {
	pair := newBennettPair(t, rbmtest.RandomModel(t, 6, 4, 1, 1), rbmtest.RandomModel(t, 6, 5, 1, 1))
	d0, d1 := pair.differences(0, 300, 1), pair.differences(1, 200, 1)
	ratio, standardError := bennett(t, d0, d1)
	transform := func(d []float64, sign, shift float64) []float64 {
		out := make([]float64, len(d))
		for i, x := range d {
			out[i] = sign*x + shift
		}
		return out
	}
	// Bisection ends where rounding hides the sign of the difference of two logs of sums
	// of up to 300 terms, each within 64u with its exponential. At these overlaps its slope is above a tenth.
	const tolerance = 10 * 300 * 64 * rbmtest.U
	swapped, swappedError := bennett(t, transform(d1, -1, 0), transform(d0, -1, 0))
	rbmtest.Near(t, "exchanged", swapped, -ratio, tolerance)
	rbmtest.Near(t, "error of the exchanged", swappedError, standardError, tolerance)
	shifted, shiftedError := bennett(t, transform(d0, 1, 5), transform(d1, 1, 5))
	rbmtest.Near(t, "multiplied", shifted, ratio+5, tolerance)
	rbmtest.Near(t, "error of the multiplied", shiftedError, standardError, tolerance)
}

func TestBennettRefuses(t *testing.T) {
	for _, test := range []struct {
		from0, from1 []float64
		want         string
	}{
		{nil, []float64{1}, "no samples of model 0"},
		{[]float64{1}, nil, "no samples of model 1"},
		{[]float64{1, math.NaN()}, []float64{1}, "sample 1 of model 0 differs by NaN"},
		{[]float64{1}, []float64{math.Inf(-1)}, "sample 0 of model 1 differs by -Inf"},
	} {
		_, _, err := estimate.Bennett(test.from0, test.from1)
		if err == nil || !strings.HasPrefix(err.Error(), "estimate: Bennett's ratio: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v and %v: error %v, want %q", test.from0, test.from1, err, test.want)
		}
	}
}
