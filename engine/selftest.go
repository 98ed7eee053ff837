package engine

import (
	"fmt"
	"math"

	"harmonium/kernels"
)

// Check is the result of one kernel of one implementation on a small problem. The kernel must
// return the bits of the definition in Go.
type Check struct {
	Implementation string `json:"implementation"`
	Kernel         string `json:"kernel"`
	Error          string `json:"error,omitempty"` // the first difference, or empty
}

// checkKernels compares an implementation with the definition on the same inputs.
func checkKernels(k *kernels.Set) []Check {
	p := newProblem()
	checks := make([]Check, len(selfTests))
	for i, t := range selfTests {
		checks[i] = Check{k.Name, t.kernel, firstDifference(t.run(p, k), t.run(p, &kernels.Definition))}
	}
	return checks
}

// firstDifference describes the first element whose bits differ. It returns "" if there is none.
func firstDifference(got, want []float64) string {
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			return fmt.Sprintf("element %d of %d is %v, want %v", i, len(want), got[i], want[i])
		}
	}
	return ""
}

// The sizes of the problem leave a remainder after whole vectors and panels. The seed is chosen.
const (
	problemRows    = 7
	problemVisible = 131
	problemHidden  = 77
	problemSeed    = 1
)

// problem is a batch of states, a model, and the results of the definition for them.
type problem struct {
	weights kernels.Panels
	bias    []float32
	values  []float32 // (rows, V), 0 or 1
	states  kernels.States
	units   Units     // of the hidden layer: groups of all Kinds
	field   []float32 // (rows, H)
	means   []float32 // (rows, H)
}

func newProblem() *problem {
	const rows, visible, hidden = problemRows, problemVisible, problemHidden
	p := &problem{
		weights: kernels.NewPanels(visible, hidden),
		bias:    make([]float32, hidden),
		values:  make([]float32, rows*visible),
		states:  kernels.NewStates(rows, visible),
		field:   make([]float32, rows*hidden),
		means:   make([]float32, rows*hidden),
	}
	weights := make([]float32, visible*hidden)
	Normals(weights, problemSeed, 0, 1)
	kernels.Pack(p.weights, weights, 0, visible)
	Normals(p.bias, problemSeed, 1, 1)
	Coins(p.values, rows, nil, problemSeed, 2)
	all := Kinds()
	for i, k := range all {
		from, to := i*hidden/len(all), (i+1)*hidden/len(all)
		p.units = append(p.units, Group{Kind: k, From: from, To: to - (to-from)%k.Width()})
		if rest := (to - from) % k.Width(); rest > 0 { // too few columns for another unit: of the default kind
			p.units = append(p.units, Group{From: to - rest, To: to})
		}
	}
	p.states.Pack(p.values, rows)
	kernels.Field(p.field, p.values, p.weights, p.bias, rows)
	kernels.Mean(p.means, p.field, p.units, kernels.Model, rows, hidden)
	return p
}

// selfTests each run one kernel and return everything it wrote.
var selfTests = []struct {
	kernel string
	run    func(p *problem, k *kernels.Set) []float64
}{
	{"field", func(p *problem, k *kernels.Set) []float64 {
		return p.fieldOf(k, kernels.Input{Values: p.values})
	}},
	{"field of states", func(p *problem, k *kernels.Set) []float64 {
		return p.fieldOf(k, kernels.Input{States: p.states, Room: make([]int32, kernels.RoomFor(problemRows, problemVisible))})
	}},
	{"mean", func(p *problem, k *kernels.Set) []float64 {
		means := make([]float32, len(p.field))
		p.activate(k, kernels.Activation{
			Units: p.units, Field: kernels.ByRows(p.field, problemHidden), Path: kernels.Model,
			Mean: kernels.ByRows(means, problemHidden),
		})
		return widen(means)
	}},
	{"sample", func(p *problem, k *kernels.Set) []float64 {
		s, states := make([]float32, len(p.means)), kernels.NewStates(problemRows, problemHidden)
		p.activate(k, kernels.Activation{
			Units: p.units, Field: kernels.ByRows(p.field, problemHidden), Path: kernels.Model, States: states,
			Draw: kernels.Draw{Seed: problemSeed, Stream: 3},
		})
		states.Unpack(s, problemRows)
		return widen(s)
	}},
	{"cumulant", func(p *problem, k *kernels.Set) []float64 {
		sums := make([]float64, problemRows)
		k.CumulantSum(sums, kernels.ByRows(p.field, problemHidden), p.units, 1, problemRows, problemHidden)
		return sums
	}},
	{"gradient", func(p *problem, k *kernels.Set) []float64 {
		const data, chains = problemRows - 2, 2 // the first rows and the last
		phase := func(first, rows int) kernels.Phase {
			hidden := kernels.NewPanels(rows, problemHidden)
			k.Pack(hidden, p.means[first*problemHidden:], 0, rows)
			return kernels.Phase{Rows: rows, Visible: p.values[first*problemVisible:], Hidden: hidden}
		}
		g := make([]float32, problemVisible*problemHidden)
		k.Gradient(g, phase(0, data), phase(data, chains), 0, problemVisible, problemVisible, problemHidden)
		return widen(g)
	}},
}

// activate computes a layer of the problem's hidden units.
func (p *problem) activate(k *kernels.Set, a kernels.Activation) {
	a.Rows, a.Columns = problemRows, problemHidden
	k.Activate(a, 0, a.Rows*a.Columns)
}

// fieldOf returns the fields of an input, with the problem's weights and bias.
func (p *problem) fieldOf(k *kernels.Set, in kernels.Input) []float64 {
	z := make([]float32, len(p.field))
	in.Weights, in.Bias = p.weights, p.bias
	p.activate(k, kernels.Activation{Input: in, Field: kernels.ByRows(z, problemHidden)})
	return widen(z)
}

// widen converts numbers to float64, exactly.
func widen[T float32 | int32](x []T) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}
