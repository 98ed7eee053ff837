package rbm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// The variables of the graphs, by name. Tensors of a checkpoint have the same names.
const (
	varWeights        = "weights"         // (V,H)
	varVisibleBias    = "visible_bias"    // (V)
	varHiddenBias     = "hidden_bias"     // (H)
	varClock          = "clock"           // see engine.ClockUpdate
	varData           = "data"            // (N,V), bytes or float32
	varOrder          = "order"           // (N) row numbers
	varRates          = "rates"           // (U,2) learning rate and momentum of each update of an epoch
	varFastRates      = "fast_rates"      // (U,2) the same of the fast parameters
	varPlainRates     = "plain_rates"     // (U,2) of the gradient by itself: 1 and 0
	varChains         = "chains"          // (C,H) hidden states of the Gibbs chains
	varVisible        = "visible"         // (B,V) visible states of chains
	varPattern        = "pattern"         // (B,V) values to clamp, NaN where free
	varBase           = "base"            // (V) visible biases of the base model
	varNoBase         = "no_base"         // (H) zeros: the hidden units of the base model are free
	varBetas          = "betas"           // (K) schedule of inverse temperatures
	varLogWeights     = "log_weights"     // (B) float64
	varLevels         = "levels"          // (T·C) place on the ladder of each replica; the chains are (T·C,H) then
	varLadder         = "ladder"          // (T) inverse temperatures
	varTally          = "swap_tally"      // (2·(T-1)), see engine.Tally
	varTrips          = "trips"           // (T·C), see engine.Trips
	varAcceptance     = "acceptance"      // (T-1) of the swaps that were last counted
	varReservoir      = "reservoir"       // (R,H) hidden states, samples of the last frozen model
	varReservoirOrder = "reservoir_order" // (U·C) row numbers, for each update of an epoch
	suffixVelocity    = "_velocity"
	suffixFast        = "_fast"          // of the fast parameters of FPCD
	suffixFirst       = "_first_moment"  // of Adam
	suffixSecond      = "_second_moment" // of Adam
	varVisibleOffset  = "visible_offset" // (V) μ of the centered gradient
	varHiddenOffset   = "hidden_offset"  // (H) λ
	varActivity       = "activity"       // (1,H) moving means of the hidden units on data, for their sparsity
)

// The streams of random numbers: which draw of a graph a number belongs to (see
// kernels.Draw). Draws that differ in their stream never share a number.
const (
	streamData uint8 = iota
	streamHidden
	streamVisible
	streamStart
	streamMonitor
	streamAnnealHidden
	streamAnnealVisible
	streamSampleHidden
	streamSampleVisible
	streamWeights
	streamOrder
	streamUnit
	streamSwap
	streamTrajectory
	streamReservoir
	streamCorrelatedHidden
	streamCorrelatedVisible
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

// onFast returns the builder of what runs on the sums of the parameters and their fast
// ones.
func (b *builder) onFast() *builder {
	sums := *b
	sums.instead = map[string]*gorgonia.Node{}
	for _, p := range []*gorgonia.Node{b.weights(), b.visibleBias(), b.hiddenBias()} {
		sums.instead[p.Name()] = engine.NewAdd(p, b.beside(p, suffixFast))
	}
	return &sums
}

// beside returns the variable of the shape of a parameter that goes with it.
func (b *builder) beside(parameter *gorgonia.Node, suffix string) *gorgonia.Node {
	return b.variable(parameter.Name()+suffix, tensor.Float32, parameter.Shape()...)
}

// source says where the rows of a batch come from.
type source struct {
	of        tensor.Dtype // element type of the data set
	rows      int          // N
	order     int          // length of the order
	batch     int          // rows of a full batch
	size      int          // rows of this one
	binarize  engine.Binarization
	threshold float32 // of engine.Threshold
	seed      uint64
}

// data returns the batch of binarized rows that the clock points to.
func (b *builder) data(s source) *gorgonia.Node {
	return engine.NewRows(
		b.variable(varData, s.of, s.rows, b.visible),
		b.variable(varOrder, tensor.Int32, s.order),
		b.clock(),
		engine.Rows{Size: s.size, Batch: s.batch, Binarize: s.binarize, Threshold: s.threshold, Seed: s.seed, Stream: streamData},
	)
}

// phase is one side of the gradient: visible states and the means of their hidden units.
type phase struct{ visible, means *gorgonia.Node }

// positivePhase is the data's side: p(h|v) of a batch of rows.
func (b *builder) positivePhase(s source) phase {
	v := b.data(s)
	return phase{v, engine.NewMean(b.hiddenField(v))}
}

// anewEvery is after how many fields of a sweep one is computed anew, so that the
// roundings of those before do not add up for ever.
const anewEvery = 32

// sweep is a row of Gibbs steps of the same chains under the same parameters, in which the
// fields of a layer follow from those of the step before: few units change.
type sweep struct {
	*builder
	visible, hidden followed
}

// followed are the fields of a layer, step by step.
type followed struct {
	last  *gorgonia.Node
	count int
}

func (f *followed) next(x *gorgonia.Node, anew func(*gorgonia.Node) *gorgonia.Node) *gorgonia.Node {
	if f.count%anewEvery == 0 {
		f.last = anew(x)
	} else {
		f.last = engine.NewChangedField(x, f.last)
	}
	f.count++
	return f.last
}

func (s *sweep) visibleField(h *gorgonia.Node) *gorgonia.Node {
	return s.visible.next(h, s.builder.visibleField)
}

func (s *sweep) hiddenField(v *gorgonia.Node) *gorgonia.Node {
	return s.hidden.next(v, s.builder.hiddenField)
}

// gibbsStep goes from hidden states h→v→h: it draws v given h and returns it with the
// means of the hidden units given v.
func (s *sweep) gibbsStep(h *gorgonia.Node, step int) phase {
	v := s.sample(engine.NewMean(s.visibleField(h)), streamVisible, step)
	return phase{v, engine.NewMean(s.hiddenField(v))}
}

// persistentPhase is the chains' side of PCD-k: k Gibbs steps of the chains (C,H),
// which persist. Its statistics are means given the last visible states.
func (b *builder) persistentPhase(chains, steps int) phase {
	variable := b.variable(varChains, tensor.Float32, chains, b.hidden)
	s, h := &sweep{builder: b}, variable
	var p phase
	for step := range steps {
		p = s.gibbsStep(h, step)
		h = b.sample(p.means, streamHidden, step)
	}
	engine.Assign(variable, h)
	return p
}

// contrastivePhase is the chains' side of CD-k: k Gibbs steps that start at the data.
func (b *builder) contrastivePhase(positive phase, steps int) phase {
	s, h := &sweep{builder: b}, b.sample(positive.means, streamStart, 0)
	for step := 0; ; step++ {
		p := s.gibbsStep(h, step)
		if step == steps-1 {
			return p
		}
		h = b.sample(p.means, streamHidden, step)
	}
}

// update assigns the parameters moved along the gradient of two phases, and the
// velocities and offsets that go with them.
func (b *builder) update(positive, negative phase, m move) {
	activities := positive.means
	if m.sparsity.Cost > 0 {
		positive.means = b.sparse(activities, m.sparsity)
	}
	if m.center {
		b.centeredUpdate(activities, positive, negative, m)
		return
	}
	difference := func(data, chains *gorgonia.Node) *gorgonia.Node {
		return engine.NewDifference(engine.NewMeans(data), engine.NewMeans(chains))
	}
	b.ascend(b.weights(), weightGradient(positive, negative), nil, engine.Ascend{L1: m.l1, L2: m.l2}, m)
	b.ascend(b.visibleBias(), difference(positive.visible, negative.visible), nil, engine.Ascend{}, m)
	b.ascend(b.hiddenBias(), difference(positive.means, negative.means), nil, engine.Ascend{}, m)
}

func weightGradient(positive, negative phase) *gorgonia.Node {
	return engine.NewGradient(positive.visible, positive.means, negative.visible, negative.means)
}

// sparse returns the means of the data's hidden units with the slope of the sparsity penalty
// taken off. The slope in the field of a unit is the same for all rows, so that it reaches
// the bias and the weights of the unit, centered or not, as every other part of its means
// does (Hinton 2010, §11, who warns of applying it to the bias alone).
func (b *builder) sparse(means *gorgonia.Node, s engine.Sparsity) *gorgonia.Node {
	activity := b.variable(varActivity, tensor.Float32, 1, b.hidden)
	next := engine.NewMoment(activity, engine.NewMeans(means), engine.Moment{Decay: activityDecay})
	engine.Assign(activity, next)
	return engine.NewSparsity(means, next, s)
}

// layer is what the centered gradient needs of one layer: its offsets, the weighted
// means of data and chains, and the difference of their plain means.
type layer struct{ offset, data, chains, difference *gorgonia.Node }

// centeredLayer returns the layer whose values are x, where y are the other layer's
// values and other its offsets. Each row is weighted by (y-other)·other, which makes
// the weighted means a product of the centered gradient with the other offsets without
// having to compute that gradient first.
func (b *builder) centeredLayer(offset, other *gorgonia.Node, x, y [2]*gorgonia.Node) layer {
	means := func(side int) *gorgonia.Node {
		return engine.NewWeightedMeans(x[side], engine.NewCenteredDot(y[side], other))
	}
	l := layer{offset: offset, data: means(0), chains: means(1)}
	l.difference = engine.NewDifference(l.data, l.chains)
	return l
}

// centeredUpdate is update along the centered gradient (Montavon and Müller 2012;
// Melchior, Fischer and Wiskott 2016). The offsets move after the parameters, those of the
// hidden units by their activities on the data, which the positive phase's means are but for
// a sparsity penalty.
func (b *builder) centeredUpdate(activities *gorgonia.Node, positive, negative phase, m move) {
	visibleOffset := b.variable(varVisibleOffset, tensor.Float32, b.visible)
	hiddenOffset := b.variable(varHiddenOffset, tensor.Float32, b.hidden)
	states := [2]*gorgonia.Node{positive.visible, negative.visible}
	means := [2]*gorgonia.Node{positive.means, negative.means}
	visible := b.centeredLayer(visibleOffset, hiddenOffset, states, means)
	hidden := b.centeredLayer(hiddenOffset, visibleOffset, means, states)

	b.ascend(b.weights(), weightGradient(positive, negative), &engine.Centering{
		VisibleOffset: visible.offset, HiddenOffset: hidden.offset,
		VisibleDifference: visible.difference, HiddenDifference: hidden.difference,
	}, engine.Ascend{L1: m.l1, L2: m.l2}, m)
	bias := func(own, other layer) *gorgonia.Node {
		return engine.NewBiasGradient(own.difference, own.data, own.chains, own.offset, other.difference, other.offset)
	}
	b.ascend(b.visibleBias(), bias(visible, hidden), nil, engine.Ascend{}, m)
	b.ascend(b.hiddenBias(), bias(hidden, visible), nil, engine.Ascend{}, m)
	active := hidden.data
	if activities != positive.means {
		active = engine.NewMeans(activities)
	}
	blend := engine.Blend{Rate: m.blend}
	engine.Assign(visible.offset, engine.NewBlend(visible.offset, visible.data, visible.chains, blend))
	engine.Assign(hidden.offset, engine.NewBlend(hidden.offset, active, hidden.chains, blend))
}

// trainingGraph is one update by PCD-k, by FPCD-k (Tieleman and Hinton 2009) where the
// move is fast, by parallel tempering where the ladder has more than one level, by parallel
// trajectory tempering where its chains exchange with a reservoir, or by CD-k if there are
// no chains. Its products, and no others, may be reduced: likelihoods and samples are those
// of the weights.
func trainingGraph(b *builder, s source, l ladder, steps int, m move) *gorgonia.ExprGraph {
	b.reduced = true
	positive := b.positivePhase(s)
	var negative phase
	switch {
	case m.fast:
		negative = b.onFast().persistentPhase(l.chains, steps)
	case l.exchanges > 0:
		negative = b.trajectoryPhase(l, steps)
	case l.levels > 1:
		negative = b.temperedPhase(l, steps)
	case l.chains > 0:
		negative = b.persistentPhase(l.chains, steps)
	default:
		negative = b.contrastivePhase(positive, steps)
	}
	b.update(positive, negative, m)
	b.tick()
	return b.graph
}

// monitors are the results of a monitoring graph, one number a row; nil where the graph
// does not look.
type monitors struct {
	freeEnergy, pseudoLikelihood, reconstruction *gorgonia.Node // (B) float64
	means                                        *gorgonia.Node // (B,H)
	visible                                      *gorgonia.Node // (B,V) the rows
}

// nodes lists the results that there are.
func (m monitors) nodes() []*gorgonia.Node {
	var nodes []*gorgonia.Node
	for _, n := range []*gorgonia.Node{m.freeEnergy, m.pseudoLikelihood, m.reconstruction, m.means, m.visible} {
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// validationGraph looks at a batch of validation rows: at their free energies only.
func validationGraph(b *builder, s source) (*gorgonia.ExprGraph, monitors) {
	g, freeEnergy := freeEnergyGraph(b, s)
	return g, monitors{freeEnergy: freeEnergy}
}

// monitorGraph looks at a batch of rows: free energy, pseudo-likelihood, squared error
// of the mean reconstruction from sampled hidden units, and the hidden means.
func monitorGraph(b *builder, s source) (*gorgonia.ExprGraph, monitors) {
	v := b.data(s)
	z := b.hiddenField(v)
	p := engine.NewMean(z)
	h := b.sample(p, streamMonitor, 0)
	m := monitors{
		means:      p,
		freeEnergy: engine.NewFreeEnergy(v, b.visibleBias(), z),
		pseudoLikelihood: engine.NewPseudoLikelihood(v, z, b.weights(), b.visibleBias(), b.clock(),
			engine.PseudoLikelihood{Seed: b.seed, Stream: streamUnit}),
		reconstruction: engine.NewSquaredError(v, engine.NewMean(b.visibleField(h))),
	}
	b.tick()
	return b.graph, m
}

// freeEnergyGraph gives the free energies of a batch of rows.
func freeEnergyGraph(b *builder, s source) (g *gorgonia.ExprGraph, freeEnergy *gorgonia.Node) {
	v := b.data(s)
	freeEnergy = engine.NewFreeEnergy(v, b.visibleBias(), b.hiddenField(v))
	b.tick()
	return b.graph, freeEnergy
}

// featuresGraph gives the hidden means of a batch of rows.
func featuresGraph(b *builder, s source) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	p := b.positivePhase(s)
	b.tick()
	return b.graph, p.means
}

// chainGraph runs one Gibbs step v→h→v of chains that keep their visible states, and
// leaves the means that they were drawn with. Clamped chains hold the units that the
// pattern fixes.
func chainGraph(b *builder, rows int, clamped bool) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	variable := b.variable(varVisible, tensor.Float32, rows, b.visible)
	h := b.sample(engine.NewMean(b.hiddenField(variable)), streamSampleHidden, 0)
	means = engine.NewMean(b.visibleField(h))
	v := b.sample(means, streamSampleVisible, 0)
	if clamped {
		pattern := b.variable(varPattern, tensor.Float32, rows, b.visible)
		means, v = engine.NewClamp(means, pattern), engine.NewClamp(v, pattern)
	}
	engine.Assign(variable, v)
	b.tick()
	return b.graph, means
}

// annealing is what the graphs of annealed importance sampling share.
type annealing struct {
	*builder
	rows, betas int
}

func (a annealing) visibles() *gorgonia.Node {
	return a.variable(varVisible, tensor.Float32, a.rows, a.visible)
}

func (a annealing) schedule() *gorgonia.Node { return a.variable(varBetas, tensor.Float32, a.betas) }

func (a annealing) base() *gorgonia.Node { return a.variable(varBase, tensor.Float32, a.visible) }

// drawVisible draws visible units given hidden ones at the inverse temperature so many
// places ahead of the clock.
func (a annealing) drawVisible(h *gorgonia.Node, ahead int) *gorgonia.Node {
	p := engine.NewTemperedMean(a.visibleField(h), a.base(), a.schedule(), a.clock(), ahead)
	return a.sample(p, streamAnnealVisible, ahead)
}

// annealStartGraph draws the runs from the base model: the schedule begins at β = 0,
// where the hidden units do not matter.
func annealStartGraph(a annealing) *gorgonia.ExprGraph {
	h := a.variable(varChains, tensor.Float32, a.rows, a.hidden)
	engine.Assign(a.visibles(), a.drawVisible(h, 0))
	return a.graph
}

// annealStepGraph is one step of annealed importance sampling: it weights the states v
// for the next inverse temperature and then moves them by one Gibbs step v→h→v there
// (Salakhutdinov and Murray 2008, §4.1).
func annealStepGraph(a annealing) *gorgonia.ExprGraph {
	v := a.visibles()
	z := a.hiddenField(v)
	weights := a.variable(varLogWeights, tensor.Float64, a.rows)
	engine.Assign(weights, engine.NewLogWeight(weights, v, a.visibleBias(), a.base(), z, a.schedule(), a.clock()))
	noBase := a.variable(varNoBase, tensor.Float32, a.hidden)
	h := a.sample(engine.NewTemperedMean(z, noBase, a.schedule(), a.clock(), 1), streamAnnealHidden, 1)
	engine.Assign(v, a.drawVisible(h, 1))
	a.tick()
	return a.graph
}

// visibleOfChains draws visible states given the hidden ones of persistent chains: of
// their replicas at β = 1.
func visibleOfChains(b *builder, l ladder) (g *gorgonia.ExprGraph, v *gorgonia.Node) {
	rows := l.chains * l.levels
	h := b.variable(varChains, tensor.Float32, rows, b.hidden)
	if l.levels > 1 {
		h = engine.NewColdest(h, b.variable(varLevels, tensor.Float32, rows), engine.Coldest{Levels: l.levels})
	}
	return b.graph, b.sample(engine.NewMean(b.visibleField(h)), streamStart, 0)
}
