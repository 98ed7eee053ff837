package engine

import (
	"testing"

	"gorgonia.org/gorgonia"
)

// TestUpdatesAreFused: a gradient and the ascend that alone reads it are one launch, unless the
// result would overwrite an operand of the gradient. Results are equal to the bits of the ops one
// by one in either case.
func TestUpdatesAreFused(t *testing.T) {
	for _, tc := range []struct {
		name   string
		B      int
		assign bool // the ascend is of the weights, in place; else its result is kept
		reads  int  // number of readers of the gradient
		want   bool
	}{
		{"in place", 5, true, 1, true},
		{"elsewhere", 5, false, 1, true},
		// With B = V the hidden means (B,H) have the shape of the weights (V,H), and their buffer
		// is given to the result.
		{"into the buffer of the hidden means", 70, false, 1, false},
		{"a gradient with another reader", 5, true, 2, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, tc.B, 70, 33)
			w, clock := f.reals("w", 0.5, f.V, f.H), f.clock(0, 0, 0)
			rates, bias := f.means("rates", 1, 2), f.reals("bias", 0.5, f.H)
			phase := func(name string) (v, p *gorgonia.Node) {
				v = f.states(name, f.B, f.V)
				return v, NewMean(NewHiddenField(v, w, bias, nil), nil, Path{})
			}
			v, p := phase("v")
			vm, pm := phase("vm")
			gradient := NewGradient(v, p, vm, pm, Gradient{})
			next := NewAscend(w, w, gradient, rates, clock, Ascend{L2: 0.01})
			for range tc.reads - 1 {
				Assign(f.reals("twice", 1, f.V, f.H), NewAdd(gradient, gradient))
			}
			var keep []*gorgonia.Node
			if tc.assign {
				Assign(w, next)
			} else {
				keep = append(keep, next)
			}
			for threads := 1; threads <= 2; threads++ {
				f.agree(threads, 3, nil, keep...)
			}
			plan, err := Compile(f.graph, f.state(openHostFor(t, 1)), keep...)
			if err != nil {
				t.Fatal(err)
			}
			var got bool
			for _, l := range plan.launches {
				_, is := l.op.(update)
				got = got || is
			}
			if got != tc.want {
				t.Errorf("fused: got %v, want %v", got, tc.want)
			}
		})
	}
}

// TestActivationsAreFused: a field, the means of its units and their drawn states are one launch,
// whatever else reads them afterwards. Each further reader, a NewMeans, is one more launch.
func TestActivationsAreFused(t *testing.T) {
	for _, tc := range []struct {
		name     string
		readers  func(z, p *gorgonia.Node) []*gorgonia.Node // nodes that are kept
		launches int
	}{
		{"no other reader", func(z, p *gorgonia.Node) []*gorgonia.Node { return nil }, 1},
		{"another reader of the means", func(z, p *gorgonia.Node) []*gorgonia.Node { return []*gorgonia.Node{NewMeans(p)} }, 2},
		{"another reader of the fields", func(z, p *gorgonia.Node) []*gorgonia.Node { return []*gorgonia.Node{NewMeans(z)} }, 2},
		{"other readers of both", func(z, p *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{NewMeans(z), NewMeans(p)}
		}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, 300, 20, 33)
			w, bias, clock := f.reals("w", 0.5, f.V, f.H), f.reals("bias", 0.5, f.H), f.clock(0, 0, 0)
			z := NewHiddenField(f.states("v", f.B, f.V), w, bias, nil)
			p := NewMean(z, nil, Path{})
			keep := append([]*gorgonia.Node{NewSample(z, clock, nil, Path{}, Draw{Stream: 3})}, tc.readers(z, p)...)
			for threads := 1; threads <= 2; threads++ {
				f.agree(threads, 2, nil, keep...)
			}
			plan, err := Compile(f.graph, f.state(openHostFor(t, 1)), keep...)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(plan.launches); got != tc.launches {
				t.Errorf("got %d launches, want %d", got, tc.launches)
			}
		})
	}
}

// TestActivationsDoNotWriteOverTheirInput: if both layers have the same size, a result of a layer
// may take the buffer of the layer's input. As it must not do so before the field is complete, field
// and means are then two launches.
func TestActivationsDoNotWriteOverTheirInput(t *testing.T) {
	f := newFixture(t, 130, 130, 130)
	w, bias := f.reals("w", 0.5, f.V, f.H), f.reals("bias", 0.5, f.H)
	layer := func(x *gorgonia.Node) (z, p *gorgonia.Node) {
		z = NewHiddenField(x, w, bias, nil)
		return z, NewMean(z, nil, Path{})
	}
	_, first := layer(f.means("x", f.B, f.V))
	z, second := layer(first) // z is kept; its means take the buffer of the first means, which is free once z is complete
	keep := []*gorgonia.Node{z, NewMeans(second)}
	// Inputs that are means, not states, make fields that differ between kernels. Weights and biases
	// are at most ½ and inputs at most 1, so that a field is within γ(V+1)·(½ + V/2) of the exact
	// field of its input, for the ops one by one and for the plan. An input with an error δ moves the
	// field by V/2·δ, where δ is at most a quarter, the steepest slope of σ, of the error of the
	// preceding field, and the relative error of σ, which is below 2⁻²¹ in each of the two (kernels.Sigmoid).
	field := gamma(f.V+1) * float64(f.V+1) / 2
	bound := 2*field + float64(f.V)/2*(2*field/4+2*0x1p-21)
	for threads := 1; threads <= 2; threads++ {
		f.agree(threads, 2, func(int) float64 { return bound }, keep...)
	}
	plan, err := Compile(f.graph, f.state(openHostFor(t, 1)), keep...)
	if err != nil {
		t.Fatal(err)
	}
	var placed bool
	for _, l := range plan.launches {
		for _, other := range plan.launches {
			placed = placed || l.node == z && other.node == second && l.in[0] == other.out
		}
	}
	if !placed {
		t.Error("the means do not have the buffer of the input, so this tests nothing")
	}
}
