package kernels

import "math"

// gaussian units are real numbers s. Given the field x they have the energy s²/2σ² - s·x: p(s|x) = N(σ²x, σ²),
// ⟨s⟩ = σ²x and Γ(x) = (σx)²/2 + log σ + log(2π)/2, see [Kind].
var gaussian = family{
	name: "gaussian", low: 0, high: 1,
	real: &real{
		mean: func(x float32, s shape) float32 { return float32(s.deviation*s.deviation) * x },
		draw: func(x float32, s shape, u float32) float32 {
			return float32(float32(s.deviation*s.deviation)*x) + float32(s.deviation*normal(u))
		},
		cumulant: gaussianCumulant,
		slope: func(x float32, s shape, _ Slope) float32 {
			t := float32(s.deviation * x)
			return float32(float32(0.5*t)*t) + 0.5
		},
		mean64: func(x float64, s Shape) float64 { return math.Exp(s.LogVariance) * x },
		cumulant64: func(x float64, s Shape) float64 {
			return (math.Exp(s.LogVariance)*x*x + s.LogVariance + math.Log(2*math.Pi)) / 2
		},
		slope64: func(x float64, s Shape, _ Slope) float64 { return (math.Exp(s.LogVariance)*x*x + 1) / 2 },
	},
}

const halfLog2Pi = 0.918938533204672742

func gaussianCumulant(x float32, s shape) float32 {
	t := float32(s.deviation * x)
	return float32(float32(0.5*t)*t) + (float32(0.5*s.logVariance) + halfLog2Pi)
}
