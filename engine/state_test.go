package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// TestVariablesKeepTheirValues: a variable of each element type holds zeros after Add, and the given values after Set,
// Load and Define.
func TestVariablesKeepTheirValues(t *testing.T) {
	d := openHostFor(t, 1)
	for _, values := range []any{
		[]float32{1, -2, 3, 4, 5, 6}, []float64{1, -2, 3, 4, 5, 6}, []int32{1, -2, 3, 4, 5, 6}, []uint8{1, 2, 3, 4, 5, 6},
	} {
		s := NewState(d)
		of := (&hostBuffer{data: values}).Dtype()
		if err := s.Add("x", of, 2, 3); err != nil {
			t.Fatal(err)
		}
		got := emptyLike(newFixture(t, 1, 1, 1).variable("x", values, 2, 3))
		if err := s.Get("x", got); err != nil || fmt.Sprint(got) != "[0 0 0 0 0 0]" {
			t.Errorf("%T: a new variable is %v (%v), want zeros", values, got, err)
		}
		if err := s.Set("x", values); err != nil {
			t.Fatal(err)
		}
		if err := s.Get("x", got); err != nil {
			t.Fatal(err)
		}
		compare(t, "after Set", got, values, nil)
		if err := s.Load("y", values, 6); err != nil {
			t.Fatal(err)
		}
		if err := s.Get("y", got); err != nil {
			t.Fatal(err)
		}
		compare(t, "after Load", got, values, nil)
		if err := s.Define("z", values, 3, 2); err != nil {
			t.Fatal(err)
		}
		if err := s.Get("z", got); err != nil {
			t.Fatal(err)
		}
		compare(t, "after Define", got, values, nil)
	}
}

// TestStateRefuses: unknown names, and values that do not fit a variable, are errors that name the variable.
func TestStateRefuses(t *testing.T) {
	s := NewState(openHostFor(t, 1))
	if err := s.Add("x", tensor.Float32, 2, 3); err != nil {
		t.Fatal(err)
	}
	if err := s.Load("data", make([]uint8, 6), 2, 3); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"Set of an unknown name", s.Set("y", []float32{1}), `engine: there is no variable "y"`},
		{"Get of an unknown name", s.Get("y", []float32{1}), `engine: there is no variable "y"`},
		{"Share of an unknown name", NewState(s.Device()).Share(s, "x", "y"), `engine: there is no variable "y"`},
		{"Define of too few values", s.Define("z", make([]float32, 5), 2, 3), "engine: variable z: 5 values for shape (2, 3)"},
		{"Set of too few values", s.Set("x", make([]float32, 5)), "engine: variable x: 5 values for shape (2, 3)"},
		{"Get of too many values", s.Get("x", make([]float32, 7)), "engine: variable x: 7 values for shape (2, 3)"},
		{"Set of another type", s.Set("x", make([]float64, 6)), "engine: variable x: a []float64 for a tensor of float32"},
		{"Get of another type", s.Get("x", make([]int32, 6)), "engine: variable x: a []int32 for a tensor of float32"},
		{"Set of a string", s.Set("x", "abc"), "engine: variable x: a string is no tensor of the host"},
		{"Add of a type without tensors", s.Add("z", tensor.Bool, 2), "engine: variable z: the host has no tensors of bool"},
		{"Load of too few values", s.Load("z", make([]float32, 5), 2, 3), "engine: variable z: 5 values for shape (2, 3)"},
		{"Set of a loaded variable", s.Set("data", make([]uint8, 6)),
			"engine: variable data: a tensor that was loaded is never written"},
	} {
		if tc.err == nil || tc.err.Error() != tc.want {
			t.Errorf("%s: got error %v, want %q", tc.name, tc.err, tc.want)
		}
	}
}

// TestShare: a shared variable is one variable. Replacing it in one state leaves the other state
// unchanged.
func TestShare(t *testing.T) {
	d := openHostFor(t, 1)
	f := newFixture(t, 1, 1, 1)
	a, b, _ := vectors(f) // a = 1, b = 10
	s := f.state(d)
	other := NewState(d)
	if err := errors.Join(other.Share(s, "a", "b"), other.Add("c", tensor.Float32, 1)); err != nil {
		t.Fatal(err)
	}
	g := newFixture(t, 1, 1, 1)
	a2, b2, _ := vectors(g)
	Assign(a2, NewAdd(a2, b2))
	plan, err := Compile(g.graph, other)
	if err == nil {
		err = plan.Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, a).([]float32)[0]; got != 11 {
		t.Errorf("a is %v after an assignment in the other state, want 11", got)
	}
	if err := s.Add("b", tensor.Float32, 1); err != nil {
		t.Fatal(err)
	}
	if got := get(t, other, b).([]float32)[0]; got != 10 {
		t.Errorf("b of the other state is %v after the first state has replaced its own, want 10", got)
	}
}

// TestOpen: the name of a host has the number of its threads, and auto opens the best device. An unknown device, and too
// few or too many threads, are errors.
func TestOpen(t *testing.T) {
	best := "cpu ("
	if HasCUDA {
		best = "cuda ("
	}
	for _, tc := range []struct {
		name    string // of the device in Options
		threads int
		want    string // part of the device's name, or the error
	}{
		{"cpu", 1, " kernels, 1 thread)"},
		{"cpu", 3, " kernels, 3 threads)"},
		{"auto", 2, best},
		{"cpu", 0, "cpu ("},
		{"cpu", -1, "engine: -1 threads, want 1 to 1024, or 0 for one per processor"},
		{"cpu", 1025, "engine: 1025 threads, want 1 to 1024, or 0 for one per processor"},
		{"gpu", 1, `engine: device "gpu", want cpu, cuda or auto`},
	} {
		d, err := Open(tc.name, tc.threads)
		if err != nil {
			if err.Error() != tc.want {
				t.Errorf("Open(%q, %d): got error %q, want %q", tc.name, tc.threads, err, tc.want)
			}
			continue
		}
		if got := d.Name(); !strings.Contains(got, tc.want) {
			t.Errorf("Open(%q, %d): got %q, want it to have %q", tc.name, tc.threads, got, tc.want)
		}
		d.Close()
	}
}

// TestStateCopy: the copy has the values, and later changes of the original do not change it.
func TestStateCopy(t *testing.T) {
	s := NewState(openHostFor(t, 1))
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"x", "y"} {
		check(s.Add(name, tensor.Float32, 2, 3))
	}
	check(s.Add("z", tensor.Float32, 3, 2))
	want, got := []float32{1, 2, 3, 4, 5, 6}, make([]float32, 6)
	check(s.Set("x", want))
	check(s.Copy("y", "x"))
	check(s.Set("x", make([]float32, 6)))
	check(s.Get("y", got))
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, pair := range [][2]string{{"x", "none"}, {"none", "x"}, {"z", "x"}} { // no such variable, and another shape
		if err := s.Copy(pair[0], pair[1]); err == nil {
			t.Errorf("copied %s to %s, want an error", pair[1], pair[0])
		}
	}
}
