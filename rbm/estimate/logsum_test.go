package estimate_test

import (
	"math"
	"slices"
	"testing"

	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

func TestLogSumExp(t *testing.T) {
	const n = 1 << 20
	inf := math.Inf(1)
	tenths := slices.Repeat([]float64{math.Log(0.1)}, n)
	for name, test := range map[string]struct {
		x    []float64
		want float64
	}{
		"nothing":  {nil, -inf},
		"no mass":  {[]float64{-inf, -inf}, -inf},
		"infinite": {[]float64{0, inf}, inf},
		"one":      {[]float64{-700}, -700},
		"high":     {[]float64{1e5, 1e5}, 1e5 + math.Ln2},
		"low":      {[]float64{-1e5, -1e5}, -1e5 + math.Ln2},
		"apart":    {[]float64{-1e5, 3, 1e-9 - 1e5}, 3},
		"many":     {append(tenths, 0), math.Log(n/10.0 + 1)},
	} {
		if got := estimate.LogSumExp(test.x); got != test.want {
			// The terms are within 2u and a rounded argument of e^x, the sum within
			// 2u, the logarithm and the last addition within 2u of their size. A
			// plain sum of 2²⁰ terms promises only 2²⁰·u.
			rbmtest.Near(t, name, got, test.want, 16*rbmtest.U*(1+math.Abs(test.want)))
		}
	}
	if got := estimate.LogSumExp([]float64{0, math.NaN()}); !math.IsNaN(got) {
		t.Errorf("with a NaN: got %v, want NaN", got)
	}
}

func TestSoftplus(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct{ x, want float64 }{
		{0, math.Ln2}, {math.Log(3), math.Log(4)}, {-math.Log(3), math.Log(4) - math.Log(3)},
		{50, 50}, {1e4, 1e4}, {-1e4, 0}, {inf, inf}, {-inf, 0},
		{-50, math.Exp(-50)}, // the next term is e⁻⁵⁰ times smaller
	} {
		// At most four roundings of 2u each, of x = ±log 3, the exponential, the log and the sum, beside log 4. At the least
		// want, log 4 - log 3 = 0.29, got is within 3u and want within 4u: 25u of want.
		if got := estimate.Softplus(test.x); got != test.want {
			rbmtest.Near(t, "softplus", got, test.want, 8*rbmtest.U*math.Log(4))
			rbmtest.Near(t, "softplus, relative", got/test.want, 1, 32*rbmtest.U)
		}
	}
}
