package engine

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// oneByOne is a device without optional methods: it neither fuses nor gathers nor records.
type oneByOne struct{ Device }

// backwards is a host that takes the launches which a GPU makes together. It makes launches that must
// not depend on each other in the reverse order, and a branch after all launches beside it, so that a
// buffer given away too early shows.
type backwards struct {
	Device
	later  []launch // the launches of the branch
	forked bool     // the next launches are of a branch: they wait in later
}

func (b *backwards) fork() error {
	b.forked = true
	return nil
}

func (b *backwards) back() { b.forked = false }

func (b *backwards) join() error {
	later := b.later
	b.later = nil
	for _, l := range later {
		if err := b.launch(l.op, l.out, l.in); err != nil {
			return err
		}
	}
	return nil
}

func (b *backwards) fuses() fusions { return fusions{activations: true, together: true} }

func (b *backwards) prepare(*launch) error { return nil }

// allocBeside returns two separate buffers. Only a GPU needs rows that follow each other in memory.
func (b *backwards) allocBeside(of tensor.Dtype, first, second tensor.Shape) (Buffer, Buffer, error) {
	x, err := b.Alloc(of, first)
	if err != nil {
		return nil, nil, err
	}
	y, err := b.Alloc(of, second)
	return x, y, err
}

func (b *backwards) launch(op any, out Buffer, in []Buffer) error {
	if b.forked {
		b.later = append(b.later, launch{op: op, out: out, in: in})
		return nil
	}
	switch op := op.(type) {
	case twoLayers:
		return b.all([]launch{{op: op.chains}, {op: op.data}})
	case dots:
		all := slices.Clone(op)
		slices.Reverse(all)
		return b.all(all)
	case layers: // whole layers in reverse order, since a kernel may finish one before it begins another
		all := slices.Clone(op)
		slices.Reverse(all)
		for _, l := range all {
			launches := []launch{l.data}
			if l.chains.op != nil {
				launches = []launch{l.chains, l.data}
			}
			if l.difference != nil {
				in := []Buffer{l.data.out, l.chains.out}
				launches = append(launches, launch{op: Difference{}, out: l.difference, in: in})
			}
			if err := b.all(launches); err != nil {
				return err
			}
		}
		return nil
	case steps:
		return b.all(op)
	}
	return b.Device.launch(op, out, in)
}

// all makes launches in the given order.
func (b *backwards) all(launches []launch) error {
	for _, l := range launches {
		if err := b.Device.launch(l.op, l.out, l.in); err != nil {
			return err
		}
	}
	return nil
}

// TestArrangingChangesNothing: graphs that consist of the update of a centered gradient among random ops
// leave the same bits on a device that makes launches together and on one that does not. The seed
// also sets the numbers of random ops before the update (up to 29) and after it (up to 19).
func TestArrangingChangesNothing(t *testing.T) {
	device := openHostFor(t, 1)
	fused := map[string]int{}
	for seed := range uint64(40) {
		d := dimensions[seed/4%4]
		if seed%3 == 0 {
			d = [3]int{9, 9, 9} // all matrices have one shape, and all vectors, so that any can take the place of any
		}
		m := newMaker(t, d, seed)
		for range int(seed % 30) {
			m.grow()
		}
		m.centered(seed)
		for range int(seed % 20) {
			m.grow()
		}
		for _, nodes := range [][]*gorgonia.Node{
			m.weights, m.visible.biases, m.hidden.biases, m.visible.states, m.hidden.averages, m.weighted,
		} {
			m.assign(nodes)
		}
		Assign(m.clk, NewTick(m.clk))
		keep := m.hidden.means[len(m.hidden.means)-1]
		for op, count := range m.sameOn(oneByOne{device}, &backwards{Device: device}, fmt.Sprintf("seed %d", seed), keep) {
			fused[op] += count
		}
	}
	for _, op := range []any{&activation{}, twoLayers{}, dots{}, layers{}, steps{}} {
		if name := fmt.Sprintf("%T", op); fused[name] == 0 {
			t.Errorf("no launch of a %s, so this does not test it", name)
		}
	}
}

// centered adds an update along the centered gradient to the graph: from states of the data and of the
// chains to new weights, biases and offsets. An odd seed gives the data one row more than the chains.
// If seed%5 is 2, the gradient is of a selection of chains, which a GPU makes without a copy in
// bfloat16; if seed%3 is 0, the biases have velocities. The streams 20 to 22 occur nowhere else in the
// graph.
func (m *maker) centered(seed uint64) {
	field := func(x *gorgonia.Node, own, other layerNodes, transposed bool) *gorgonia.Node {
		return NewReducedField(x, m.weights[0], own.biases[0], other.units, transposed)
	}
	chains := m.hidden.states[0]
	rows := m.B + int(seed%2)
	start := m.worths("data's hidden states", m.hidden.units, rows, m.H)
	v := NewSample(field(start, m.visible, m.hidden, true), m.clk, m.visible.units, Path{}, Draw{Stream: 20})
	p := NewMean(field(v, m.hidden, m.visible, false), m.hidden.units, Path{})
	vm := NewSample(field(chains, m.visible, m.hidden, true), m.clk, m.visible.units, Path{}, Draw{Stream: 21})
	z := field(vm, m.hidden, m.visible, false)
	pm := NewMean(z, m.hidden.units, Path{})
	Assign(chains, NewSample(z, m.clk, m.hidden.units, Path{}, Draw{Stream: 22}))
	if seed%5 == 2 {
		vm = NewSelect(m.states("mask", m.B, 1), vm, m.visible.states[0])
	}
	// layerOf returns the means of a layer with the values x, weighted by the dots of the other layer's
	// values y, over data and chains.
	layerOf := func(x, y [2]*gorgonia.Node, offset *gorgonia.Node) (data, chains, difference *gorgonia.Node) {
		data = NewWeightedMeans(x[0], NewCenteredDot(y[0], offset))
		chains = NewWeightedMeans(x[1], NewCenteredDot(y[1], offset))
		return data, chains, NewDifference(data, chains)
	}
	states, means := [2]*gorgonia.Node{v, vm}, [2]*gorgonia.Node{p, pm}
	a, b := m.visible.biases[1], m.hidden.biases[1] // the offsets
	vd, vc, dv := layerOf(states, means, b)
	hd, hc, dh := layerOf(means, states, a)
	g := NewGradient(v, p, vm, pm, Gradient{Units: m.visible.units})
	w := NewCenteredAscend(m.weights[0], m.weights[0], g, m.rates, m.clk, Centering{a, b, dv, dh}, Ascend{})
	m.weights = append(m.weights, w)
	moved := func(bias, g *gorgonia.Node) *gorgonia.Node {
		return NewAscend(bias, bias, g, m.rates, m.clk, Ascend{Velocity: seed%3 == 0})
	}
	m.visible.biases = append(m.visible.biases, moved(m.visible.biases[0], NewBiasGradient(dv, vd, vc, a, dh, b)))
	m.hidden.biases = append(m.hidden.biases, moved(m.hidden.biases[0], NewBiasGradient(dh, hd, hc, b, dv, a)))
	m.visible.biases = append(m.visible.biases, NewBlend(a, vd, vc, Blend{0.1}))
	m.hidden.biases = append(m.hidden.biases, NewBlend(b, hd, hc, Blend{0.1}))
	m.hidden.averages = append(m.hidden.averages, hd, hc)
}

// sameOn requires that four runs, two of them replays where a device records, leave the same bits on two devices, in all
// variables and in the nodes that are kept. It returns the number of the other device's launches by the type of their op.
func (m *maker) sameOn(one, other Device, what string, keep ...*gorgonia.Node) map[string]int {
	m.t.Helper()
	states := []*State{m.state(one), m.state(other)}
	var plans []*Plan
	for _, s := range states {
		plan, err := Compile(m.graph, s, keep...)
		if err != nil {
			m.t.Fatal(err)
		}
		plans = append(plans, plan)
	}
	for run := range 4 {
		for _, p := range plans {
			if err := p.Run(); err != nil {
				m.t.Fatal(err)
			}
		}
		at := fmt.Sprintf("%s, run %d", what, run)
		for _, n := range keep {
			compare(m.t, at, read(m.t, plans[1], n), read(m.t, plans[0], n), nil)
		}
		for _, name := range m.names {
			n := m.nodes[name]
			compare(m.t, at+": "+name, get(m.t, states[1], n), get(m.t, states[0], n), nil)
		}
	}
	fused := map[string]int{}
	for _, l := range plans[1].launches {
		fused[fmt.Sprintf("%T", l.op)]++
	}
	return fused
}

// TestEqualSizesAreFused: even where all matrices have one shape, and all vectors, no launch overwrites an
// operand of another launch that is to be made together with it: that would prevent joining them.
func TestEqualSizesAreFused(t *testing.T) {
	m := newMaker(t, [3]int{9, 9, 9}, 0)
	m.centered(0)
	for _, l := range []layerNodes{m.visible, m.hidden} {
		Assign(l.biases[0], l.biases[2]) // the new bias
		Assign(l.biases[1], l.biases[3]) // the new offset
	}
	Assign(m.weights[0], m.weights[2])
	Assign(m.clk, NewTick(m.clk))
	device := openHostFor(t, 1)
	got := m.sameOn(oneByOne{device}, &backwards{Device: device}, "equal sizes")
	want := map[string]int{
		"*engine.activation": 2, // the visible units of the data, which centered draws, and of the chains
		"engine.twoLayers":   1, // the hidden units of both
		"engine.dots":        1,
		"engine.layers":      1,
		"engine.Gradient":    1,
		"engine.Ascend":      1, // of the weights
		"engine.steps":       2, // of the biases, beside the weights; then of the offsets and the clock
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got launches %v, want %v", got, want)
	}
}

// TestEachShardIsPaired: the layers of data and chains of each shard of a batch are launched as one, however many
// shards a graph has, so that the products of a shard always have the same shapes.
func TestEachShardIsPaired(t *testing.T) {
	const rows, batches = 8, 5 // of a batch, in the data set
	device := openHostFor(t, 1)
	for _, shards := range []int{1, 2, 4} {
		m := newMaker(t, [3]int{rows, 9, 7}, 3)
		data := make([]float32, batches*rows*m.V)
		for i := range data {
			data[i] = float32(m.random.IntN(2))
		}
		order := make([]int32, batches*rows)
		Shuffle(order, 3, 1, 0)
		dataSet, orderOfRows := m.variable("data", data, batches*rows, m.V), m.variable("order", order, batches*rows)
		var gradients, next []*gorgonia.Node
		for s := range shards {
			first, size := s*rows/shards, rows/shards
			field := func(x *gorgonia.Node, own, other layerNodes, transposed bool) *gorgonia.Node {
				return NewReducedField(x, m.weights[0], own.biases[0], other.units, transposed)
			}
			v := NewRows(dataSet, orderOfRows, m.clk, Rows{First: first, Size: size, Batch: rows, Binarize: AsIs})
			p := NewMean(field(v, m.hidden, m.visible, false), m.hidden.units, Path{})
			chains := NewPart(m.hidden.states[0], Part{From: first, Size: size, Blocks: 1})
			draw := func(stream uint8) Draw { return Draw{Stream: stream, Row: uint32(first)} }
			vm := NewSample(field(chains, m.visible, m.hidden, true), m.clk, m.visible.units, Path{}, draw(21))
			z := field(vm, m.hidden, m.visible, false)
			pm := NewMean(z, m.hidden.units, Path{})
			next = append(next, NewSample(z, m.clk, m.hidden.units, Path{}, draw(22)))
			gradient := Gradient{Units: m.visible.units, Data: rows, Chains: rows}
			gradients = append(gradients, NewGradient(v, p, vm, pm, gradient))
		}
		sum := gradients[0]
		for _, g := range gradients[1:] {
			sum = NewAdd(sum, g)
		}
		Assign(m.weights[0], NewAscend(m.weights[0], m.weights[0], sum, m.rates, m.clk, Ascend{}))
		Assign(m.hidden.states[0], NewPut(m.hidden.states[0], next, Put{Blocks: 1}))
		Assign(m.clk, NewTick(m.clk))
		got := m.sameOn(oneByOne{device}, &backwards{Device: device}, fmt.Sprint(shards, " shards"))
		if got["engine.twoLayers"] != shards {
			t.Errorf("%d shards: got launches %v, want %d of engine.twoLayers", shards, got, shards)
		}
	}
}
