package engine

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestGroups: launches are made together unless one of them reads or writes what another writes,
// or writes what another reads.
func TestGroups(t *testing.T) {
	for _, tc := range []struct {
		name  string
		build func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node // nodes that are kept
		want  []int                                                            // number of launches in each group
	}{
		{"two layers of the same weights", func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node {
			layer := func(name string) *gorgonia.Node {
				return NewMean(NewHiddenField(f.states(name, f.B, f.V), w, bias, nil), nil, Path{})
			}
			return []*gorgonia.Node{layer("v"), layer("u")}
		}, []int{2}},
		{"a Gibbs step", func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node {
			h := NewSample(NewHiddenField(f.states("v", f.B, f.V), w, bias, nil), clock, nil, Path{}, Draw{Stream: 1})
			return []*gorgonia.Node{NewMean(NewVisibleField(h, w, f.reals("a", 1, f.V), nil), nil, Path{})}
		}, []int{1, 1}},
		// The hidden layer beside the means over the rows of v; then the visible layer beside the means over p.
		{"a Gibbs step beside means over rows", func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node {
			z := NewHiddenField(f.states("v", f.B, f.V), w, bias, nil)
			p, h := NewMean(z, nil, Path{}), NewSample(z, clock, nil, Path{}, Draw{Stream: 1})
			visible := NewMean(NewVisibleField(h, w, f.reals("a", 1, f.V), nil), nil, Path{})
			return []*gorgonia.Node{p, visible, NewMeans(p), NewMeans(f.nodes["v"])}
		}, []int{2, 2}},
		// An activation stores the fields of such units, though no op reads them; their buffer then goes to the part.
		{"fields of units with several columns", func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node {
			units, err := ParseUnits("categorical/3", f.H)
			if err != nil {
				t.Fatal(err)
			}
			h := NewSample(NewHiddenField(f.states("v", f.B, f.V), w, bias, nil), clock, units, Path{}, Draw{Stream: 1})
			return []*gorgonia.Node{h, NewPart(f.reals("x", 1, f.B+1, f.H), Part{From: 1, Size: f.B, Blocks: 1})}
		}, []int{1, 1}},
		{"a variable that is read and moved", func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node {
			p := NewMean(NewHiddenField(f.states("v", f.B, f.V), w, bias, nil), nil, Path{})
			Assign(bias, NewAdd(bias, bias))
			return []*gorgonia.Node{p}
		}, []int{1, 1}},
		{"two variables that change places", func(f *fixture, w, bias, clock *gorgonia.Node) []*gorgonia.Node {
			other := f.reals("other", 1, f.H)
			x, y := NewAdd(bias, bias), NewAdd(other, other)
			Assign(bias, y)
			Assign(other, x)
			return nil
		}, []int{1, 1, 1}}, // x; then y, to the buffer of bias, which x reads; then x is copied to other, which y reads
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, 30, 70, 33)
			keep := tc.build(f, f.reals("w", 0.5, f.V, f.H), f.reals("bias", 0.5, f.H), f.clock(0, 0, 0))
			for threads := 1; threads <= 3; threads++ {
				f.agree(threads, 2, nil, keep...)
			}
			plan, err := Compile(f.graph, f.state(openHostFor(t, 1)), keep...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(plan.groups, tc.want) {
				t.Errorf("groups of %v launches, want %v", plan.groups, tc.want)
			}
		})
	}
}

// TestFaultOfAGroup: if one of several launches made together fails, the error names it. After its cause is
// removed, the next run succeeds.
func TestFaultOfAGroup(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	x, y := f.reals("x", 1, 3), f.variable("y", []float32{1, math.MaxFloat32, 2}, 3)
	Assign(x, NewAdd(x, x))
	Assign(y, NewAdd(y, y))
	s := f.state(openHostFor(t, 2))
	plan, err := Compile(f.graph, s)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{2}; !slices.Equal(plan.groups, want) {
		t.Fatalf("groups of %v launches, want %v", plan.groups, want)
	}
	err = plan.Run()
	fault := (*Fault)(nil)
	if !errors.As(err, &fault) || fault.Index != 1 || !strings.Contains(err.Error(), "engine: y (3): element [1] became +Inf") {
		t.Errorf("got error %v, want a fault of element 1 of y", err)
	}
	if err := s.Set("y", []float32{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if err := plan.Run(); err != nil {
		t.Errorf("a run after the fault: %v", err)
	}
}
