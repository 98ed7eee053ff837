package kernels

import "math"

// gaussian units are real numbers with the energy s²/2σ² - s·x: p(s|x) = N(σ²x, σ²), ⟨s⟩ = σ²x,
// Γ(x) = (σx)²/2 + log σ + log(2π)/2.
var gaussian = family{
	name: "gaussian", low: 0, high: 1,
	real: &real{
		mean: func(x, deviation float32) float32 { return float32(deviation*deviation) * x },
		draw: func(x, deviation, u float32) float32 {
			return float32(float32(deviation*deviation)*x) + float32(deviation*normal(u))
		},
		cumulant: gaussianCumulant,
		slope: func(x, deviation float32) float32 {
			t := float32(deviation * x)
			return float32(float32(0.5*t)*t) + 0.5
		},
		mean64: func(x, logVariance float64) float64 { return math.Exp(logVariance) * x },
		cumulant64: func(x, logVariance float64) float64 {
			return (math.Exp(logVariance)*x*x + logVariance + math.Log(2*math.Pi)) / 2
		},
		slope64: func(x, logVariance float64) float64 { return (math.Exp(logVariance)*x*x + 1) / 2 },
	},
}

const halfLog2Pi = 0.918938533204672742

func gaussianCumulant(x, deviation, logVariance float32) float32 {
	t := float32(deviation * x)
	return float32(float32(0.5*t)*t) + (float32(0.5*logVariance) + halfLog2Pi)
}
