package engine

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestRunAllocatesNothing runs a random graph with the ops of an update of the weights in one plan.
// TestOpsAgree runs each op by itself.
func TestRunAllocatesNothing(t *testing.T) {
	for threads := 1; threads <= 2; threads++ {
		m := newMaker(t, [3]int{6, 21, 13}, 1)
		for range 200 { // each of the 15 cases of grow is missing with probability (14/15)^200 = 10⁻⁶
			m.grow()
		}
		grey := m.means("data", 9, m.V)
		batch := NewRows(grey, m.variable("order", []int32{8, 7, 6, 5, 4, 3, 2, 1, 0}, 9), m.clk,
			Rows{Size: 6, Batch: 6, Binarize: Dynamic, Units: m.visible.units})
		pattern := m.worths("pattern", m.visible.units, m.B, m.V)
		Assign(m.visible.states[0], NewClamp(batch, pattern))
		z := NewHiddenField(batch, m.weights[0], m.hidden.biases[0], m.visible.units)
		h := NewSample(z, m.clk, m.hidden.units, Path{}, Draw{Stream: 9})
		Assign(m.hidden.states[0], h)
		Assign(m.hidden.states[1], h) // copies h, which has the buffer of the other variable
		NewTick(m.clk)
		plan, err := Compile(m.graph, m.state(openHostFor(t, threads)))
		if err != nil {
			t.Fatal(err)
		}
		launched := map[string]bool{}
		for _, l := range plan.launches {
			launched[fmt.Sprintf("%T", l.op)] = true
		}
		// The 17 ops of grow, activations made of them, Rows, Clamp, assignments and Tick.
		if got, want := len(launched), 22; got != want {
			t.Errorf("the plan has %d types of ops, want %d: %v", got, want, launched)
		}
		if got := allocations(t, plan); got != 0 {
			t.Errorf("%d threads: %v allocations a run, want 0", threads, got)
		}
	}
}

// TestPlansShareAState: two plans over one state see each other's assignments, and a variable
// that is set between two runs.
func TestPlansShareAState(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	a, b, _ := vectors(f)
	Assign(a, NewAdd(a, b))
	g := newFixture(t, 1, 1, 1)
	a2, b2, _ := vectors(g)
	Assign(b2, NewAdd(a2, b2))
	s := f.state(openHostFor(t, 1))
	var plans []*Plan
	for _, graph := range []*gorgonia.ExprGraph{f.graph, g.graph} {
		p, err := Compile(graph, s)
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, p)
	}
	for _, p := range []*Plan{plans[0], plans[1], plans[0]} { // a=11, b=21, a=32
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Set("b", []float32{1000}); err != nil {
		t.Fatal(err)
	}
	if err := plans[0].Run(); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, a).([]float32)[0]; got != 1032 {
		t.Errorf("a is %v, want 1032", got)
	}
}
