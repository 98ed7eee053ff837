package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm"
)

// Builder builds a graph over the variables of one model.
type Builder struct {
	Graph           *gorgonia.ExprGraph
	Visible, Hidden int // V and H
	VisibleUnits    engine.Units
	HiddenUnits     engine.Units
	Coupled         bool                      // the visible units have couplings
	Seed            uint64                    // of all draws
	Row             int                       // number of the first row in draws, not 0 for a later part of a batch or of the chains
	Reduced         bool                      // the device may round the factors of products
	Variables       map[string]*gorgonia.Node // that Variable has made so far
	instead         map[string]*gorgonia.Node // computed nodes that replace variables
}

// Layer describes a layer of a graph: the number of its columns, and the kinds of its units.
type Layer struct {
	Len   int
	Units engine.Units
}

// NewModelBuilder returns a builder of an empty graph over the layers of a model.
func NewModelBuilder(m *rbm.Model, seed uint64) *Builder {
	b := NewBuilder(Layer{m.Visible.Len(), m.Visible.Units}, Layer{m.Hidden.Len(), m.Hidden.Units}, seed)
	b.Coupled = m.Coupled()
	return b
}

// NewBuilder returns a builder of an empty graph over two layers.
func NewBuilder(visible, hidden Layer, seed uint64) *Builder {
	return &Builder{
		Graph: gorgonia.NewGraph(), Visible: visible.Len, Hidden: hidden.Len,
		VisibleUnits: visible.Units, HiddenUnits: hidden.Units, Seed: seed,
		Variables: map[string]*gorgonia.Node{},
	}
}

// Variable returns the input node of the given name, or the node that replaces it (see
// WithParameters). The first call for a name makes the node.
func (b *Builder) Variable(name string, dtype tensor.Dtype, shape ...int) *gorgonia.Node {
	if n, ok := b.instead[name]; ok {
		return n
	}
	n, ok := b.Variables[name]
	if !ok {
		n = gorgonia.NewTensor(b.Graph, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
		b.Variables[name] = n
	}
	return n
}

// Weights returns W (V,H).
func (b *Builder) Weights() *gorgonia.Node {
	return b.Variable(Weights, tensor.Float32, b.Visible, b.Hidden)
}

// VisibleBias returns a (V).
func (b *Builder) VisibleBias() *gorgonia.Node {
	return b.Variable(VisibleBias, tensor.Float32, b.Visible)
}

// HiddenBias returns b (H).
func (b *Builder) HiddenBias() *gorgonia.Node {
	return b.Variable(HiddenBias, tensor.Float32, b.Hidden)
}

// Clock returns the counters on which draws and batches depend (see engine.ClockUpdate).
func (b *Builder) Clock() *gorgonia.Node {
	return b.Variable(Clock, tensor.Int32, engine.ClockSize)
}

// Tick advances the clock at the end of each run of the graph.
func (b *Builder) Tick() { engine.Assign(b.Clock(), engine.NewTick(b.Clock())) }

// HiddenField returns vW + b (B,H) for v (B,V).
func (b *Builder) HiddenField(v *gorgonia.Node) *gorgonia.Node {
	if b.Reduced {
		return engine.NewReducedField(v, b.Weights(), b.HiddenBias(), b.VisibleUnits, false)
	}
	return engine.NewHiddenField(v, b.Weights(), b.HiddenBias(), b.VisibleUnits)
}

// VisibleField returns hWᵀ + a (B,V) for h (B,H).
func (b *Builder) VisibleField(h *gorgonia.Node) *gorgonia.Node {
	if b.Reduced {
		return engine.NewReducedField(h, b.Weights(), b.VisibleBias(), b.HiddenUnits, true)
	}
	return engine.NewVisibleField(h, b.Weights(), b.VisibleBias(), b.HiddenUnits)
}

// MeanHidden returns the means (B,H) of the hidden units, given their fields z.
func (b *Builder) MeanHidden(z *gorgonia.Node) *gorgonia.Node {
	return mean(z, b.HiddenUnits, b.HiddenShapes())
}

// MeanVisible returns the means (B,V) of the visible units, given their fields z.
func (b *Builder) MeanVisible(z *gorgonia.Node) *gorgonia.Node {
	return mean(z, b.VisibleUnits, b.VisibleShapes())
}

// SampleHidden returns states (B,H) of the hidden units, given their fields z, on a path between a base
// model and the model (see engine.Path), drawn with the random numbers of a stream and Gibbs step.
func (b *Builder) SampleHidden(z *gorgonia.Node, path engine.Path, stream uint8, step int) *gorgonia.Node {
	return b.sample(z, b.HiddenUnits, b.HiddenShapes(), path, b.Draw(stream, step))
}

// SampleVisible returns states (B,V) of the visible units, given their fields z, as SampleHidden does.
func (b *Builder) SampleVisible(z *gorgonia.Node, path engine.Path, stream uint8, step int) *gorgonia.Node {
	return b.sample(z, b.VisibleUnits, b.VisibleShapes(), path, b.Draw(stream, step))
}

// Draw names the random numbers of a stream and Gibbs step.
func (b *Builder) Draw(stream uint8, step int) engine.Draw {
	return engine.Draw{Seed: b.Seed, Stream: stream, Step: uint32(step), Row: uint32(b.Row)}
}

// FreeEnergy returns F(v) (B) of v (B,V), with the fields z (B,H) that v gives the hidden units.
func (b *Builder) FreeEnergy(v, z *gorgonia.Node) *gorgonia.Node {
	f := engine.NewFreeEnergy(v, b.VisibleBias(), z, b.HiddenUnits)
	if b.Coupled {
		f = engine.NewPairEnergy(f, v, b.LateralField(v))
	}
	if b.VisibleUnits.Real() {
		f = engine.NewRealSum(f, v, b.VisibleShapes(), engine.RealSum{Units: b.VisibleUnits})
	}
	if b.HiddenUnits.Real() {
		f = engine.NewRealSum(f, z, b.HiddenShapes(), engine.RealSum{Units: b.HiddenUnits, Fields: true})
	}
	return f
}

// Beside returns a variable with the shape of a parameter and its name plus the suffix.
func (b *Builder) Beside(parameter *gorgonia.Node, suffix string) *gorgonia.Node {
	return b.Variable(parameter.Name()+suffix, tensor.Float32, parameter.Shape()...)
}

// Parameters returns the parameters that are trained: the weights and biases and, if the model has some, the
// log-variances of visible units, the jumps and skews of hidden ones, and the couplings. The log-variances of
// hidden units stay as they are, since weights and biases can take their place.
func (b *Builder) Parameters() []*gorgonia.Node {
	list := []*gorgonia.Node{b.Weights(), b.VisibleBias(), b.HiddenBias()}
	if b.VisibleUnits.Real() {
		list = append(list, b.VisibleShapes().LogVariance)
	}
	if b.HiddenUnits.Sides() {
		shapes := b.HiddenShapes()
		list = append(list, shapes.Jump, shapes.Skew)
	}
	if b.Coupled {
		list = append(list, b.Couplings())
	}
	return list
}

// At returns a builder over the same graph whose rows have the numbers from row on in draws.
func (b *Builder) At(row int) *Builder {
	other := *b
	other.Row = row
	return &other
}

// WithParameters returns a builder over the same graph in which f(p) replaces each parameter p
// of b.
func (b *Builder) WithParameters(f func(parameter *gorgonia.Node) *gorgonia.Node) *Builder {
	other := *b
	other.instead = map[string]*gorgonia.Node{}
	for _, p := range b.Parameters() {
		other.instead[p.Name()] = f(p)
	}
	return &other
}
