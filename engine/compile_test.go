package engine

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// vectors makes variables a, b, c of one element each, with the values 1, 10, 100.
func vectors(f *fixture) (a, b, c *gorgonia.Node) {
	one := func(name string, x float32) *gorgonia.Node { return f.variable(name, []float32{x}, 1) }
	return one("a", 1), one("b", 10), one("c", 100)
}

// TestAssignmentsHappenTogether: whatever the order of assignments, every other node reads the
// values from before the run.
func TestAssignmentsHappenTogether(t *testing.T) {
	for _, tc := range []struct {
		name  string
		build func(a, b, c *gorgonia.Node)
		want  [2][3]float32 // a, b, c after one run and after two
	}{
		{"in place", func(a, b, c *gorgonia.Node) { Assign(a, NewAdd(a, b)) },
			[2][3]float32{{11, 10, 100}, {21, 10, 100}}},
		{"both operands", func(a, b, c *gorgonia.Node) { Assign(a, NewAdd(a, a)) },
			[2][3]float32{{2, 10, 100}, {4, 10, 100}}},
		{"a reader after the new value", func(a, b, c *gorgonia.Node) {
			next := NewAdd(a, b)
			Assign(a, next)
			Assign(c, NewAdd(a, next))
		}, [2][3]float32{{11, 10, 12}, {21, 10, 32}}},
		{"a reader of the new value alone", func(a, b, c *gorgonia.Node) {
			next := NewAdd(a, b)
			Assign(a, next)
			Assign(c, NewAdd(next, c))
		}, [2][3]float32{{11, 10, 111}, {21, 10, 132}}},
		{"a swap", func(a, b, c *gorgonia.Node) {
			twice := NewAdd(c, c)
			Assign(c, NewAdd(twice, twice))
			x, y := NewAdd(b, twice), NewAdd(a, twice)
			Assign(a, x)
			Assign(b, y)
		}, [2][3]float32{{210, 201, 400}, {1001, 1010, 1600}}},
		{"one value for two", func(a, b, c *gorgonia.Node) {
			next := NewAdd(a, c)
			Assign(a, next)
			Assign(b, next)
		}, [2][3]float32{{101, 101, 100}, {201, 201, 100}}},
		{"a round of three", func(a, b, c *gorgonia.Node) {
			x, y, z := NewAdd(a, b), NewAdd(b, c), NewAdd(c, a)
			Assign(b, x)
			Assign(c, y)
			Assign(a, z)
		}, [2][3]float32{{101, 11, 110}, {211, 112, 121}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, 1, 1, 1)
			a, b, c := vectors(f)
			tc.build(a, b, c)
			s := f.state(openHostFor(t, 1))
			plan, err := Compile(f.graph, s)
			if err != nil {
				t.Fatal(err)
			}
			for run, want := range tc.want {
				if err := plan.Run(); err != nil {
					t.Fatal(err)
				}
				for i, n := range []*gorgonia.Node{a, b, c} {
					if got := get(t, s, n).([]float32)[0]; got != want[i] {
						t.Errorf("run %d: %s is %v, want %v", run, n.Name(), got, want[i])
					}
				}
			}
			f.agree(2, 3, nil)
		})
	}
}

// TestOpThatCannotRunInPlace: a field that is assigned to one of its operands needs a buffer of
// its own. The variable still has the new value at the end. So has h, which earlier launches read and a later one draws.
func TestOpThatCannotRunInPlace(t *testing.T) {
	f := newFixture(t, 3, 4, 5)
	x, h := f.states("x", 3, 3), f.states("h", 3, 5)
	integers := f.variable("integers", []float32{1, 0, 1, 0, 1, 1, 1, 1, 0}, 3, 3) // with exact sums in any order
	Assign(x, NewHiddenField(x, integers, f.variable("zero", make([]float32, 3), 3), nil))
	w, a, b, clock := f.reals("w", 1, 4, 5), f.reals("a", 1, 4), f.reals("b", 1, 5), f.clock(0, 0, 0)
	v := NewSample(NewVisibleField(h, w, a, nil), clock, nil, Path{}, Draw{Stream: 1})
	Assign(h, NewSample(NewHiddenField(v, w, b, nil), clock, nil, Path{}, Draw{Stream: 2}))
	f.agree(2, 4, nil)
}

// TestBuffersAreReused: a chain of means, however long, takes two buffers in turn, since no mean overwrites its
// operand. Only nodes to keep need a buffer each, which still has their value at the end.
func TestBuffersAreReused(t *testing.T) {
	const length = 10 // of the chain
	for keeping, want := range map[bool]int{false: 2, true: length} {
		f := newFixture(t, 3, 5, 4)
		n := f.reals("z", 1, 3, 4)
		var keep []*gorgonia.Node
		for range length {
			n = NewMean(n, nil, Path{})
			if keeping {
				keep = append(keep, n)
			}
		}
		plan, err := Compile(f.graph, f.state(openHostFor(t, 1)), keep...)
		if err != nil {
			t.Fatal(err)
		}
		used := map[Buffer]bool{}
		for _, l := range plan.launches {
			used[l.out] = true
		}
		if got := len(used); got != want {
			t.Errorf("keeping=%v: %d buffers, want %d", keeping, got, want)
		}
		f.agree(2, 2, nil, keep...)
	}
}

// TestCompileRefuses: Compile returns an error for an op that is not of this package, and for a variable that is
// missing or does not fit. So does NewTape, but a tape runs any op.
func TestCompileRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		build func(f *fixture, s *State)
		want  string
	}{
		"a foreign op": {func(f *fixture, s *State) {
			gorgonia.Must(gorgonia.Neg(f.means("x", 2)))
			s.Add("x", tensor.Float32, 2)
		}, "want one of this package"},
		"a missing variable": {func(f *fixture, s *State) { NewMean(f.means("z", 2, 3), nil, Path{}) },
			`engine: there is no variable "z"`},
		"another shape": {func(f *fixture, s *State) {
			NewMean(f.means("z", 2, 3), nil, Path{})
			s.Add("z", tensor.Float32, 3, 2)
		}, "engine: variable z is float32 (3, 2), the graph needs float32 (2, 3)"},
		"another element type": {func(f *fixture, s *State) {
			NewMean(f.means("z", 2, 3), nil, Path{})
			s.Add("z", tensor.Float64, 2, 3)
		}, "engine: variable z is float64 (2, 3), the graph needs float32 (2, 3)"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1, 1, 1)
			s := NewState(openHostFor(t, 1))
			tc.build(f, s)
			if _, err := Compile(f.graph, s); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Compile: got error %v, want %q", err, tc.want)
			}
			_, err := NewTape(f.graph, s)
			if name == "a foreign op" {
				if err != nil {
					t.Errorf("NewTape: got error %v, want none", err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("NewTape: got error %v, want %q", err, tc.want)
			}
		})
	}
}

// TestFault: the error names the first bad element in row-major order, even if another thread
// found a later one first. Threads have at least 16 of the 48 rows each (see square).
func TestFault(t *testing.T) {
	var first firstBad
	first.reset()
	for _, index := range []int{-1, 11, 7, -1, 9} {
		first.note(index)
	}
	if got := first.index.Load(); got != 7 {
		t.Errorf("first of the elements 11, 7 and 9: got %d, want 7", got)
	}
	inf := float32(math.Inf(1))
	nan := float32(math.NaN())
	for _, tc := range []struct {
		name  string
		build func(f *fixture, bad map[int]float32)
		bad   map[int]float32 // by index in the gradient (48,3); nil for a graph without one
		index int             // of the fault
		value float32         // of the fault
		text  string
	}{
		{"NaN before infinity", moveWeights(false), map[int]float32{7: nan, 50: inf, 100: inf}, 7, nan,
			"engine: w (48, 3): element [2,1] became NaN"},
		{"infinity before NaN", moveWeights(false), map[int]float32{52: -inf, 53: nan, 143: nan}, 52, -inf,
			"engine: w (48, 3): element [17,1] became -Inf"},
		{"the first element", moveWeights(false), map[int]float32{0: inf}, 0, inf,
			"engine: w (48, 3): element [0,0] became +Inf"},
		{"velocity", moveWeights(true), map[int]float32{143: inf}, 143, inf,
			"engine: w_velocity (48, 3): element [47,2] became +Inf"},
		{"overflow of a sum", func(f *fixture, bad map[int]float32) {
			x := f.variable("x", []float32{1, math.MaxFloat32, math.MaxFloat32}, 3)
			Assign(x, NewAdd(x, x))
		}, nil, 1, inf, "engine: x (3): element [1] became +Inf"},
	} {
		for threads := 1; threads <= 3; threads++ {
			t.Run(fmt.Sprintf("%s, %d threads", tc.name, threads), func(t *testing.T) {
				f := newFixture(t, 1, 48, 3)
				tc.build(f, tc.bad)
				plan, err := Compile(f.graph, f.state(openHostFor(t, threads)))
				if err != nil {
					t.Fatal(err)
				}
				err = plan.Run()
				fault := (*Fault)(nil)
				if !errors.As(err, &fault) {
					t.Fatalf("got error %v, want a fault", err)
				}
				bothNaN := math.IsNaN(float64(fault.Value)) && math.IsNaN(float64(tc.value))
				if fault.Index != tc.index || fault.Value != tc.value && !bothNaN {
					t.Errorf("got %+v, want index %d and value %v", fault, tc.index, tc.value)
				}
				if err.Error() != tc.text {
					t.Errorf("got %q, want %q", err, tc.text)
				}
			})
		}
	}
}

// moveWeights builds a move of w (48,3), with or without a velocity. The gradient holds ones,
// except for the bad elements.
func moveWeights(velocity bool) func(f *fixture, bad map[int]float32) {
	return func(f *fixture, bad map[int]float32) {
		gradient := make([]float32, f.V*f.H)
		for i := range gradient {
			gradient[i] = 1
			if x, ok := bad[i]; ok {
				gradient[i] = x
			}
		}
		w, g := f.reals("w", 1, f.V, f.H), f.variable("g", gradient, f.V, f.H)
		rates, clock := f.variable("rates", []float32{0.5, 0.5}, 1, 2), f.clock(0, 0, 0)
		if !velocity {
			Assign(w, NewAscend(w, w, g, rates, clock, Ascend{}))
			return
		}
		v := f.reals("w_velocity", 1, f.V, f.H)
		next := NewAscend(v, w, g, rates, clock, Ascend{Velocity: true})
		Assign(v, next)
		Assign(w, NewAdd(w, next))
	}
}
