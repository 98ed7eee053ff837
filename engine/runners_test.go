package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// fixture is a graph under construction, with the values of its variables.
type fixture struct {
	t       testing.TB
	graph   *gorgonia.ExprGraph
	random  *rand.Rand
	names   []string // of the variables, in the order in which they were made
	nodes   map[string]*gorgonia.Node
	values  map[string]any
	B, V, H int // rows, visible and hidden units of the tensors that a test makes

	visible, hidden Units // of the layers; nil unless a test sets them
}

// newFixture makes a fixture without nodes. Its random numbers depend on rows and visible alone.
func newFixture(t testing.TB, rows, visible, hidden int) *fixture {
	return &fixture{
		t: t, graph: gorgonia.NewGraph(), random: rand.New(rand.NewPCG(uint64(rows), uint64(visible))),
		nodes: map[string]*gorgonia.Node{}, values: map[string]any{}, B: rows, V: visible, H: hidden,
	}
}

// variable makes an input of the graph that holds a slice. If its name begins with "data", a State gets it by Load,
// which means that no plan may write it; else by Add and Set.
func (f *fixture) variable(name string, value any, shape ...int) *gorgonia.Node {
	b, err := newHostBuffer(value, shape)
	if err != nil {
		f.t.Fatal(err)
	}
	n := gorgonia.NewTensor(f.graph, b.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	f.names = append(f.names, name)
	f.nodes[name], f.values[name] = n, value
	return n
}

// reals makes a variable of numbers in [-scale, scale].
func (f *fixture) reals(name string, scale float64, shape ...int) *gorgonia.Node {
	x := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = float32(scale * (2*f.random.Float64() - 1))
	}
	return f.variable(name, x, shape...)
}

// eighths makes a variable of multiples of 1/8 in [-1, 1], whose sums are exact in any order.
func (f *fixture) eighths(name string, shape ...int) *gorgonia.Node {
	x := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = float32(f.random.IntN(17)-8) / 8
	}
	return f.variable(name, x, shape...)
}

// means makes a variable of numbers in [0,1).
func (f *fixture) means(name string, shape ...int) *gorgonia.Node {
	x := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = f.random.Float32()
	}
	return f.variable(name, x, shape...)
}

// states makes a variable of zeros and ones.
func (f *fixture) states(name string, shape ...int) *gorgonia.Node {
	x := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = float32(f.random.IntN(2))
	}
	return f.variable(name, x, shape...)
}

// visibleStates and hiddenStates make variables of random states of a layer.
func (f *fixture) visibleStates(name string, rows int) *gorgonia.Node {
	return f.worths(name, f.visible, rows, f.V)
}

func (f *fixture) hiddenStates(name string, rows int) *gorgonia.Node {
	return f.worths(name, f.hidden, rows, f.H)
}

// worths makes a variable (rows, columns) of random states of units. A state of a unit is the numbers that it is
// worth in its columns (see kernels.Kind), such as -1 or 1.
func (f *fixture) worths(name string, u Units, rows, columns int) *gorgonia.Node {
	x := make([]float32, rows*columns)
	for i := 0; i < len(x); {
		k := u.Of(i % columns)
		k.State(x[i:i+k.Width()], f.random.IntN(k.States()))
		i += k.Width()
	}
	return f.variable(name, x, rows, columns)
}

// mixedUnits returns groups of random kinds with borders at random columns, at most 40 apart (chosen: a layer of the
// largest dimensions has several groups). Units of several columns have a random number of them: from two to one more
// than the group would have columns. A group keeps whole units, and is drawn again if it has none.
func mixedUnits(r *rand.Rand, columns int) Units {
	var u Units
	kinds := Kinds()
	for from := 0; from < columns; {
		to := min(columns, from+1+r.IntN(40))
		k := kinds[r.IntN(len(kinds))]
		if k.Several() {
			family, _, _ := strings.Cut(k.String(), "/")
			var err error
			if k, err = KindNamed(fmt.Sprintf("%s/%d", family, 2+r.IntN(to-from))); err != nil {
				panic(err)
			}
			to -= (to - from) % k.Width()
		}
		if to > from {
			u = append(u, Group{Kind: k, From: from, To: to})
			from = to
		}
	}
	return u
}

// levels makes the levels of B chains on a ladder (see op_ladder.go): for each chain a permutation of count levels.
func (f *fixture) levels(count int) *gorgonia.Node {
	x := make([]float32, count*f.B)
	for chain := range f.B {
		for replica, level := range f.random.Perm(count) {
			x[replica*f.B+chain] = float32(level)
		}
	}
	return f.variable("levels", x, len(x))
}

// ratios makes a variable of log-ratios of count replicas for each of B chains.
func (f *fixture) ratios(count int) *gorgonia.Node { return f.normals("ratios", count*f.B) }

// energies makes a variable of B free energies.
func (f *fixture) energies(name string) *gorgonia.Node { return f.normals(name, f.B) }

// normals makes a float64 variable of draws from N(0,1).
func (f *fixture) normals(name string, size int) *gorgonia.Node {
	x := make([]float64, size)
	for n := range x {
		x[n] = f.random.NormFloat64()
	}
	return f.variable(name, x, size)
}

// clock makes the variable of a clock (see op_clock.go).
func (f *fixture) clock(update, position, epoch int32) *gorgonia.Node {
	return f.variable("clock", []int32{update, position, epoch}, ClockSize)
}

// state copies the values to a device.
func (f *fixture) state(d Device) *State {
	s := NewState(d)
	for _, name := range f.names {
		n := f.nodes[name]
		var err error
		if strings.HasPrefix(name, "data") {
			err = s.Load(name, f.values[name], n.Shape()...)
		} else if err = s.Add(name, n.Dtype(), n.Shape()...); err == nil {
			err = s.Set(name, f.values[name])
		}
		if err != nil {
			f.t.Fatal(err)
		}
	}
	return s
}

func openHostFor(t testing.TB, threads int) Device {
	d, err := Open("cpu", threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// devices opens each device that this build has: the host with one, two and three threads, and CUDA with products in
// float32, which have the bounds of rounded_test.go.
func devices(t testing.TB) map[string]Device {
	all := map[string]Device{}
	for threads := 1; threads <= 3; threads++ {
		all[fmt.Sprintf("cpu, %d threads", threads)] = openHostFor(t, threads)
	}
	if HasCUDA {
		d, err := OpenWith(Options{Device: "cuda", Precision: "f32"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		all["cuda"] = d
	}
	return all
}

func emptyLike(n *gorgonia.Node) any {
	size := n.Shape().TotalSize()
	switch n.Dtype() {
	case tensor.Float32:
		return make([]float32, size)
	case tensor.Float64:
		return make([]float64, size)
	case tensor.Int32:
		return make([]int32, size)
	}
	return make([]uint8, size)
}

// runner is the common interface of Plan and Tape.
type runner interface {
	Run() error
	Read(n *gorgonia.Node, dst any) error
}

func read(t testing.TB, r runner, n *gorgonia.Node) any {
	t.Helper()
	dst := emptyLike(n)
	if err := r.Read(n, dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

func get(t testing.TB, s *State, n *gorgonia.Node) any {
	t.Helper()
	dst := emptyLike(n)
	if err := s.Get(n.Name(), dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// agree is agreeOn with a host of the given number of threads.
func (f *fixture) agree(threads, runs int, tolerance func(i int) float64, keep ...*gorgonia.Node) {
	f.t.Helper()
	f.agreeOn(openHostFor(f.t, threads), runs, tolerance, keep...)
}

// runsToReplay is the least number of runs in which a device that records launches does all it can: it makes
// them one by one, then records them, and then replays them.
const runsToReplay = 3

// agreeOn runs the graph runs times on the tape and as a plan on a device. After each run it
// compares the nodes to keep and all variables. Element i of a kept node may differ by tolerance(i). Variables
// must have the same bits, and kept nodes too if tolerance is nil. agreeOn returns the plan.
func (f *fixture) agreeOn(device Device, runs int, tolerance func(i int) float64, keep ...*gorgonia.Node) *Plan {
	f.t.Helper()
	onTape, onPlan := f.state(openHostFor(f.t, 1)), f.state(device)
	tape, err := NewTape(f.graph, onTape)
	if err != nil {
		f.t.Fatal(err)
	}
	plan, err := Compile(f.graph, onPlan, keep...)
	if err != nil {
		f.t.Fatal(err)
	}
	for run := range runs {
		if err := tape.Run(); err != nil {
			f.t.Fatal(err)
		}
		if err := plan.Run(); err != nil {
			f.t.Fatal(err)
		}
		for _, n := range keep {
			compare(f.t, fmt.Sprintf("run %d, node %v", run, n.Op()), read(f.t, plan, n), read(f.t, tape, n), tolerance)
		}
		for _, name := range f.names {
			n := f.nodes[name]
			compare(f.t, fmt.Sprintf("run %d, variable %s", run, name), get(f.t, onPlan, n), get(f.t, onTape, n), nil)
		}
	}
	return plan
}

// compare fails the test at the first element of two slices that differs.
func compare(t testing.TB, what string, got, want any, tolerance func(i int) float64) {
	t.Helper()
	g, w := float64sOf(got), float64sOf(want)
	if len(g) != len(w) {
		t.Fatalf("%s: got %d values, want %d", what, len(g), len(w))
	}
	for i := range g {
		switch {
		case tolerance == nil && math.Float64bits(g[i]) != math.Float64bits(w[i]):
			t.Fatalf("%s: element %d: got %v, want %v to the bit", what, i, g[i], w[i])
		case tolerance != nil && !(math.Abs(g[i]-w[i]) <= tolerance(i)): // also for NaN
			t.Fatalf("%s: element %d: got %v, want %v ± %.3g", what, i, g[i], w[i], tolerance(i))
		}
	}
}

// float64sOf widens a slice. Different values stay different.
func float64sOf(x any) []float64 {
	var wide []float64
	switch x := x.(type) {
	case []float64:
		return x
	case []float32:
		for _, v := range x {
			wide = append(wide, float64(v))
		}
	case []int32:
		for _, v := range x {
			wide = append(wide, float64(v))
		}
	case []uint8:
		for _, v := range x {
			wide = append(wide, float64(v))
		}
	}
	return wide
}
