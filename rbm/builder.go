package rbm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// builder makes the graphs over one model's variables. Everything that runs in a
// batch is built here.
type builder struct {
	graph           *gorgonia.ExprGraph
	visible, hidden int
	seed            uint64
	reduced         bool // the device may round the factors of products
	variables       map[string]*gorgonia.Node
	instead         map[string]*gorgonia.Node // computed values that stand for variables
}

func newBuilder(visible, hidden int, seed uint64) *builder {
	return &builder{
		graph: gorgonia.NewGraph(), visible: visible, hidden: hidden, seed: seed,
		variables: map[string]*gorgonia.Node{},
	}
}

// variable returns the input node of that name, or what stands for it.
func (b *builder) variable(name string, of tensor.Dtype, shape ...int) *gorgonia.Node {
	if n, ok := b.instead[name]; ok {
		return n
	}
	n, ok := b.variables[name]
	if !ok {
		n = gorgonia.NewTensor(b.graph, of, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
		b.variables[name] = n
	}
	return n
}

func (b *builder) weights() *gorgonia.Node {
	return b.variable(varWeights, tensor.Float32, b.visible, b.hidden)
}

func (b *builder) visibleBias() *gorgonia.Node {
	return b.variable(varVisibleBias, tensor.Float32, b.visible)
}

func (b *builder) hiddenBias() *gorgonia.Node {
	return b.variable(varHiddenBias, tensor.Float32, b.hidden)
}

func (b *builder) clock() *gorgonia.Node {
	return b.variable(varClock, tensor.Int32, engine.ClockSize)
}

// tick moves the clock on when the graph has run.
func (b *builder) tick() { engine.Assign(b.clock(), engine.NewTick(b.clock())) }

func (b *builder) hiddenField(v *gorgonia.Node) *gorgonia.Node {
	if b.reduced {
		return engine.NewReducedField(v, b.weights(), b.hiddenBias(), false)
	}
	return engine.NewHiddenField(v, b.weights(), b.hiddenBias())
}

func (b *builder) visibleField(h *gorgonia.Node) *gorgonia.Node {
	if b.reduced {
		return engine.NewReducedField(h, b.weights(), b.visibleBias(), true)
	}
	return engine.NewVisibleField(h, b.weights(), b.visibleBias())
}

func (b *builder) sample(p *gorgonia.Node, stream uint8, step int) *gorgonia.Node {
	return engine.NewSample(p, b.clock(), engine.Sample{Seed: b.seed, Stream: stream, Step: uint32(step)})
}

// beside returns the variable of the shape of a parameter that goes with it.
func (b *builder) beside(parameter *gorgonia.Node, suffix string) *gorgonia.Node {
	return b.variable(parameter.Name()+suffix, tensor.Float32, parameter.Shape()...)
}

// withParameters returns a builder over the same graph whose parameters are what f makes of
// those of b.
func (b *builder) withParameters(f func(parameter *gorgonia.Node) *gorgonia.Node) *builder {
	other := *b
	other.instead = map[string]*gorgonia.Node{}
	for _, p := range []*gorgonia.Node{b.weights(), b.visibleBias(), b.hiddenBias()} {
		other.instead[p.Name()] = f(p)
	}
	return &other
}
