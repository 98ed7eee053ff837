package kernels

import (
	"math"
	"testing"
)

// sweep calls f with floats from lo < 0 to hi > 0: with every stride-th bit pattern from 0 to hi, and
// from -0 to lo. They are dense around zero.
func sweep(lo, hi float32, stride uint32, f func(x float32)) {
	for bits := uint32(0); bits <= math.Float32bits(hi); bits += stride {
		f(math.Float32frombits(bits))
	}
	for bits := uint32(0); bits <= math.Float32bits(-lo); bits += stride {
		f(-math.Float32frombits(bits))
	}
}

// TestElementErrors: the relative errors of the functions are below their bounds from -87, the clamp of Sigmoid
// and Softplus, to the highest argument. The stride of 2003 is chosen: about half a million numbers on each side of
// 0, and odd, so that all low bits of the pattern vary.
func TestElementErrors(t *testing.T) {
	for _, test := range []struct {
		name    string
		f       func(float32) float32
		exact   func(float64) float64
		bound   float64
		highest float32
	}{
		{"exp", exp, math.Exp, 0x1p-22, 87},
		{"Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 0x1p-21, 87},
		{"Softplus", Softplus, func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 0x1p-20, 1e30},
	} {
		worst, at := 0.0, float32(0)
		sweep(-87, test.highest, 2003, func(x float32) {
			want := test.exact(float64(x))
			if e := math.Abs(float64(test.f(x))-want) / want; !(e <= worst) {
				worst, at = e, x
			}
		})
		if !(worst < test.bound) {
			t.Errorf("%s(%v): relative error %g, want below %g", test.name, at, worst, test.bound)
		}
		t.Logf("%s: largest relative error 2^%.2f at %v", test.name, math.Log2(worst), at)
	}
}

// TestElementExtremes: beyond the clamp at ±87 the functions keep the value at the clamp or reach their limit, the two zeros
// give the same, and every NaN gives NaN. The values at -Inf are about exp(-87), within the errors of both functions.
func TestElementExtremes(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negativeZero := float32(math.Copysign(0, -1))
	lowest := float32(math.Exp(-87))
	for _, test := range []struct {
		name    string
		f       func(float32) float32
		x, want float32
	}{
		{"Sigmoid", Sigmoid, 0, 0.5},
		{"Sigmoid", Sigmoid, negativeZero, 0.5},
		{"Sigmoid", Sigmoid, 87, 1},
		{"Sigmoid", Sigmoid, inf, 1},
		{"Sigmoid", Sigmoid, -inf, Sigmoid(-87)},
		{"Sigmoid", Sigmoid, -math.MaxFloat32, Sigmoid(-87)},
		{"Sigmoid", Sigmoid, nan, nan},
		{"Sigmoid", Sigmoid, math.Float32frombits(0x7F800001), nan},
		{"Sigmoid", Sigmoid, math.Float32frombits(0xFFFFFFFF), nan},
		{"Softplus", Softplus, negativeZero, Softplus(0)},
		{"Softplus", Softplus, inf, inf},
		{"Softplus", Softplus, math.MaxFloat32, math.MaxFloat32},
		{"Softplus", Softplus, -inf, Softplus(-87)},
		{"Softplus", Softplus, nan, nan},
		{"Softplus", Softplus, math.Float32frombits(0x7F800001), nan},
	} {
		if got := test.f(test.x); got != test.want && !(got != got && test.want != test.want) {
			t.Errorf("%s(%v) = %v, want %v", test.name, test.x, got, test.want)
		}
	}
	for _, got := range []float32{Sigmoid(-inf), Softplus(-inf)} {
		if math.Abs(float64(got/lowest-1)) > 0x1p-20 {
			t.Errorf("value at -Inf: got %g, want about %g", got, lowest)
		}
	}
}

// TestSigmoidRises: over a step of 1/64 the logistic function grows by a factor of about 1 + (1-σ)/64. Up to 9
// this is at least 1 + 1.9e-6, more than the errors of both values, 2·2⁻²¹ = 9.5e-7, so that they must rise.
func TestSigmoidRises(t *testing.T) {
	before := float32(0)
	for x := float32(-87); x <= 9; x += 1. / 64 {
		p := Sigmoid(x)
		if !(p > before) {
			t.Fatalf("Sigmoid(%v) = %v, want above %v", x, p, before)
		}
		before = p
	}
}

// TestLog: the logarithm is within its bound, from the least argument in normal to more than the largest
// sum of the terms of a unit of several columns, and keeps NaN. The ratio 1.0007 of the arguments is chosen: about
// 1000 to each power of two.
func TestLog(t *testing.T) {
	for x := float32(0x1p-24); x <= 2*MostColumns; x *= 1.0007 {
		if got, want := float64(log(x)), math.Log(float64(x)); math.Abs(got-want) > 0x1p-22*math.Max(1, math.Abs(want)) {
			t.Fatalf("log of %v is %v, want %v", x, got, want)
		}
	}
	if got := log(float32(math.NaN())); got == got {
		t.Errorf("log of NaN is %v", got)
	}
}

// TestNormal: normal is within its bound of the inverse of the distribution function, for uniform
// numbers from both ends and from between, and odd around the middle. The step of k/5000 is chosen: every number near
// the ends, where the function is steep, and a few ten thousand elsewhere.
func TestNormal(t *testing.T) {
	for k := 0; k < 1<<23; k += 1 + k/5000 {
		u, mirrored := float32(k)*0x1p-24, float32(1<<24-1-k)*0x1p-24
		want := -math.Sqrt2 * math.Erfcinv(float64(2*k+1)*0x1p-24)
		if got := float64(normal(u)); math.Abs(got-want) > 0x1p-20*math.Max(1, -want) {
			t.Fatalf("normal number of %v is %v, want %v", u, got, want)
		}
		if got := normal(mirrored); got != -normal(u) {
			t.Fatalf("normal number of %v is %v, want %v", mirrored, got, -normal(u))
		}
	}
}
