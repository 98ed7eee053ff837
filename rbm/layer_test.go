package rbm_test

import (
	"fmt"
	"math"
	"testing"

	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/rbmtest"
)

// layers returns layers of n columns by name, of the units of rbmtest.UnitsOf: each discrete kind alone, and all
// mixed. The biases are multiples of 1/8 from -1 to 1.
func layers(n int) map[string]rbm.Layer {
	all := map[string]rbm.Layer{}
	for name, units := range rbmtest.UnitsOf(n) {
		l := rbm.Layer{Units: units, Bias: make([]float32, n)}
		for i := range l.Bias {
			l.Bias[i] = float32(i*i%17-8) / 8
		}
		all[name] = l
	}
	return all
}

// TestLayerSumsOverStates compares the cumulant, means and probabilities of layers with sums over all their states s, at
// most 2⁶. With S the largest Σ_i |s_i x_i|, an exponent and a cumulant, 6 terms each, are within 12u·(S + 6) on either
// side. A log p is a difference of the two, and a mean adds up 64 probabilities: 64u·(S + 6) covers each figure.
func TestLayerSumsOverStates(t *testing.T) {
	const units = 6
	for name, l := range layers(units) {
		for _, scale := range []float64{0, 1, 20, 300} {
			fields := make([]float64, units)
			var sizes float64
			for i := range fields {
				fields[i] = scale * float64(i*i*5%13-6) / 6
				sizes += rbmtest.Largest(l.Units.Of(i))*math.Abs(fields[i]) + 1
			}
			tolerance := 64 * rbmtest.U * sizes
			var logs []float64
			for _, s := range l.States() {
				var exponent float64
				for i, s := range s {
					exponent += float64(s) * fields[i]
				}
				logs = append(logs, exponent)
			}
			cumulant := estimate.LogSumExp(logs)
			what := fmt.Sprintf("%s, fields to %v", name, scale)
			rbmtest.Near(t, what+": cumulant", l.Cumulant(fields), cumulant, tolerance)
			want := make([]float64, units)
			for n, s := range l.States() {
				logP := logs[n] - cumulant
				rbmtest.Near(t, rbmtest.At(what+": log p", s), l.LogProbability(s, fields), logP, tolerance)
				for i, s := range s {
					want[i] += float64(s) * math.Exp(logP)
				}
			}
			for i, mean := range l.Means(fields) {
				rbmtest.Near(t, fmt.Sprintf("%s: mean %d", what, i), mean, want[i], tolerance*rbmtest.Largest(l.Units.Of(i)))
			}
		}
	}
}

// TestLogProbabilityKeepsDigits: a state of the probability 1 - e⁻⁵⁰ has a log-probability that is small, not zero.
func TestLogProbabilityKeepsDigits(t *testing.T) {
	// The first term of log(1 - e⁻⁵⁰); the next is e⁻⁵⁰ times smaller. This exponential, the one in LogProbability and
	// the log are within 2u each. Fields of ±50/span are exact, as the spans are 1 and 2.
	want := -math.Exp(-50)
	tolerance := -6 * rbmtest.U * want
	for name, l := range layers(3) {
		if k := l.Units.Of(0); k.Several() { // one of the two other states counts, with a field of -50 beside 0
			rbmtest.Near(t, name, l.LogProbability([]float32{0, 1, 0}, []float64{-50, 0, -500}), want, tolerance)
		}
	}
	for name, l := range layers(1) {
		k := l.Units.Of(0)
		span := float64(k.High()) - float64(k.Low())
		for s, field := range map[float32]float64{k.High(): 50 / span, k.Low(): -50 / span} {
			rbmtest.Near(t, name, l.LogProbability([]float32{s}, []float64{field}), want, tolerance)
		}
	}
}

// TestMeansOfTheDefaultKind: the default kind is a sigmoid unit.
func TestMeansOfTheDefaultKind(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct{ x, want float64 }{
		{0, 0.5}, {math.Log(3), 0.75}, {-math.Log(3), 0.25}, {50, 1}, {1e4, 1}, {-1e4, 0}, {inf, 1}, {-inf, 0},
		{-50, math.Exp(-50)}, // the next term is e⁻⁵⁰ times smaller
	} {
		l := rbm.Layer{Bias: make([]float32, 1)}
		// Relative to the mean, the rounding of x = ±log 3 and of e^(-x), 1 + e^(-x) and the quotient are within 2u each.
		if got := l.Means([]float64{test.x})[0]; got != test.want {
			rbmtest.Near(t, "sigmoid", got, test.want, 8*rbmtest.U*test.want)
		}
	}
}

// TestLayerEnergy: the energy of a layer of discrete units is -Σ θ_i s_i. Sums of multiples of 1/8 below 8 are exact.
func TestLayerEnergy(t *testing.T) {
	for name, l := range layers(7) {
		for _, s := range l.States() {
			var want float64
			for i, s := range s {
				want -= float64(s) * float64(l.Bias[i])
			}
			rbmtest.Near(t, rbmtest.At(name, s), l.Energy(s), want, 0)
		}
	}
}
