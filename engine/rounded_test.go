package engine

import "math"

// floats returns the values of a variable.
func (f *fixture) floats(name string) []float32 { return f.values[name].([]float32) }

// scale bounds |low·w| + (high-low)·|w| in units of |w|. A term x·w of a sum over bits is
// computed from these two.
func scale(u Units) float64 {
	most := 1.0
	for _, g := range u {
		most = max(most, math.Abs(float64(g.Kind.Low()))+float64(g.Kind.High()-g.Kind.Low()))
	}
	return most
}

// more returns the number of roundings that a sum over visible bits has beyond a sum over bits of the
// default kind.
func (f *fixture) more() int {
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
			size += scale(u) * math.Abs(float64(f.floats(w)[at]))
		}
	}
	if u.Default() {
		return 2 * gamma(in+1) * size
	}
	return 2 * gamma(in+2) * size
}

// gradientBound bounds the difference of an element of two float32 gradients, whose means are below 1. A gradient is
// the difference of an average over the B rows of the data and one over the B+2 rows of the chains.
func (f *fixture) gradientBound(int) float64 {
	return 2 * scale(f.visible) * (gamma(f.B+3+f.more()) + gamma(f.B+5+f.more()))
}

// rounded holds the ops whose results CUDA may round differently, with the bound on the
// difference of element i. All other ops return the same bits.
var rounded = map[string]func(f *fixture, i int) float64{
	"hidden field": func(f *fixture, i int) float64 {
		return f.fieldBound("v", "w", "b", f.visible, f.V, false, i/f.H, i%f.H)
	},
	"visible field": func(f *fixture, i int) float64 { return f.fieldBound("h", "w", "a", f.hidden, f.H, true, i/f.V, i%f.V) },
	// Three states follow the first field, and each changes at most all V units. Weights and
	// biases are below 1.
	"changed field": func(f *fixture, i int) float64 {
		return scale(f.visible) * (gamma(4*f.V+1+f.more()) + gamma(f.V+1+f.more())) * float64(4*f.V+1)
	},
	"gradient":                 (*fixture).gradientBound,
	"gradient among more rows": (*fixture).gradientBound,
	"total of a gradient":      (*fixture).gradientBound,
	// The states are drawn, and the means are below 1.
	"gradient of one phase": func(f *fixture, i int) float64 { return 4 * scale(f.visible) * gamma(f.B+3+f.more()) },
	// The pseudo-likelihood is a sum in float64 of H differences of cumulants, each below
	// 2(5+2)+1 in size, times V. The squared error is a sum of V squares below 1. A logarithm and
	// an exponential have at most 4 roundings.
	"pseudo-likelihood": func(f *fixture, i int) float64 {
		size := 15*float64(f.H) + 4
		return float64(f.V) * 2 * float64(f.H+12) * 0x1p-53 * size
	},
	// One phase of drawn states.
	"gradient of the coldest":         func(f *fixture, i int) float64 { return 4 * scale(f.visible) * gamma(f.B+3+f.more()) },
	"gradient of a selection":         func(f *fixture, i int) float64 { return 4 * scale(f.visible) * gamma(f.B+3+f.more()) },
	"gradient of a part":              func(f *fixture, i int) float64 { return 4 * scale(f.visible) * gamma(f.B+3+f.more()) },
	"gradient of states put together": func(f *fixture, i int) float64 { return 4 * scale(f.visible) * gamma(2*f.B+3+f.more()) },
	"gradient of selected cells":      func(f *fixture, i int) float64 { return 4 * scale(f.visible) * gamma(f.B+3+f.more()) },
	// An exponential of at most 1, which is computed in float64 and rounded to float32.
	"chance": func(f *fixture, i int) float64 { return 0x1p-24 },
	// One probability below 1 per chain, each the rounding of an exponential in float64.
	"tally":         func(f *fixture, i int) float64 { return float64(f.B+1) * gamma(f.B+2) },
	"squared error": func(f *fixture, i int) float64 { return 2 * float64(f.V+1) * 0x1p-53 * float64(f.V) },
	// The same sum, and a sum of V halves of squares. A state σ²z + σ·normal is below e(2+5.5), since z is below 2,
	// the normal numbers are below 5.5 and σ² is at most e. (2+5.5)² is below 60.
	"mixed real sample": func(f *fixture, i int) float64 {
		return 4 * float64(f.V+2) * 0x1p-53 * 60 * float64(f.V) * math.E * math.E
	},
	// The same sum as of the squared error, of squares below 4.
	"layer with means and states": func(f *fixture, i int) float64 { return 4 * 2 * float64(f.V+1) * 0x1p-53 * float64(f.V) },
	// The gradient as above times a rate below 1, and two roundings of a sum below 4.
	"gradient and the move along it": func(f *fixture, i int) float64 {
		return 2*scale(f.visible)*(gamma(f.B+3+f.more())+gamma(f.B+5+f.more())) + 4*scale(f.visible)*2*gamma(2)
	},
}
