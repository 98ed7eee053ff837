package kernels

import "math"

// bernoulli units are 0 or 1. Given the field x, p(1|x) = σ(x) and Γ(x) = log(1+e^x), see [Kind].
var bernoulli = family{
	name: "bernoulli", low: 0, high: 1,
	mean: Sigmoid, cumulant: Softplus,
	mean64:     func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	cumulant64: softplus64,
}
