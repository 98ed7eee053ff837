package kernels

// relu units are numbers s ≥ 0. Given the field x they have the energy s²/2σ² - s·x, a normal distribution
// cut off below 0: with a = -σx, ⟨s⟩ = σe(a) and Γ(x) = L(a) + log σ + log(π/2)/2 (see [Kind], and
// truncated.go for e and L).
var relu = family{
	name: "relu", low: 0, high: 1,
	real: &real{
		half: true,
		mean: func(x float32, s shape) float32 { return float32(s.deviation * excess(float32(-s.deviation*x))) },
		draw: func(x float32, s shape, u float32) float32 {
			lower, upper := u+0x1p-25, (1-u)-0x1p-25 // of the middle of u's interval, see normal
			return float32(s.deviation * drawExcess(float32(-s.deviation*x), upper, lower))
		},
		cumulant: func(x float32, s shape) float32 {
			return tail(float32(-s.deviation*x)) + (float32(0.5*s.logVariance) + halfLogHalfPi)
		},
		slope: func(x float32, s shape, _ Slope) float32 { return halfSecond(float32(-s.deviation * x)) },

		mean64: func(x float64, s Shape) float64 {
			e, _ := moments64(-s.deviation() * x)
			return s.deviation() * e
		},
		cumulant64: func(x float64, s Shape) float64 {
			return tail64(-s.deviation()*x) + s.LogVariance/2 + halfLogHalfPi
		},
		slope64: func(x float64, s Shape, _ Slope) float64 {
			e, v := moments64(-s.deviation() * x)
			return (v + e*e) / 2
		},
	},
}
