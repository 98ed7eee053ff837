package rbm

import (
	"math"
	"testing"
)

func TestSigmoidSoftplus(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct{ x, sigmoid, softplus float64 }{
		{0, 0.5, math.Ln2},
		{math.Log(3), 0.75, math.Log(4)},
		{-math.Log(3), 0.25, math.Log(4) - math.Log(3)},
		{-50, math.Exp(-50), math.Exp(-50)}, // the next term is e⁻⁵⁰ times smaller
		{50, 1, 50},
		{1e4, 1, 1e4},
		{-1e4, 0, 0},
		{inf, 1, inf},
		{-inf, 0, 0},
	} {
		// At most four roundings of 2u each, relative: x is the log of a float64.
		if got := sigmoid(test.x); got != test.sigmoid {
			near(t, "sigmoid", got, test.sigmoid, 8*u*test.sigmoid)
		}
		if got := softplus(test.x); got != test.softplus {
			near(t, "softplus", got, test.softplus, 8*u*math.Log(4))
			near(t, "softplus, relative", got/test.softplus, 1, 32*u)
		}
	}
}

func TestLogSumExp(t *testing.T) {
	const n = 1 << 20
	inf := math.Inf(1)
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
		"many":     {append(make([]float64, n), math.Log(n)), math.Log(2 * n)},
	} {
		if got := logSumExp(test.x); got != test.want {
			// A compensated sum is within 2u, exp, log and the last addition 2u
			// each; a plain sum of 2²⁰ terms would only promise 2²⁰·u.
			near(t, name, got, test.want, 8*u*(1+math.Abs(test.want)))
		}
	}
	if got := logSumExp([]float64{0, math.NaN()}); !math.IsNaN(got) {
		t.Errorf("with a NaN: got %v, want NaN", got)
	}
}
