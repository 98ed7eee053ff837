package engine

import "math"

// floats returns the values of a variable.
func (f *fixture) floats(name string) []float32 { return f.values[name].([]float32) }

// A float32 sum with k roundings is within γ(k) (see gamma) times the sum of the sizes of its terms of the exact value,
// and a float64 sum within k·2⁻⁵³ times that. Bounds have a factor of 2 because the tape and the device both round.

// termSize bounds |low·w| + (high-low)·|w| for weights of size 1: fields and gradients over bits are computed from
// these two terms. It is 1 for the default kind.
func termSize(u Units) float64 {
	most := 1.0
	for _, g := range u {
		most = max(most, math.Abs(float64(g.Kind.Low()))+float64(g.Kind.High()-g.Kind.Low()))
	}
	return most
}

// unitRoundings returns the number of roundings that a sum over visible bits has beyond a sum over bits of the
// default kind: of the product with high-low, and of the addition of the low part.
func (f *fixture) unitRoundings() int {
	if f.visible.Default() {
		return 0
	}
	return 2
}

// fieldBound bounds the difference, at row n and unit j, of two float32 fields of x (.., in)
// summed in any order. Both are within γ(in+1) of the sum of sizes or, over bits of other kinds,
// within γ(in+2) of the sum of their terms.
func (f *fixture) fieldBound(x, w, b string, u Units, in int, transposed bool, n, j int) float64 {
	size := math.Abs(float64(f.floats(b)[j]))
	for i := range in {
		at := i*f.H + j
		if transposed {
			at = j*f.H + i
		}
		if u.Default() {
			size += math.Abs(float64(f.floats(x)[n*in+i]) * float64(f.floats(w)[at]))
		} else {
			size += termSize(u) * math.Abs(float64(f.floats(w)[at]))
		}
	}
	if u.Default() {
		return 2 * gamma(in+1) * size
	}
	return 2 * gamma(in+2) * size
}

// gradientBound bounds the difference of an element of two float32 gradients, whose means are below 1. A gradient is
// the difference of an average over the B rows of the data and one over the B+2 chains. An average of n rows has n+3
// roundings (see kernels.Gradient).
func (f *fixture) gradientBound(int) float64 {
	return 2 * termSize(f.visible) * (gamma(f.B+3+f.unitRoundings()) + gamma(f.B+5+f.unitRoundings()))
}

// rounded holds the ops whose results CUDA may round differently, with the bound on the
// difference of element i. All other ops return the same bits.
var rounded = map[string]func(f *fixture, i int) float64{
	"hidden field": func(f *fixture, i int) float64 {
		return f.fieldBound("v", "w", "b", f.visible, f.V, false, i/f.H, i%f.H)
	},
	"visible field": func(f *fixture, i int) float64 { return f.fieldBound("h", "w", "a", f.hidden, f.H, true, i/f.V, i%f.V) },
	// A device without changed fields, such as CUDA, sums at most V terms and the bias; the tape sums at most V terms
	// more for each of the three changes. Weights and biases are below 1.
	"changed field": func(f *fixture, i int) float64 {
		return termSize(f.visible) * (gamma(4*f.V+1+f.unitRoundings()) + gamma(f.V+1+f.unitRoundings())) * float64(4*f.V+1)
	},
	"gradient":                         (*fixture).gradientBound,
	"gradient among more rows":         (*fixture).gradientBound,
	"total of a gradient":              (*fixture).gradientBound,
	"gradient with the data as chains": (*fixture).equalPhasesBound,
	"gradient of the coldest":          (*fixture).equalPhasesBound,
	"gradient of a selection":          (*fixture).equalPhasesBound,
	"gradient of a part":               (*fixture).equalPhasesBound,
	"gradient of selected cells":       (*fixture).equalPhasesBound,
	// The pseudo-likelihood is V times the softplus, in float64, of a sum of H differences of cumulants and of the change
	// of the bias's term. A change is at most 2 times a weight or bias below 1, so that a cumulant is below 5+2+½ in size
	// and the term below 4. Sum and softplus have at most H+12 roundings: an addition for each difference, and 4 each
	// for a logarithm and an exponential, with 4 to spare. The softplus does not widen errors, as its slope is below 1.
	"pseudo-likelihood": func(f *fixture, i int) float64 {
		size := 15*float64(f.H) + 4
		return float64(f.V) * 2 * float64(f.H+12) * 0x1p-53 * size
	},
	// The bound of equal phases, of 2B rows each.
	"gradient of states put together": func(f *fixture, i int) float64 {
		return 4 * termSize(f.visible) * gamma(2*f.B+3+f.unitRoundings())
	},
	// An exponential of at most 1, which is computed in float64 and rounded to float32: two roundings of nearly the
	// same number are neighbours, which are at most 2⁻²⁴ apart below 1.
	"chance": func(f *fixture, i int) float64 { return 0x1p-24 },
	// A sum of B+1 numbers below 1: the tally before, and for each chain an exponential in float64, which is rounded
	// before it is added.
	"tally": func(f *fixture, i int) float64 { return 2 * float64(f.B+1) * gamma(f.B+1) },
	// A sum in float64 of V squares below 1. Devices agree on the squares and add them in different orders.
	"squared error": func(f *fixture, i int) float64 { return 2 * float64(f.V+1) * 0x1p-53 * float64(f.V) },
	// A squared error in float64, and a sum of halves of squares that has the same bits on all devices. A state is
	// s = σ²z + σn with |z| < 2, a normal number |n| < 6 and σ² < e, so that |s| < 15.4. The V squares (s-y)² are below
	// 269, and the V halves (s/σ)²/2 below 44. The addition of both has a rounding.
	"sums of a mixed real sample": func(f *fixture, i int) float64 {
		return 2 * float64(f.V+2) * 0x1p-53 * (269 + 44) * float64(f.V)
	},
	// The bound of the squared error times 4: a state of a kind with the values -1 and 1 and its mean differ by up to 2.
	"layer with means and states": func(f *fixture, i int) float64 {
		return 4 * 2 * float64(f.V+1) * 0x1p-53 * float64(f.V)
	},
	// The bound of the gradient times a rate below 1, and for each runner the two roundings of a product and a sum
	// below 4.
	"gradient and the move along it": func(f *fixture, i int) float64 {
		return f.gradientBound(i) + 4*termSize(f.visible)*2*gamma(2)
	},
}

// equalPhasesBound is gradientBound where data and chains have B rows each.
func (f *fixture) equalPhasesBound(int) float64 {
	return 4 * termSize(f.visible) * gamma(f.B+3+f.unitRoundings())
}
