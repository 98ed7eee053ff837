package kernels

import "math"

// The arithmetic of one element. Every product and every sum is rounded to float32 by itself, in
// the order written here; the conversions to float32 forbid fused multiply-adds. The C of element.h
// repeats it operation by operation.

const (
	log2e    = 1.44269504088896341
	ln2      = 0.693147180559945309
	ln2High  = 0.693359375 // 9 bits: its product with an integer below 2¹⁵ is exact
	ln2Low   = -2.12194440054690583e-4
	toInt    = 12582912.0 // 1.5·2²³: a sum with it holds the other term, rounded to an integer, in its low bits
	oneBits  = 0x3F800000 // the bits of 1; adding an integer n to the exponent makes 2ⁿ
	expLimit = 87.0       // e^±87 is a normal float32
)

// exp returns e^x for x in [-87, 87] with a relative error below 2⁻²², and NaN for NaN. The
// polynomial is (e^r - 1 - r)/r² on |r| ≤ ln2/2 (S. Moshier, Cephes, expf). The last product is
// exact.
func exp(x float32) float32 {
	t := float32(x*log2e) + toInt
	n := t - toInt
	r := x - float32(n*ln2High)
	r = r - float32(n*ln2Low)
	p := float32(r*1.9875691500e-4) + 1.3981999507e-3
	p = float32(p*r) + 8.3334519073e-3
	p = float32(p*r) + 4.1665795894e-2
	p = float32(p*r) + 1.6666665459e-1
	p = float32(p*r) + 5.0000001201e-1
	p = float32(float32(p*r)*r) + r
	p = p + 1
	return p * math.Float32frombits(math.Float32bits(t)<<23+oneBits)
}

// clamp returns x limited to [-87, 87], and NaN for NaN.
func clamp(x float32) float32 {
	if x > expLimit {
		return expLimit
	}
	if x < -expLimit {
		return -expLimit
	}
	return x
}

// Sigmoid is the logistic function σ(x) = 1/(1+e^-x). Its relative error is below 2⁻²¹ on [-87,
// 87]. Beyond ±87 it keeps the value at ±87, which is 1 or 1.6e-38.
func Sigmoid(x float32) float32 { return 1 / (1 + exp(-clamp(x))) }

// Softplus is log(1+e^x), computed as max(x,0) + 2 atanh(e/(2+e)) with e = e^-|x|. Its relative
// error is below 2⁻²⁰ for x ≥ -87; below -87 it keeps the value at -87.
func Softplus(x float32) float32 {
	low := clamp(x)
	if low > 0 {
		low = -low
	}
	e := exp(low)
	s := e / (2 + e)
	l := float32(float32(2*s) * atanhSeries(float32(s*s)))
	high := x
	if !(high > 0) {
		high = 0
	}
	return high + l
}

// log returns log(t) for a normal t > 0 with an error below 2⁻²²·max(1,|log t|), and NaN for NaN. With
// t = 2ⁿ·f and f in [2/3, 4/3), it is n·log 2 + 2 atanh(s) with s = (f-1)/(f+1). The polynomial is
// atanhSeries, with |s| ≤ 1/5.
func log(t float32) float32 {
	const twoThirds = 0x3F2AAAAB // its bits
	bits := math.Float32bits(t)
	biased := (bits + oneBits - twoThirds) >> 23 // n + 127: for t = 2ⁿ·2/3 the sum has the bits of 2ⁿ
	f := math.Float32frombits(bits - biased<<23 + oneBits)
	s := (f - 1) / (f + 1)
	orNaN := t - t // 0 unless t is NaN
	return float32((float32(biased)-127)*ln2) + float32(float32(2*s)*atanhSeries(float32(s*s))) + orNaN
}

// normal returns Φ⁻¹(u + 2⁻²⁵), a standard normal number for a uniform number u. u is a multiple of 2⁻²⁴
// in [0,1) and stands for an interval of this length, whose middle is u + 2⁻²⁵. The error is below
// 2⁻²⁰·max(1,|Φ⁻¹|). With x = 2u + 2⁻²⁴ - 1, which is exact, and w = -log((1-x)(1+x)), it is x times a
// polynomial in y = w/8 - 1 (compare Giles, Approximating the erfinv function, GPU Computing Gems 2, 2011;
// the coefficients here are a Chebyshev fit of degree 14 on 0 ≤ w ≤ 16 with a relative error of 7e-8).
func normal(u float32) float32 {
	x := float32(2*u) - 1 + 0x1p-24
	y := float32(-log(float32((1-magnitude(x))*(1+magnitude(x))))*0.125) - 1
	return x * series(y, normalSeries[:])
}

// normalSeries holds the coefficients of normal, the constant first.
var normalSeries = [...]float32{
	3.76384258, 1.9952513, -0.457566619, 0.177948192, -0.0515693389, -0.0240358673, 0.0595192425, -0.055731155,
	0.0460787117, -0.0435234979, 0.000467846432, 0.0511042029, -0.0290358756, -0.0125329802, 0.0100577949,
}

// series returns the polynomial with the given coefficients, the constant first.
func series(y float32, coefficients []float32) float32 {
	p := coefficients[len(coefficients)-1]
	for k := len(coefficients) - 2; k >= 0; k-- {
		p = float32(p*y) + coefficients[k]
	}
	return p
}

const signBit = 1 << 31 // of a float32

// magnitude returns |x|.
func magnitude(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ signBit) }

// signed returns a number y of at least 0 with the sign bit of x.
func signed(y, x float32) float32 {
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&signBit)
}

// atanhSeries returns atanh(s)/s for q = s², as the Taylor series on 0 ≤ s ≤ 1/3, truncated with a
// relative error below 2⁻³².
func atanhSeries(q float32) float32 {
	p := float32(q*(1./17)) + 1./15
	p = float32(p*q) + 1./13
	p = float32(p*q) + 1./11
	p = float32(p*q) + 1./9
	p = float32(p*q) + 1./7
	p = float32(p*q) + 1./5
	p = float32(p*q) + 1./3
	return float32(p*q) + 1
}
