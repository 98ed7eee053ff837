package engine

import "testing"

// TestShrinkInPlace: a parameter is moved and shrunk in its own buffer, and both launches have its name, for errors.
// If the moved parameter is shared, which means that another node reads it too, Shrink must not overwrite it.
func TestShrinkInPlace(t *testing.T) {
	for _, shared := range []bool{false, true} {
		f := newFixture(t, 3, 5, 4)
		w, rates, clock := f.reals("w", 1, f.V, f.H), f.means("rates", 3, 2), f.clock(7, 2, 0)
		next := NewAscend(w, w, f.reals("g", 1, f.V, f.H), rates, clock, Ascend{})
		shrunk := Assign(w, NewShrink(next, rates, clock, Shrink{Cost: 0.3}))
		if shared {
			velocity := f.reals("velocity", 1, f.V, f.H)
			Assign(velocity, NewAdd(velocity, next))
		}
		plan, err := Compile(f.graph, f.state(openHostFor(t, 1)))
		if err != nil {
			t.Fatal(err)
		}
		move, w0 := plan.launches[0], plan.buffers[w.ID()]
		if got := move.out == w0; got == shared {
			t.Errorf("other nodes read the moved weights %v: the move is in place %v, want %v", shared, got, !shared)
		}
		const want = "w (5, 4)"
		if !shared && move.name != want {
			t.Errorf("the move is of %q, want %q", move.name, want)
		}
		for _, l := range plan.launches {
			if is[Shrink](l.op) && l.name != want {
				t.Errorf("the shrinking is of %q, want %q", l.name, want)
			}
		}
		f.agree(2, 2, nil, shrunk)
	}
}
