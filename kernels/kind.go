package kernels

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kind is a kind of unit, an exponential family in its field x:
//
//	p(s|x) = e^(s·x - Γ(x)),    Γ(x) = log Σ_s e^(s·x)
//
// where s ranges over the states of a unit. A unit is one column of a layer, or several: then x has
// a field and s a value for each column, and exactly one column has the bit 1. The low eight bits of
// a Kind are the number of a family. The others are the number of columns of a unit, or 0 for one
// column. For real states the sum is an integral, and the energy has the term s²/2σ² with the unit's
// variance σ² (see [Kind.Real] and [Kind.Sides]).
//
// A family is one line here, one line in kind.h and the files unit_NAME.go and unit_NAME.h, or choose.h for units
// of several columns. The packages above this one name no family but [Bernoulli], the default.
type Kind uint32

// The families, numbered as in kind.h.
const (
	Bernoulli Kind = iota
	Spin
	categorical // of several columns
	Gaussian    // real numbers
	ReLU        // numbers that are not negative
	DReLU       // real numbers, with another distribution on each side of 0
)

// families is the table of families, by number.
var families = [...]family{
	Bernoulli:   bernoulli,
	Spin:        spin,
	categorical: categories,
	Gaussian:    gaussian,
	ReLU:        relu,
	DReLU:       drelu,
}

// familyBits are the bits of a Kind that hold the number of its family.
const familyBits = 8

// MostColumns is the largest number of columns of a unit. It bounds arrays on the stack (choose.h).
const MostColumns = 4096

// family is the contract of a family of units, whose states are held as bits or are real numbers. A function over
// float32 takes one unit; the C of the family repeats it operation by operation. Its twin over float64
// serves the theory. For every x a function over float32 is within 2⁻²⁰·max(1,|y|) of the exact
// value y; over a unit of q columns, within (q+16)·2⁻²⁴·max(1,|y|).
type family struct {
	name      string
	low, high float32 // the worth of the bits 0 and 1: the values of s that they stand for

	mean     func(x float32) float32 // ⟨s⟩ = Γ'(x)
	chance   func(x float32) float32 // probability of the bit 1; nil if it is the mean
	cumulant func(x float32) float32 // Γ(x)

	mean64     func(x float64) float64
	cumulant64 func(x float64) float64

	several *several // of a family whose units have several columns; the functions above are nil then
	real    *real    // of a family whose states are real numbers; the functions above are nil then
}

// real is the contract of a family of units whose states are real numbers. A unit has the energy s²/2σ² -
// s·x, with the deviation σ > 0 and z = log σ², or two such energies, one on each side of 0. Rows of data
// that hold only 0 and 1 may be stored as bits, which then are worth 0 and 1. A function over float32 is within 2⁻²⁰ of
// the exact value, relative to the terms that it adds up or, if this is greater, to the value; a mean at least to σ.
type real struct {
	half  bool // no state is negative
	sides bool // a unit has two sides, and a jump and a skew

	mean     func(x float32, s shape) float32            // ⟨s⟩ = Γ'(x)
	draw     func(x float32, s shape, u float32) float32 // F⁻¹(u + 2⁻²⁵), u a uniform number; F as in ActivateReals
	cumulant func(x float32, s shape) float32            // Γ(x)
	slope    func(x float32, s shape, by Slope) float32  // of Γ(x); without sides by z, whatever the Slope: ∂Γ/∂z = ⟨s²⟩/2σ²

	mean64, cumulant64 func(x float64, s Shape) float64
	slope64            func(x float64, s Shape, by Slope) float64
}

// Shape holds the parameters of a unit with real states, beside its field.
type Shape struct {
	LogVariance float64 // z = log σ²
	Jump, Skew  float64 // Δ and ξ of a unit with two sides; 0 for others
}

func (s Shape) deviation() float64 { return math.Exp(s.LogVariance / 2) }

// shape is a Shape in float32, with σ.
type shape struct{ logVariance, deviation, jump, skew float32 }

// Slope names a derivative by a parameter of a [Shape].
type Slope int

// The slopes of units with real states.
const (
	ByEnergy      Slope = iota // given states s of units without sides: ½ (s/σ)², which is -∂E/∂z of their energy E
	ByLogVariance              // given fields, as the next two: ∂Γ/∂z
	ByJump                     // ∂Γ/∂Δ
	BySkew                     // ∂Γ/∂ξ
)

// several is the contract of a family whose units have several columns.
type several struct {
	// draw writes the means of a unit to its columns in p, unless p has no data, and returns the column
	// whose bit a uniform number u in [0,1) makes 1. p must not overlap the fields x.
	draw     func(p Grid, x unitFields, u float32) int
	cumulant func(x unitFields) float32

	means64    func(x []float64) // replaces fields by means
	cumulant64 func(x []float64) float64
}

// Kinds returns a kind of each family whose units have a finite number of states. Of a family with several columns
// it is the kind with three.
func Kinds() []Kind {
	var all []Kind
	for i, f := range families {
		switch {
		case f.several != nil:
			all = append(all, wide(Kind(i), 3))
		case f.real == nil:
			all = append(all, Kind(i))
		}
	}
	return all
}

// RealKinds returns the kinds whose states are real numbers.
func RealKinds() []Kind {
	var all []Kind
	for i, f := range families {
		if f.real != nil {
			all = append(all, Kind(i))
		}
	}
	return all
}

// wide returns the kind of a family whose units have the given number of columns.
func wide(family Kind, columns int) Kind { return family | Kind(columns)<<familyBits }

// KindNames returns the names of the kinds with a finite number of states, the default first. Q stands for
// the columns of a unit.
func KindNames() []string {
	var names []string
	for _, f := range families {
		switch {
		case f.several != nil:
			names = append(names, f.name+"/Q")
		case f.real == nil:
			names = append(names, f.name)
		}
	}
	return names
}

// RealKindNames returns the names of the kinds whose states are real numbers.
func RealKindNames() []string {
	var names []string
	for _, k := range RealKinds() {
		names = append(names, k.String())
	}
	return names
}

// KindNamed returns the kind with the given name. A name such as "categorical/3" ends with the
// columns of a unit.
func KindNamed(name string) (Kind, error) {
	stem, columns, counted := strings.Cut(name, "/")
	for i, f := range families {
		if f.name != stem {
			continue
		}
		if f.several == nil && !counted {
			return Kind(i), nil
		}
		if f.several == nil {
			return 0, fmt.Errorf("kind %q, want %q, since a unit has one column", name, stem)
		}
		q, err := strconv.Atoi(columns)
		if err != nil || q < 2 || q > MostColumns {
			return 0, fmt.Errorf("kind %q, want %s/Q, with a number Q of states from 2 to %d", name, stem, MostColumns)
		}
		return wide(Kind(i), q), nil
	}
	return 0, fmt.Errorf("kind %q, want one of %s", name, strings.Join(append(KindNames(), RealKindNames()...), ", "))
}

// of returns the family of the kind.
func (k Kind) of() *family { return &families[k&(1<<familyBits-1)] }

// known reports whether the kind has a family and a number of columns that fits it.
func (k Kind) known() bool {
	family, columns := k&(1<<familyBits-1), k>>familyBits
	if int(family) >= len(families) {
		return false
	}
	if families[family].several == nil {
		return columns == 0
	}
	return columns >= 2 && columns <= MostColumns
}

// String returns the name of the kind, as files and flags use it.
func (k Kind) String() string {
	if k.Several() {
		return fmt.Sprintf("%s/%d", k.of().name, k.Width())
	}
	return k.of().name
}

// Several reports whether a unit has several columns.
func (k Kind) Several() bool { return k.of().several != nil }

// Width returns the number of columns of a unit.
func (k Kind) Width() int { return max(1, int(k>>familyBits)) }

// States returns the number of states of a unit: two, or as many as it has columns. Real states have
// no number, and States returns 0.
func (k Kind) States() int {
	if k.Real() {
		return 0
	}
	return max(2, int(k>>familyBits))
}

// Low returns the worth of the bit 0.
func (k Kind) Low() float32 { return k.of().low }

// High returns the worth of the bit 1, which is above Low.
func (k Kind) High() float32 { return k.of().high }

// Means replaces the fields x of one unit, a number for each column, by the means ⟨s⟩ = Γ'(x). Only
// units with real states have a shape.
func (k Kind) Means(x []float64, s Shape) {
	switch f := k.of(); {
	case f.several != nil:
		f.several.means64(x)
	case f.real != nil:
		x[0] = f.real.mean64(x[0], s)
	default:
		x[0] = f.mean64(x[0])
	}
}

// Cumulant returns Γ(x) = log Σ_s e^(s·x) of one unit with the fields x, a number for each column, or the
// log of the integral. Only units with real states have a shape.
func (k Kind) Cumulant(x []float64, s Shape) float64 {
	switch f := k.of(); {
	case f.several != nil:
		return f.several.cumulant64(x)
	case f.real != nil:
		return f.real.cumulant64(x[0], s)
	default:
		return f.cumulant64(x[0])
	}
}

// Slope returns the slope of Γ(x) of a unit with real states, by a parameter of its shape, so that by is not
// [ByEnergy].
func (k Kind) Slope(x float64, s Shape, by Slope) float64 { return k.of().real.slope64(x, s, by) }

// State writes the values of state number n of a unit, from 0 to States-1, to x, one for each
// column.
func (k Kind) State(x []float32, n int) {
	if !k.Several() {
		x[0] = [2]float32{k.Low(), k.High()}[n]
		return
	}
	for a := range x {
		x[a] = k.Low()
	}
	x[n] = k.High()
}

// StateOf returns the number of the state of a unit with the values x, one for each column, or -1
// if they are no state.
func (k Kind) StateOf(x []float32) int {
	state := -1
	for a, v := range x {
		switch {
		case v == k.High() && state < 0:
			state = a
		case v != k.Low():
			return -1
		}
	}
	if !k.Several() { // the loop leaves 0 for the high worth and -1 for the low one
		return state + 1
	}
	return state
}

// span returns the difference between the worth of the two bits.
func (k Kind) span() float32 { return k.High() - k.Low() }
