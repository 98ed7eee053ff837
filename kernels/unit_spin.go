package kernels

import "math"

// spin units are -1 or 1. Given the field x, p(1|x) = σ(2x), ⟨s⟩ = tanh(x) and Γ(x) = log(e^x + e^-x),
// see [Kind].
var spin = family{
	name: "spin", low: -1, high: 1,
	mean:       spinMean,
	chance:     func(x float32) float32 { return Sigmoid(2 * x) },
	cumulant:   spinCumulant,
	mean64:     math.Tanh,
	cumulant64: func(x float64) float64 { return math.Abs(x) + softplus64(-2*math.Abs(x)) },
}

// spinMean is tanh(x) as (1-e)/(1+e) with e = e^(-2|x|), and the sign of x.
func spinMean(x float32) float32 {
	e := exp(clamp(-2 * magnitude(x)))
	return signed((1-e)/(1+e), x)
}

// spinCumulant is |x| + log(1+e^(-2|x|)).
func spinCumulant(x float32) float32 {
	return magnitude(x) + Softplus(-2*magnitude(x))
}
