package kernels

import "math"

// The standard normal distribution above a point a, on which units with states of one sign are built.
// With Q(a) the probability above a, they need
//
//	L(a) = log(2Q(a)) + a²/2 = log erfcx(a/√2)
//	e(a) = ⟨z - a | z ≥ a⟩ = √(2/π) e^(-L(a)) - a
//	v(a) = ⟨(z - ⟨z⟩)² | z ≥ a⟩ = 1 - e(a)(a + e(a))
//
// For a ≥ 0, with t = 2/(2+a), L - log t, e/t and v/t² are polynomials in y = 2t - 1. The coefficients, the
// constant first, are Chebyshev fits over -1 ≤ y ≤ 1. Polynomials in t would lose three digits in float32.

const (
	sqrtTwoOverPi = 0.797884560802865356 // √(2/π)
	sqrtHalfPi    = 1.25331413731550025  // √(π/2)
	halfLogHalfPi = 0.225791352644727433 // log(π/2)/2
)

// tailSeries, excessSeries and spreadSeries give L - log t, e/t and v/t². In float32 the absolute error of the
// first is below 1e-7, and the relative errors of the others are below 2e-7.
var (
	tailSeries = [...]float32{
		-0.396889955, 0.492862195, -0.0786298662, -0.0358093083, 0.0209586881, 0.00102359336, -0.0057858224,
		0.00226945686, 0.000766760844, -0.0010742154, 0.000192045671, 0.000197547532, -8.11100836e-05,
	}
	excessSeries = [...]float32{
		0.746431053, 0.167801604, -0.13234067, -0.0118062273, 0.0444285497, -0.0147268269, -0.0091440035,
		0.0107833119, -0.00249227136, -0.00352710602, 0.00304146577, 0.000347675319, -0.00115983281,
		6.98594304e-05, 0.000177973561,
	}
	spreadSeries = [...]float32{
		0.457116395, 0.0354609489, -0.216227978, 0.065239951, 0.074396193, -0.0715170801, 0.00475148251,
		0.0324970484, -0.0237984043, -0.000277329847, 0.0128725385, -0.00836955104, -0.00174373831,
		0.00451984908, -0.00104412762, -0.000863724039, 0.000367758737,
	}
)

// farTail returns L(a) for a ≥ 0.
func farTail(a float32) float32 {
	t := 2 / (2 + a)
	return log(t) + series(float32(2*t)-1, tailSeries[:])
}

// below returns Φ(-a) for a ≥ 0, given L(a).
func below(a, tail float32) float32 {
	return float32(0.5 * exp(clamp(tail-float32(float32(0.5*a)*a))))
}

// tail returns L(a). For a < 0 it is a²/2 + log(2 - 2Φ(a)).
func tail(a float32) float32 {
	far := farTail(magnitude(a))
	if !(a < 0) {
		return far
	}
	return float32(float32(0.5*a)*a) + log(2-float32(2*below(magnitude(a), far)))
}

// excess returns e(a).
func excess(a float32) float32 {
	t := 2 / (2 + magnitude(a))
	if !(a < 0) {
		return float32(t * series(float32(2*t)-1, excessSeries[:]))
	}
	return float32(sqrtTwoOverPi*exp(clamp(-tail(a)))) - a
}

// halfSecond returns ⟨(z-a)²⟩/2 of z ≥ a, which is (v + e²)/2 = (1 - ae)/2. For a ≥ 0 the second form
// cancels.
func halfSecond(a float32) float32 {
	e := excess(a)
	if !(a < 0) {
		t := 2 / (2 + magnitude(a))
		return float32(0.5 * (float32(float32(t*t)*series(float32(2*t)-1, spreadSeries[:])) + float32(e*e)))
	}
	return float32(0.5 * (1 - float32(a*e)))
}

// drawExcess returns z - a for the point z ≥ a at which Q(z) = upper·Q(a), with lower = 1 - upper. The smaller
// one of upper and lower must be accurate. The error is below 5e-6/(1+max(a,0)). The result is NaN if a is.
func drawExcess(a, upper, lower float32) float32 {
	far := farTail(magnitude(a))
	if !(a < 0) {
		return farDraw(a, far, upper) + (a - a)
	}
	cut := below(magnitude(a), far)     // Φ(a)
	over := upper - float32(upper*cut)  // Q(z)
	under := lower + float32(upper*cut) // Φ(z)
	e := quantile(over, under) - a
	if !(e > 0) {
		e = 0
	}
	return e + (a - a)
}

// farDraw returns the e that solves log Q(a+e)/Q(a) = log upper for a ≥ 0, given far = L(a). Newton's method
// begins with the solution for L(a+e) = L(a). Its error is about 1e-3/(1+a) after two steps and below
// 5e-6/(1+a) after three.
func farDraw(a, far, upper float32) float32 {
	want := log(upper)
	e := float32(-2*want) / (a + root(float32(a*a)-float32(2*want)))
	for range 3 {
		there := farTail(a + e)
		f := float32(-e*(a+float32(0.5*e))) + ((there - far) - want)
		if e += float32(f * float32(sqrtHalfPi*exp(clamp(there)))); !(e > 0) {
			e = 0
		}
	}
	return e
}

// quantile returns Φ⁻¹(under), where over = 1 - under. The smaller one of the two must be accurate. It is the
// series of normal, in which 4·over·under is (1-x)(1+x).
func quantile(over, under float32) float32 {
	y := float32(-log(float32(float32(4*over)*under))*0.125) - 1
	return (under - over) * series(y, normalSeries[:])
}

// root returns √x with a relative error below 2⁻¹⁸ for x > 2⁻¹²⁰, and 2⁻⁶⁰ for other x, since log takes only
// normal numbers.
func root(x float32) float32 {
	if !(x > 0x1p-120) {
		x = 0x1p-120
	}
	return exp(clamp(0.5 * log(x)))
}

// tail64 returns L(a) in float64.
func tail64(a float64) float64 {
	if a < fractionsFrom {
		return a*a/2 + math.Log(math.Erfc(a/math.Sqrt2))
	}
	return math.Log(sqrtTwoOverPi / (a + 1/(a+fraction(a))))
}

// moments64 returns e(a) and v(a) in float64.
func moments64(a float64) (excess, spread float64) {
	if a < fractionsFrom {
		excess = sqrtTwoOverPi*math.Exp(-tail64(a)) - a
		return excess, 1 - excess*(a+excess)
	}
	rest := fraction(a)
	excess = 1 / (a + rest)
	return excess, (rest - excess) / (a + rest)
}

// fractionsFrom is the a from which on tail64 and moments64 use continued fractions, which do not cancel. Below it,
// cancellation leaves relative errors under 1e-12 in e and v. At a = 3, 40 fractions would have an error of 1e-13.
const fractionsFrom = 4

// fraction returns 2/(a + 3/(a + …)), which 40 fractions give to the rounding of float64 from a = 4 on.
func fraction(a float64) float64 {
	rest := 0.0
	for k := 40; k >= 2; k-- {
		rest = float64(k) / (a + rest)
	}
	return rest
}
