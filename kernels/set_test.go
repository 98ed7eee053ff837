package kernels

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// forEach runs a test on every implementation.
func forEach(t *testing.T, test func(t *testing.T, s *Set)) {
	for _, s := range Implementations() {
		t.Run(s.Name, func(t *testing.T) { test(t, s) })
	}
}

// shapes are (rows, in, out).
var shapes = [][3]int{
	{0, 3, 4}, {2, 0, 5}, {2, 3, 0}, {1, 1, 1}, // nothing in each place, and one
	{2, 15, 16}, {3, 16, 17}, {2, 17, 15}, // the widths 16, 64 and 128 of the kernels, one less and one more
	{4, 63, 64}, {5, 64, 65}, {6, 65, 63},
	{7, 127, 128}, {8, 128, 129}, {9, 129, 127},
	{3, 33, 300}, {17, 300, 33}, {2, 513, 1025}, // several panels, the last one narrower
	{13, 784, 500}, {12, 500, 784}, // a layer of common size in both directions
	{259, 70, 20},  // more rows than four slices of 64
	{3, 4200, 70},  // more inputs than the 32 tiles of 128 rows of weights in field.h
	{1030, 20, 70}, // more rows than the sixteen slices of 64 that begin the parts of a sum
}

func shapeName(shape [3]int) string { return fmt.Sprintf("%dx%dx%d", shape[0], shape[1], shape[2]) }

// guard is the number of elements before and after a buffer that no kernel may change. It is odd,
// so that buffers are not aligned.
const guard = 33

// buffer returns a slice of n elements, none of them zero. The guard bands around it are checked
// at the end of the test.
func buffer[T float32 | float64 | int32 | uint64](t *testing.T, n int) []T {
	const mark = 77
	all := slices.Repeat([]T{mark}, n+2*guard)
	t.Cleanup(func() {
		for i, v := range all {
			if (i < guard || i >= guard+n) && v != mark {
				t.Errorf("guard band: element %d of %d is %v", i-guard, n, v)
			}
		}
	})
	return all[guard : guard+n : guard+n]
}

// input returns a buffer that no kernel may change.
func input[T float32 | float64 | int32](t *testing.T, n int, value func(i int) T) []T {
	x := buffer[T](t, n)
	for i := range x {
		x[i] = value(i)
	}
	before := slices.Clone(x)
	t.Cleanup(func() {
		if !slices.Equal(before, x) {
			t.Error("an input was changed")
		}
	})
	return x
}

// normals, means, states and eighths return inputs: standard normal numbers, numbers in [0,1), zeros
// and ones with the given density of ones, and multiples of 1/8 in [-2,2]. Sums of hundreds of eighths or of their
// products are exact in float32. The densities in the tests, 0.2 to 0.6, are chosen: not much fewer ones than zeros.
func normals(t *testing.T, r *rand.Rand, n int) []float32 {
	return input(t, n, func(int) float32 { return float32(r.NormFloat64()) })
}

func means(t *testing.T, r *rand.Rand, n int) []float32 {
	return input(t, n, func(int) float32 { return r.Float32() })
}

func states(t *testing.T, r *rand.Rand, n int, density float64) []float32 {
	return input(t, n, func(int) float32 { return state(r.Float64() < density) })
}

func eighths(t *testing.T, r *rand.Rand, n int) []float32 {
	return input(t, n, func(int) float32 { return float32(r.IntN(33)-16) / 8 })
}

// state returns the value of a state that is on or off.
func state(on bool) float32 {
	if on {
		return 1
	}
	return 0
}

// panelsOf returns a matrix in panels between guard bands. No kernel may change it.
func panelsOf(t *testing.T, x []float32, rows, columns int) Panels {
	p := Panels{Rows: rows, Columns: columns}
	values := NewPanels(rows, columns)
	Pack(values, x, 0, rows)
	p.Data = input(t, p.size(), func(i int) float32 { return values.Data[i] })
	return p
}

// statesOf returns the states of the 0/1 matrix x (rows, columns).
func statesOf(t *testing.T, x []float32, rows, columns int) States {
	s := newStates(t, rows, columns)
	s.Pack(x, rows)
	return s
}

// newStates returns states in a buffer, to be written.
func newStates(t *testing.T, rows, columns int) States {
	return States{Columns: columns, Stride: rows, Bits: buffer[uint64](t, rows*wordsOf(columns))}
}

// phaseOf returns a phase with the states of the 0/1 matrix x (rows, visible).
func phaseOf(t *testing.T, x []float32, p Panels, rows, visible int) Phase {
	return Phase{
		Rows: rows, States: statesOf(t, x, rows, visible), Room: buffer[int32](t, RoomForPhase(visible, rows)), Hidden: p,
	}
}

// roomFor returns room for the lists of `rows` rows of `in` states.
func roomFor(t *testing.T, rows, in int) []int32 { return buffer[int32](t, RoomFor(rows, in)) }

// wantBits compares to the bit. Any NaN equals any other.
func wantBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
			t.Errorf("%s: element %d of %d: got %v (%08x), want %v (%08x)", what, i, len(want),
				got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
			return
		}
	}
}

func wantBits64(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
			t.Errorf("%s: element %d of %d: got %v, want %v", what, i, len(want), got[i], want[i])
			return
		}
	}
}

// wantStates checks that the states have the values x.
func wantStates(t *testing.T, what string, got States, x []float32, rows, columns int) {
	t.Helper()
	values := make([]float32, rows*columns)
	got.Unpack(values, rows)
	wantBits(t, what, values, x)
	for n := range rows {
		if last := (columns - 1) / 64 * 64; columns%64 != 0 && *got.word(n, last)>>(columns-last) != 0 {
			t.Errorf("%s: row %d has the word %x from column %d on, want no bits behind column %d",
				what, n, *got.word(n, last), last, columns)
			return
		}
	}
}

// wantCount checks the number of ones that a kernel returned.
func wantCount(t *testing.T, what string, got int, x []float32) {
	t.Helper()
	var want float32
	for _, v := range x {
		want += v
	}
	if got != int(want) {
		t.Errorf("%s: got %d ones, want %v", what, got, want)
	}
}

// gamma is γ(k) = ku/(1-ku), which bounds the relative error of k roundings with the unit roundoff u.
func gamma(k int, u float64) float64 { return float64(k) * u / (1 - float64(k)*u) }

// wantWithin compares with a float64 sum of `terms` terms, each with one more rounding. size is the
// sum of their absolute values.
func wantWithin(t *testing.T, what string, got []float32, want, size []float64, terms int) {
	t.Helper()
	for i := range want {
		bound := (gamma(terms, 0x1p-24) + gamma(terms, 0x1p-53)) * size[i]
		if !(math.Abs(float64(got[i])-want[i]) <= bound) {
			t.Errorf("%s: element %d of %d: got %v, want %v within %g", what, i, len(want), got[i], want[i], bound)
			return
		}
	}
}

// inParts computes a layer in parts of `elements` elements, the last part first. It returns the
// number of ones.
func inParts(s *Set, a Activation, elements int) int {
	ones, size := 0, a.Rows*a.Columns
	for lo := (size - 1) / elements * elements; lo >= 0; lo -= elements {
		ones += s.Activate(a, lo, min(lo+elements, size))
	}
	return ones
}

// newRand returns the same random numbers for every test. The seed is chosen.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// calls returns a call or more of every kernel of a set on `rows` rows of a layer of visible and hidden units, by the
// kernel's name and what is special. The slices have `short` elements fewer than they must have.
func calls(s *Set, rows, visible, hidden, short int) map[string]func() {
	vector := func(n int) []float32 { return make([]float32, n-short) }
	sums := make([]float64, rows-short)
	w, g, b := vector(visible*hidden), vector(visible*hidden), vector(hidden)
	v, h := vector(rows*visible), vector(rows*hidden)
	v1, h1 := vector(visible), vector(hidden)
	data := make([]byte, hidden-short)
	visibleStates, hiddenStates := NewStates(rows, visible), NewStates(rows, hidden)
	visibleStates.Bits, hiddenStates.Bits = visibleStates.Bits[short:], hiddenStates.Bits[short:]
	room := make([]int32, RoomFor(rows, visible))
	panels := func(rows, columns int) Panels {
		p := NewPanels(rows, columns)
		p.Data = p.Data[:len(p.Data)-short]
		return p
	}
	weights, turned, p := panels(visible, hidden), panels(hidden, visible), panels(rows, hidden)
	drawn := Phase{Rows: rows, States: visibleStates, Room: make([]int32, RoomForPhase(visible, rows)-short), Hidden: p}
	dense := Phase{Rows: rows, Visible: v, Hidden: p}
	center, first := Center{v1, h1, v1, h1}, []int32{0}
	z := ByRows(h, hidden)
	lateral, sweepRoom := vector(hidden*hidden), make([]float32, RoomForSweep(hidden)-short)
	reals, shapes, result := NewUnits(Gaussian, hidden), Shapes{LogVariance: h1}, vector(rows*hidden)
	activate := func(a Activation) {
		a.Rows, a.Columns = rows, hidden
		s.Activate(a, 0, rows*hidden)
	}
	return map[string]func(){
		"Activate values": func() { activate(Activation{Input: Input{Weights: weights, Bias: b, Values: v}, Field: z}) },
		"Activate states": func() {
			activate(Activation{Input: Input{Weights: weights, Bias: b, States: visibleStates, Room: room}, Field: z})
		},
		"Activate changes": func() {
			activate(Activation{Input: Input{
				Weights: weights, Bias: b, States: visibleStates, Was: visibleStates, Before: z, Room: room,
			}, Field: z})
		},
		"Activate means": func() { activate(Activation{Field: z, Path: Model, Mean: z}) },
		"Activate base":  func() { activate(Activation{Field: z, Path: Path{Beta: 0.5, Base: b}, Mean: z}) },
		"Activate draws": func() { activate(Activation{Mean: z, States: hiddenStates}) },
		"Activate all": func() {
			activate(Activation{
				Input: Input{Weights: weights, Bias: b, States: visibleStates, Room: room}, Path: Model, States: hiddenStates,
			})
		},
		"Binarize":        func() { s.Binarize(hiddenStates, data, first, Draw{}, 0, 1, hidden) },
		"CumulantSum":     func() { s.CumulantSum(sums, z, nil, 1, rows, hidden) },
		"Gradient":        func() { s.Gradient(g, drawn, dense, 0, visible, visible, hidden) },
		"Ascend":          func() { s.Ascend(Ascent{w, w, 1, w, g, 1, 0, 0, Center{}}, 0, visible, hidden) },
		"Ascend centered": func() { s.Ascend(Ascent{w, w, 1, w, g, 1, 0, 0, center}, 0, visible, hidden) },
		"Add":             func() { s.Add(g, g, w, 0, visible*hidden) },
		"SquaredL1":       func() { s.SquaredL1(g, g, w, nil, 1, 0, hidden, visible, hidden) },
		"Shrink edges":    func() { s.Shrink(w, w, Blocks{}, 0, 0, visible, visible, hidden) },
		"Shrink units":    func() { s.Shrink(w, w, Blocks{Over: HiddenUnits}, 0, 0, hidden, visible, hidden) },
		"Pack":            func() { s.Pack(weights, w, 0, visible) },
		"PackTransposed":  func() { s.PackTransposed(turned, w, 0, visible) },
		"Update":          func() { s.Update(Ascent{w, w, 1, w, nil, 1, 0, 0, center}, drawn, dense, 0, visible, visible, hidden) },
		"UpdatePanels": func() {
			s.UpdatePanels(weights, turned, Ascent{Scale: 1, Rate: 1, Center: center}, drawn, dense, 0, visible*hidden)
		},
		"SweepRows": func() {
			s.SweepRows(Sweep{
				Rows: rows, Columns: hidden, States: hiddenStates, Field: h, Lateral: lateral, Path: Model, Room: sweepRoom,
			}, 0, rows)
		},
		"ActivateReals": func() {
			s.ActivateReals(Reals{
				Rows: rows, Columns: hidden, Units: reals, Shapes: shapes, Field: z, Path: Model, Mean: ByRows(result, hidden),
			})
		},
		"RealSlopes":        func() { s.RealSlopes(result, h, reals, shapes, ByLogVariance, rows, hidden) },
		"RealCumulantSum":   func() { s.RealCumulantSum(sums, z, reals, shapes, 1, rows, hidden) },
		"Unpack":            func() { Unpack(w, weights) },
		"ColumnMeans":       func() { s.ColumnMeans(h1, nil, z, nil, 0, hidden, rows) },
		"ColumnMeansStates": func() { s.ColumnMeansStates(h1, nil, hiddenStates, nil, 0, hidden, rows) },
		"RowDot":            func() { s.RowDot(sums, ByRows(v, visible), v1, rows, visible) },
	}
}

// TestNoAllocations: no kernel of a set allocates memory, since all room comes from the caller. Five calls are chosen:
// one allocation in each would show.
func TestNoAllocations(t *testing.T) {
	names := slices.Collect(maps.Keys(calls(&Definition, 1, 1, 1, 0)))
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Set]()) {
		called := func(name string) bool { return name == field.Name || strings.HasPrefix(name, field.Name+" ") }
		if field.Type.Kind() == reflect.Func && !slices.ContainsFunc(names, called) {
			t.Errorf("%s: no call of this kernel, want one in calls", field.Name)
		}
	}
	forEach(t, func(t *testing.T, s *Set) {
		for name, call := range calls(s, 10, 70, 130, 0) {
			if got := testing.AllocsPerRun(5, call); got != 0 {
				t.Errorf("%s: got %v allocations, want none", name, got)
			}
		}
	})
}

// TestShortSlicesPanic: a kernel whose slices lack one element panics with a text of this package, not with an
// index out of range.
func TestShortSlicesPanic(t *testing.T) {
	forEach(t, func(t *testing.T, s *Set) {
		for name, call := range calls(s, 3, 4, 5, 1) {
			func() {
				defer func() {
					got := recover()
					if text, ok := got.(string); !ok || !strings.HasPrefix(text, "kernels: ") {
						t.Errorf("%s of short slices: got panic %v, want a text that begins with \"kernels: \"", name, got)
					}
				}()
				call()
			}()
		}
	})
}
