package rbmtest

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// GraphCase is a graph, with the values of its variables other than the parameters, the clock, the rows and
// their order.
type GraphCase struct {
	Build     func(b *graph.Builder) (results []*gorgonia.Node)
	Variables map[string]any // []float32, []float64 or []int32 by name; the graph need not use all
}

// GraphRuns is the number of times that CheckGraph runs a graph. Chosen: later runs start from what earlier ones left in
// the variables and buffers.
const GraphRuns = 4

// CheckGraph compares the plan of a graph of m with Gorgonia's tape, results and variables over
// GraphRuns runs: to the bit on the host with 1 to 3 threads, within GraphBound on a GPU.
// Base are the visible biases of m's base model, or nil.
func CheckGraph(t *testing.T, name string, m *rbm.Model, base []float32, data *dataset.Rows, tc GraphCase) {
	for threads := 1; threads <= 3; threads++ {
		t.Run(fmt.Sprintf("%s, %d threads", name, threads), func(t *testing.T) {
			compareRunners(t, m, data, tc, OpenDevice(t, threads), func(tensor.Dtype) float64 { return 0 })
		})
	}
	for _, device := range GPUs(t, "f32") {
		t.Run(name+" on a GPU", func(t *testing.T) {
			value, sum := GraphBound(m, base, GraphRuns)
			compareRunners(t, m, data, tc, device, func(of tensor.Dtype) float64 {
				return map[tensor.Dtype]float64{tensor.Float32: value, tensor.Float64: sum}[of]
			})
		})
	}
}

// compareRunners compares a plan with the tape, with a tolerance for each element type.
func compareRunners(
	t *testing.T, m *rbm.Model, data *dataset.Rows, tc GraphCase, device engine.Device, tolerance func(tensor.Dtype) float64,
) {
	const seed = 5
	b := graph.NewModelBuilder(m, seed)
	results := tc.Build(b)
	onTape, onPlan := graphState(t, m, data, tc, device, b), graphState(t, m, data, tc, device, b)
	tape, err := engine.NewTape(b.Graph, onTape)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile(b.Graph, onPlan, results...)
	if err != nil {
		t.Fatal(err)
	}
	within := func(n *gorgonia.Node) func(int) float64 {
		return func(int) float64 { return tolerance(n.Dtype()) }
	}
	for run := range GraphRuns {
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
		for _, n := range results {
			got, want := readNode(t, plan, n), readNode(t, tape, n)
			CompareValues(t, fmt.Sprintf("run %d: %v", run, n.Op()), got, want, within(n))
		}
		for name, n := range b.Variables {
			if name == graph.Data || name == graph.Pattern { // never written, and of bytes or with NaN
				continue
			}
			got := Values(t, onPlan, name, n.Dtype(), n.Shape())
			want := Values(t, onTape, name, n.Dtype(), n.Shape())
			CompareValues(t, fmt.Sprintf("run %d: %s", run, name), got, want, within(n))
		}
	}
}

// graphState makes the variables of a graph.
func graphState(t *testing.T, m *rbm.Model, data *dataset.Rows, tc GraphCase, device engine.Device, b *graph.Builder) *engine.State {
	t.Helper()
	s, err := graph.NewModelState(device, m)
	check := func(e error) { // keeps the first error
		if err == nil {
			err = e
		}
	}
	check(graph.LoadData(s, data))
	check(s.Add(graph.Order, tensor.Int32, data.N))
	check(s.Set(graph.Order, graph.InOrder(data.N)))
	for name, x := range tc.Variables {
		if n, ok := b.Variables[name]; ok {
			check(s.Add(name, n.Dtype(), n.Shape()...))
			check(s.Set(name, x))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readNode reads the result of a node from a tape or a plan as float64.
func readNode(t *testing.T, r interface {
	Read(*gorgonia.Node, any) error
}, n *gorgonia.Node) []float64 {
	t.Helper()
	wide := make([]float64, n.Shape().TotalSize())
	if n.Dtype() == tensor.Float64 {
		if err := r.Read(n, wide); err != nil {
			t.Fatal(err)
		}
		return wide
	}
	x := make([]float32, len(wide))
	if err := r.Read(n, x); err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}

// Values reads a variable as float64, in which different values of each type stay different.
func Values(t testing.TB, s *engine.State, name string, of tensor.Dtype, shape []int) []float64 {
	t.Helper()
	size := tensor.Shape(shape).TotalSize()
	wide := make([]float64, size)
	var err error
	switch of {
	case tensor.Float32:
		x := make([]float32, size)
		err = s.Get(name, x)
		for i, v := range x {
			wide[i] = float64(v)
		}
	case tensor.Float64:
		err = s.Get(name, wide)
	case tensor.Int32:
		x := make([]int32, size)
		err = s.Get(name, x)
		for i, v := range x {
			wide[i] = float64(v)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return wide
}

// GraphBound bounds by how much one value, and one sum, of a graph of m outside training differ on a GPU from the
// tape. Two fields, each over all units of a layer, differ by at most 2γ(V+H+2)·S, with S the sum of the sizes of
// all parameters; two means by half as much and 2⁻²⁰. In a sum of cumulants over a layer, in nats a row, each term
// differs by the fields' difference and 2⁻¹⁹(S+1). There are two such sums or fewer, times V in a pseudo-likelihood
// or times the runs in a log-weight.
func GraphBound(m *rbm.Model, base []float32, runs int) (value, sum float64) {
	size := absoluteSum(m)
	for _, b := range base {
		size += max(float64(b), -float64(b))
	}
	units := m.Visible.Len() + m.Hidden.Len()
	field := 2 * Gamma(units+2) * size
	return field + 0x1p-20, float64(2*units*max(m.Visible.Len(), runs)) * (field + 0x1p-19*(size+1))
}

// Draws counts the draws of a graph of discrete units without couplings from each stream and step.
func Draws(t *testing.T, g *gorgonia.ExprGraph) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, n := range g.AllNodes() {
		op, ok := n.Op().(engine.Op)
		if !ok {
			continue
		}
		switch b := op.Body.(type) {
		case engine.Sample:
			count[fmt.Sprintf("stream %d, step %d", b.Draw.Stream, b.Draw.Step)]++
		case engine.Toss:
			count[fmt.Sprintf("stream %d, step %d", b.Draw.Stream, b.Draw.Step)]++
		case engine.Swap:
			count[fmt.Sprintf("stream %d, step 0", b.Stream)]++
		case engine.PseudoLikelihood:
			count[fmt.Sprintf("stream %d, step 0", b.Draw.Stream)]++
		}
	}
	return count
}

// WantDistinctDraws fails the test unless a graph has want draws, all with different random
// numbers, which are also not the random numbers of the data.
func WantDistinctDraws(t *testing.T, name string, g *gorgonia.ExprGraph, want int) {
	t.Helper()
	count := Draws(t, g)
	if len(count) != want {
		t.Errorf("%s: %d draws, want %d: %v", name, len(count), want, count)
	}
	for draw, n := range count {
		if n != 1 || draw == fmt.Sprintf("stream %d, step 0", graph.StreamData) {
			t.Errorf("%s: %d draws from %s, want one, and not the data's", name, n, draw)
		}
	}
}
