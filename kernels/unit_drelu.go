package kernels

import "math"

// drelu units are real numbers with two sides, each like a relu unit. With the jump Δ, the skew ξ, and
// A = (1+|ξ|)/(1+max(2ξ,0)), B = (1+|ξ|)/(1-min(2ξ,0)), the energy is
//
//	A (s²/2σ² - Δs) - s·x    for s ≥ 0
//	B (s²/2σ² + Δs) - s·x    for s < 0
//
// so that each side has the deviation σ/√A or σ/√B and the field x+AΔ or x-BΔ. A jump and skew of 0 make a
// gaussian unit. Γ is the log of the sum of the two sides' e^Γ. In terms of η = ξ/(1+|ξ|) these are the
// pReLU units of Tubiana, Cocco and Monasson (eLife 2019), A = 1/(1+η) and B = 1/(1-η). Their dReLU units
// have two fields and two deviations instead, and the same distributions.
var drelu = family{
	name: "drelu", low: 0, high: 1,
	real: &real{
		sides:    true,
		mean:     dreluMean,
		draw:     dreluDraw,
		cumulant: dreluCumulant,
		slope:    dreluSlope,

		mean64: func(x float64, s Shape) float64 {
			p, n := sides64(x, s)
			return p.part*p.deviation*p.excess() - n.part*n.deviation*n.excess()
		},
		cumulant64: func(x float64, s Shape) float64 {
			p, n := sides64(x, s)
			return max(p.cumulant, n.cumulant) + softplus64(-math.Abs(p.cumulant-n.cumulant))
		},
		slope64: dreluSlope64,
	},
}

// oneSide is one side of a drelu unit, on which the states have one sign.
type oneSide struct {
	factor    float32 // A or B
	deviation float32
	from      float32 // a of truncated.go
	cumulant  float32
	part      float32 // probability of the side
}

// sidesOf returns the positive and the negative side of a unit.
func sidesOf(x float32, s shape) (p, n oneSide) {
	skew := float32(2 * s.skew)
	positive, negative := skew, skew // max(2ξ,0) and min(2ξ,0)
	if !(positive > 0) {
		positive = 0
	}
	if !(negative < 0) {
		negative = 0
	}
	span := 1 + magnitude(s.skew)
	p, n = oneSide{factor: span / (1 + positive)}, oneSide{factor: span / (1 - negative)}
	p.complete(x+float32(p.factor*s.jump), s)
	n.complete(float32(n.factor*s.jump)-x, s)
	p.part, n.part = Sigmoid(p.cumulant-n.cumulant), Sigmoid(n.cumulant-p.cumulant)
	return p, n
}

// complete sets the deviation, the bound and the cumulant of a side, given the field of the sizes |s| of its
// states.
func (p *oneSide) complete(field float32, s shape) {
	half := log(p.factor) * -0.5 // e^half is 1/√A or 1/√B
	p.deviation = float32(s.deviation * exp(clamp(half)))
	p.from = float32(-p.deviation * field)
	p.cumulant = tail(p.from) + (float32(0.5*s.logVariance) + half + halfLogHalfPi)
}

func dreluMean(x float32, s shape) float32 {
	p, n := sidesOf(x, s)
	return float32(float32(p.part*p.deviation)*excess(p.from)) - float32(float32(n.part*n.deviation)*excess(n.from))
}

// dreluDraw takes the side below 0 where u is below its probability. On that side the states below s
// have the larger sizes |s|, so that lower takes the place of upper.
func dreluDraw(x float32, s shape, u float32) float32 {
	p, n := sidesOf(x, s)
	lower, upper := u+0x1p-25, (1-u)-0x1p-25 // of the middle of u's interval, see normal
	if lower < n.part {
		rest := (upper - p.part) / n.part
		if !(rest > 0) { // by rounding, or NaN
			rest = 0
		}
		return -float32(n.deviation * drawExcess(n.from, lower/n.part, rest))
	}
	rest := upper / p.part
	if !(rest < 1) { // by rounding, or NaN
		rest = 1
	}
	return float32(p.deviation * drawExcess(p.from, rest, (lower-n.part)/p.part))
}

func dreluCumulant(x float32, s shape) float32 {
	p, n := sidesOf(x, s)
	most := p.cumulant
	if !(most > n.cumulant) {
		most = n.cumulant
	}
	return most + Softplus(-magnitude(p.cumulant-n.cumulant))
}

// dreluSlope returns, with S = ⟨s²⟩/2σ² of each side at its own deviation σ,
//
//	∂Γ/∂z = p⁺S⁺ + p⁻S⁻
//	∂Γ/∂Δ = p⁺A m⁺ + p⁻B m⁻
//	∂Γ/∂ξ = (p⁺A (S⁺ - AΔm⁺) - p⁻B (S⁻ - BΔm⁻)) / (1+|ξ|)²
//
// where m are the mean sizes of the states of the sides.
func dreluSlope(x float32, s shape, by Slope) float32 {
	p, n := sidesOf(x, s)
	above, under := float32(p.part*p.factor), float32(n.part*n.factor) // p⁺A and p⁻B
	switch by {
	case ByLogVariance:
		return float32(p.part*halfSecond(p.from)) + float32(n.part*halfSecond(n.from))
	case ByJump:
		return float32(float32(above*p.deviation)*excess(p.from)) + float32(float32(under*n.deviation)*excess(n.from))
	}
	span := 1 + magnitude(s.skew)
	positive := halfSecond(p.from) - float32(float32(float32(p.factor*s.jump)*p.deviation)*excess(p.from))
	negative := halfSecond(n.from) - float32(float32(float32(n.factor*s.jump)*n.deviation)*excess(n.from))
	return (float32(above*positive) - float32(under*negative)) / float32(span*span)
}

// side64 is a oneSide in float64.
type side64 struct{ factor, deviation, from, cumulant, part float64 }

func (p side64) excess() float64 {
	e, _ := moments64(p.from)
	return e
}

// second returns ⟨s²⟩/2σ², at the side's own deviation σ.
func (p side64) second() float64 {
	e, v := moments64(p.from)
	return (v + e*e) / 2
}

func sides64(x float64, s Shape) (p, n side64) {
	span := 1 + math.Abs(s.Skew)
	complete := func(factor, sign float64) side64 {
		deviation := s.deviation() / math.Sqrt(factor)
		from := -deviation * (sign*x + factor*s.Jump)
		cumulant := tail64(from) + math.Log(deviation) + halfLogHalfPi
		return side64{factor: factor, deviation: deviation, from: from, cumulant: cumulant}
	}
	p, n = complete(span/(1+max(2*s.Skew, 0)), 1), complete(span/(1-min(2*s.Skew, 0)), -1)
	p.part, n.part = 1/(1+math.Exp(n.cumulant-p.cumulant)), 1/(1+math.Exp(p.cumulant-n.cumulant))
	return p, n
}

func dreluSlope64(x float64, s Shape, by Slope) float64 {
	p, n := sides64(x, s)
	switch by {
	case ByLogVariance:
		return p.part*p.second() + n.part*n.second()
	case ByJump:
		return p.part*p.factor*p.deviation*p.excess() + n.part*n.factor*n.deviation*n.excess()
	}
	span := 1 + math.Abs(s.Skew)
	return (p.part*p.factor*(p.second()-p.factor*s.Jump*p.deviation*p.excess()) -
		n.part*n.factor*(n.second()-n.factor*s.Jump*n.deviation*n.excess())) / (span * span)
}
