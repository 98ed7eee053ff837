package rbm_test

import (
	"math"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

func TestSigmoid(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct{ x, want float64 }{
		{0, 0.5}, {math.Log(3), 0.75}, {-math.Log(3), 0.25}, {50, 1}, {1e4, 1}, {-1e4, 0}, {inf, 1}, {-inf, 0},
		{-50, math.Exp(-50)}, // the next term is e⁻⁵⁰ times smaller
	} {
		// At most four roundings of 2u each, relative: x is the log of a float64.
		if got := rbm.Sigmoid(test.x); got != test.want {
			rbmtest.Near(t, "sigmoid", got, test.want, 8*rbmtest.U*test.want)
		}
	}
}
