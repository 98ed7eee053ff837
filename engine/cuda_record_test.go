//go:build gpu

package engine

import (
	"reflect"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestHalvesOfReplays: a recorded plan uses the halves (copies of its operands in bfloat16) that an earlier
// run has made, and makes a new half of a variable that has been set since. The operands are the states x and
// the weights w of a field z = x·w.
func TestHalvesOfReplays(t *testing.T) {
	d := openCUDAFor(t, "bf16").(*cuda)
	const rows, visible, hidden = 5, 7, 3
	s := NewState(d)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	x, w := make([]float32, rows*visible), make([]float32, visible*hidden)
	for i := range w {
		w[i] = float32(i%9) / 8 // sums of multiples of 1/8 are exact in any order, and bfloat16 holds them
	}
	must(s.Define("x", x, rows, visible))
	must(s.Define("w", w, visible, hidden))
	must(s.Define("b", make([]float32, hidden), hidden))
	g := gorgonia.NewGraph()
	input := func(name string, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	z := NewReducedField(input("x", rows, visible), input("w", visible, hidden), input("b", hidden), nil, false)
	p, err := Compile(g, s, z)
	must(err)
	for run, step := range []struct {
		every   int  // x is 1 at the multiples of this number, and else 0
		weights bool // change w too
	}{
		{every: 2}, // makes the launches one by one
		{every: 2}, // records them
		{every: 2}, // replays them, after x was set to the same values
		{every: 3}, // x has other values
		{every: 3, weights: true},
		{every: 4}, // uses the half of w that the replay before has made
	} {
		for i := range x {
			x[i] = 0
			if i%step.every == 0 {
				x[i] = 1
			}
		}
		must(s.Set("x", x))
		if step.weights {
			for i := range w {
				w[i]++
			}
			must(s.Set("w", w))
		}
		must(p.Run())
		got, want := make([]float32, rows*hidden), make([]float32, rows*hidden)
		must(p.Read(z, got))
		for n := range rows {
			for j := range hidden {
				for i := range visible {
					want[n*hidden+j] += x[n*visible+i] * w[i*hidden+j]
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("run %d: got %v, want %v", run, got, want)
		}
	}
	if p.parts == nil {
		t.Fatal("the plan was not recorded")
	}
	before := d.Counts().Calls
	must(p.Run())
	if calls := d.Counts().Calls - before; calls != 1 { // the replay; a half would be a call more
		t.Errorf("a run before which nothing was set: got %d calls, want 1", calls)
	}
}

// TestReplayAfterATotal: a plan whose first launch is a total, which is not recorded, runs on after the recording of
// its other launch has got out of date.
func TestReplayAfterATotal(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	x, y := f.variable("x", []float32{2, 3}, 1, 2), f.variable("y", []float32{5, 7}, 1, 2)
	sum := NewAdd(NewTotal(x), y)
	s := f.state(openCUDAFor(t, "f32"))
	plan, err := Compile(f.graph, s, sum)
	if err != nil {
		t.Fatal(err)
	}
	for range runsToReplay {
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
	}
	if len(plan.parts) != 2 || plan.parts[0].replay != nil {
		t.Fatalf("the plan has %d parts, want a total and a recording", len(plan.parts))
	}
	if err := s.Set("y", []float32{0, 1}); err != nil { // y becomes known to hold states
		t.Fatal(err)
	}
	if err := plan.Run(); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, plan, sum).([]float32), []float32{2, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSetBeforeRecording: the weights hold states only from their setting after the first run until the second run moves
// them. A recording that relied on these states would read one term of two of the moved weights in later runs.
func TestSetBeforeRecording(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	w := f.variable("w", []float32{3}, 1, 1)
	z := NewReducedField(f.variable("x", []float32{1}, 1, 1), w, f.variable("b", []float32{0}, 1), nil, false)
	Assign(w, NewAdd(w, f.variable("d", []float32{0x1p-9}, 1, 1)))
	s := f.state(openCUDAFor(t, "bf16x2"))
	plan, err := Compile(f.graph, s, z)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Run(); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("w", []float32{1}); err != nil {
		t.Fatal(err)
	}
	for run := range runsToReplay + 1 {
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
		// 1 + run·2⁻⁹ has more than the eight digits of a term in bfloat16, and is exact in two.
		if got, want := read(t, plan, z).([]float32)[0], 1+float32(run)*0x1p-9; got != want {
			t.Errorf("run %d: got %v, want %v", run, got, want)
		}
	}
}

// TestOtherPlanChangesVariable: a plan that reads x is recorded while x is known to hold states, whose halves need no
// second term. After another plan has given x means, in place, that recording is out of date.
func TestOtherPlanChangesVariable(t *testing.T) {
	device := openCUDAFor(t, "bf16x2")
	fields := func(d Device) any { // of the run after the other plan's
		f := newFixture(t, 5, 7, 3)
		z := NewReducedField(f.states("x", f.B, f.V), f.reals("w", 1, f.V, f.H), f.reals("b", 1, f.H), nil, false)
		s := f.state(d)
		g := newFixture(t, 5, 7, 3)
		Assign(g.states("x", g.B, g.V), NewMean(g.reals("y", 1, g.B, g.V), nil, Path{}))
		err := s.Define("y", g.values["y"], g.B, g.V)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := Compile(f.graph, s, z)
		if err != nil {
			t.Fatal(err)
		}
		writer, err := Compile(g.graph, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*Plan{reader, reader, writer, reader} {
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
		}
		return read(t, reader, z)
	}
	if got, want := fields(device), fields(oneByOne{device}); !reflect.DeepEqual(got, want) {
		t.Errorf("got fields %v, want %v as of launches one by one", got, want)
	}
}
