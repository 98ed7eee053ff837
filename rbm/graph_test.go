package rbm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
)

// openDevice returns a device that is closed when the test ends.
func openDevice(t testing.TB, threads int) engine.Device {
	t.Helper()
	d, err := engine.Open("cpu", threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// gamma is γ(k) = k·u/(1-k·u) of float32 (see kernels.Field).
func gamma(k int) float64 {
	const u = 0x1p-24
	return float64(k) * u / (1 - float64(k)*u)
}

// randomRows returns n rows of bytes or floats, grey ones or states. About a third of the states are on.
func randomRows(n, visible int, grey, bytes bool) *dataset.Rows {
	r := rand.New(rand.NewPCG(uint64(n), uint64(visible)))
	b := make([]uint8, n*visible)
	for i := range b {
		b[i] = uint8(r.IntN(256))
		if !grey {
			b[i] = uint8(255 * (r.IntN(3) % 2))
		}
	}
	if bytes {
		return &dataset.Rows{N: n, V: visible, Bytes: b}
	}
	rows := &dataset.Rows{N: n, V: visible, Floats: make([]float32, len(b))}
	for i, x := range b {
		rows.Floats[i] = float32(x) / 255
	}
	return rows
}

// values reads a variable as float64, which keeps different values apart.
func values(t testing.TB, s *engine.State, name string, of tensor.Dtype, shape []int) []float64 {
	t.Helper()
	size := volume(shape)
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

// floats reads a float32 variable of a run.
func (t *Trainer) floats(tb testing.TB, name string) []float32 {
	tb.Helper()
	for _, v := range t.variables() {
		if v.name == name {
			x := make([]float32, volume(v.shape))
			if err := t.state.Get(name, x); err != nil {
				tb.Fatal(err)
			}
			return x
		}
	}
	tb.Fatalf("there is no variable %s", name)
	return nil
}

// compareValues fails the test at the first element that is not within the tolerance.
func compareValues(t testing.TB, what string, got, want []float64, tolerance func(i int) float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance(i)) {
			t.Fatalf("%s: element %d: got %v, want %v ± %.3g", what, i, got[i], want[i], tolerance(i))
		}
	}
}

func equal(int) float64 { return 0 }

// updateBound bounds the error of one element of an update along the gradient of a
// batch of data and of chains, both from the same float32 parameters and visible
// values, where the parameter is x and was reached at this rate. A sparsity penalty makes
// the gradient, and its errors, larger by its cost: the rate then is that of both.
//
// A field is within γ(V+1)·S of the exact one, with S its bias and its weights in
// absolute value, and a mean within a quarter of that and 2⁻²¹: e. A bias is moved
// along sums over one layer of products that each hold one mean, and everything else
// is at most 1 in size, so that V + H + 4 such errors and the roundings of as many
// sums bound the gradient. The last roundings are those of the move itself.
func updateBound(m *Model, data, chains int, rate, x float64) float64 {
	var field float64
	for j := range m.Hidden {
		sum := math.Abs(float64(m.HiddenBias[j]))
		for i := range m.Visible {
			sum += math.Abs(float64(m.Weights[i*m.Hidden+j]))
		}
		field = max(field, gamma(m.Visible+1)*sum)
	}
	units := m.Visible + m.Hidden
	mean := field/4 + 0x1p-21
	return rate*float64(units+4)*(mean+gamma(data+chains+units+10)) + gamma(6)*(math.Abs(x)+rate)
}

// trainingCases are the training graphs: every algorithm, gradient and source.
func trainingCases() map[string]struct {
	config      Config
	grey, bytes bool
} {
	type training = struct {
		config      Config
		grey, bytes bool
	}
	cases := map[string]training{}
	base := Config{
		Hidden: 5, GibbsSteps: 1, BatchSize: 10, Epochs: 3, LearningRate: 0.3, Schedule: "linear", Hold: 0.2,
		L1: 0.001, L2: 0.01, Binarize: "dynamic", Seed: 3,
	}
	for _, algorithm := range []string{"pcd", "fpcd", "cd"} {
		for _, center := range []bool{false, true} {
			for _, momentum := range []float64{0, 0.5} {
				for _, steps := range []int{1, 3} {
					c := base
					c.Algorithm, c.Center, c.GibbsSteps = algorithm, center, steps
					c.Momentum, c.FinalMomentum, c.MomentumEpochs = momentum, 1.6*momentum, 1
					if algorithm != "cd" && steps == 3 {
						c.Chains = 7
					}
					if algorithm == "fpcd" && steps == 1 {
						c.FastRate = 0.4
					}
					name := fmt.Sprintf("%s-%d center=%v momentum=%v chains=%d", algorithm, steps, center, momentum, c.Chains)
					cases[name] = training{c, true, true}
				}
			}
		}
	}
	for _, algorithm := range []string{"pcd", "fpcd"} {
		for _, center := range []bool{false, true} {
			c := base
			c.Algorithm, c.Center, c.Optimizer = algorithm, center, "adam"
			cases[fmt.Sprintf("%s adam center=%v", algorithm, center)] = training{c, true, true}
			c.Optimizer, c.Momentum, c.FinalMomentum, c.MomentumEpochs = "nesterov", 0.5, 0.9, 1
			cases[fmt.Sprintf("%s nesterov center=%v", algorithm, center)] = training{c, true, true}
		}
	}
	for _, temperatures := range []int{0, 2, 3} {
		for _, center := range []bool{false, true} {
			c := base
			c.Algorithm, c.Center, c.Temperatures, c.GibbsSteps, c.Chains = "pt", center, temperatures, 1+temperatures/2, 3*temperatures
			cases[fmt.Sprintf("pt temperatures=%d center=%v", temperatures, center)] = training{c, true, true}
		}
	}
	for _, algorithm := range []string{"cd", "pcd", "fpcd"} {
		for _, center := range []bool{false, true} {
			for _, optimizer := range []string{"sgd", "adam"} {
				c := base
				c.Algorithm, c.Center, c.Optimizer, c.SparsityTarget, c.SparsityCost = algorithm, center, optimizer, 0.1, 0.5
				cases[fmt.Sprintf("%s %s sparse center=%v", algorithm, optimizer, center)] = training{c, true, true}
			}
		}
	}
	for _, binarize := range []string{"dynamic", "static", "threshold=0.3", "none"} {
		for _, bytes := range []bool{false, true} {
			for _, grey := range []bool{false, true} {
				c := base
				c.Algorithm, c.Center, c.Binarize = "pcd", true, binarize
				cases[fmt.Sprintf("%s bytes=%v grey=%v", binarize, bytes, grey)] = training{c, grey, bytes}
			}
		}
	}
	return cases
}

// TestTrainingGraphAgrees runs Gorgonia's tape beside the plans over three epochs with a
// short last batch. All variables have the same bits after each update. Only where the
// model reads grey values as they are the products may round differently: there each
// update is compared within its bound, and the plan goes on from the tape's values.
func TestTrainingGraphAgrees(t *testing.T) {
	for name, tc := range trainingCases() {
		t.Run(name, func(t *testing.T) {
			data := &dataset.Set{Train: randomRows(23, 9, tc.grey, tc.bytes)}
			onPlan, onTape := newTestTrainer(t, tc.config, data, 2), newTestTrainer(t, tc.config, data, 1)
			src := newSource(data.Train, onTape.binarize, onTape.batch, tc.config.Seed)
			tapes := map[int]*engine.Tape{}
			for _, size := range []int{10, 3} {
				src.size = size
				tape, err := engine.NewTape(onTape.graph(src), onTape.state)
				if err != nil {
					t.Fatal(err)
				}
				tapes[size] = tape
			}
			for !onPlan.Done() {
				old, err := onTape.Model()
				if err != nil {
					t.Fatal(err)
				}
				size := 10
				if onTape.update%3 == 2 {
					size = 3
				}
				if err := tapes[size].Run(); err != nil {
					t.Fatal(err)
				}
				onTape.update++
				if err := onPlan.makeUpdate(); err != nil {
					t.Fatal(err)
				}
				for _, v := range onPlan.variables() {
					got, want := values(t, onPlan.state, v.name, v.of, v.shape), values(t, onTape.state, v.name, v.of, v.shape)
					tolerance := equal
					if tc.grey && tc.config.Binarize == "none" && v.saved {
						tolerance = func(i int) float64 { return 2 * updateBound(old, 10, 10, 0.3*(1+tc.config.SparsityCost), want[i]) }
					}
					compareValues(t, fmt.Sprintf("update %d: %s", onPlan.update, v.name), got, want, tolerance)
					if v.saved {
						if err := onPlan.state.Set(v.name, onTape.floats(t, v.name)); err != nil {
							t.Fatal(err)
						}
					}
				}
				if onPlan.update%3 == 0 {
					for _, trainer := range []*Trainer{onPlan, onTape} {
						if err := trainer.beginEpoch(); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			if got, want := onPlan.update, 9; got != want {
				t.Errorf("got %d updates, want %d", got, want)
			}
		})
	}
}

func newTestTrainer(t testing.TB, c Config, data *dataset.Set, threads int) *Trainer {
	t.Helper()
	trainer, err := NewTrainer(c, data, openDevice(t, threads))
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

// graphCase is a graph other than those of training, with the variables that it wants
// beside the parameters and the clock.
type graphCase struct {
	build     func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node)
	variables map[string][]float32
	double    string // name of a float64 variable of one value a row
}

// TestOtherGraphsAgree compares results and variables over four runs: to the bit on the
// host, within their bounds on a GPU.
func TestOtherGraphsAgree(t *testing.T) {
	const visible, hidden, rows = 9, 6, 8
	m := randomModel(t, visible, hidden, 1, 1)
	data := randomRows(32, visible, true, true)
	src := newSource(data, dataset.Binarization{Mode: dataset.Static}, rows, 4)
	pattern := make([]float32, rows*visible)
	for i := range pattern {
		pattern[i] = [3]float32{float32(math.NaN()), 0, 1}[i%3]
	}
	start := RandomVisible(m, rows, 2)
	base := baseBiases(offsets(visible, 1), 100)
	anneal := map[string][]float32{
		varVisible: start, varBase: base, varNoBase: make([]float32, hidden), varBetas: {0, 0.2, 0.5, 0.7, 1},
		varChains: make([]float32, rows*hidden),
	}
	other := randomModel(t, visible, hidden, 0.5, 1)
	exchanging := ladder{chains: rows, levels: 1, exchanges: otherRuns}
	reservoir := make([]float32, exchanging.reservoir()*hidden)
	engine.Coins(reservoir, exchanging.reservoir(), 3, streamReservoir)
	row := map[string][]float32{
		varChains: make([]float32, rows*hidden), varAcceptance: make([]float32, 1),
		varReservoir:              reservoir,
		varWeights + suffixFrozen: other.Weights, varVisibleBias + suffixFrozen: other.VisibleBias, varHiddenBias + suffixFrozen: other.HiddenBias,
	}
	replicas := make([]float32, rows*hidden)
	for i := range replicas {
		replicas[i] = float32(i % 3 / 2)
	}
	nodes := func(g *gorgonia.ExprGraph, n ...*gorgonia.Node) (*gorgonia.ExprGraph, []*gorgonia.Node) { return g, n }
	for name, tc := range map[string]graphCase{
		"monitor": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, m := monitorGraph(b, src)
			return nodes(g, m.freeEnergy, m.pseudoLikelihood, m.reconstruction, m.means)
		}},
		"free energy": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := freeEnergyGraph(b, src)
			return nodes(g, n)
		}},
		"features": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := featuresGraph(b, src)
			return nodes(g, n)
		}},
		"chains": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := chainGraph(b, rows, false)
			return nodes(g, n)
		}, variables: map[string][]float32{varVisible: start}},
		"clamped chains": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := chainGraph(b, rows, true)
			return nodes(g, n)
		}, variables: map[string][]float32{varVisible: start, varPattern: pattern}},
		"states of chains": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := visibleOfChains(b, ladder{chains: rows, levels: 1})
			return nodes(g, n)
		}, variables: map[string][]float32{varChains: replicas}},
		"states of replicas": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := visibleOfChains(b, ladder{chains: rows / 2, levels: 2})
			return nodes(g, n)
		}, variables: map[string][]float32{varChains: replicas, varLevels: {0, 1, 1, 0, 1, 0, 0, 1}}},
		"chains beside a reservoir": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			p := trainBuilder{b}.trajectoryPhase(exchanging, 2)
			b.tick()
			return nodes(b.graph, p.visible, p.means)
		}, variables: row},
		"Gibbs step of copies": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := stepGraph(b, rows)
			return nodes(g, n)
		}, variables: map[string][]float32{varChains: make([]float32, rows*hidden)}},
		"energies of two models": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, e := overlapGraph(trainBuilder{b}, exchanging.reservoir(), rows)
			return nodes(g, e[:]...)
		}, variables: row},
		"Gibbs step with energies": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, n := driftGraph(b, rows)
			return nodes(g, n)
		}, variables: map[string][]float32{varChains: make([]float32, rows*hidden)}},
		"energies with rows": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			g, m := massGraph(b, src)
			return nodes(g, m.freeEnergy, m.visible)
		}},
		"start of an annealing": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			return nodes(annealStartGraph(annealing{b, rows, 5}))
		}, variables: anneal},
		"step of an annealing": {build: func(b *builder) (*gorgonia.ExprGraph, []*gorgonia.Node) {
			return nodes(annealStepGraph(annealing{b, rows, 5}))
		}, variables: anneal, double: varLogWeights},
	} {
		for threads := 1; threads <= 3; threads++ {
			t.Run(fmt.Sprintf("%s, %d threads", name, threads), func(t *testing.T) {
				testGraph(t, m, data, tc, rows, openDevice(t, threads), func(tensor.Dtype) float64 { return 0 })
			})
		}
		for _, device := range gpus(t, "f32") {
			t.Run(name+" on a GPU", func(t *testing.T) {
				value, sum := otherBound(m, base, otherRuns)
				testGraph(t, m, data, tc, rows, device, func(of tensor.Dtype) float64 {
					return map[tensor.Dtype]float64{tensor.Float32: value, tensor.Float64: sum}[of]
				})
			})
		}
	}
}

// otherRuns is how often testGraph runs a graph.
const otherRuns = 4

// testGraph holds a plan to the tape, with a tolerance for each element type.
func testGraph(t *testing.T, m *Model, data *dataset.Rows, tc graphCase, rows int, device engine.Device, tolerance func(tensor.Dtype) float64) {
	b := newBuilder(m.Visible, m.Hidden, 5)
	graph, keep := tc.build(b)
	state := func() *engine.State {
		s, err := newModelState(device, m)
		check := func(e error) {
			if err == nil {
				err = e
			}
		}
		check(loadData(s, data))
		check(s.Add(varOrder, tensor.Int32, data.N))
		check(s.Set(varOrder, inOrder(data.N)))
		if n, ok := b.variables[varReservoirOrder]; ok {
			check(s.Add(varReservoirOrder, tensor.Int32, n.Shape()...))
			check(s.Set(varReservoirOrder, ladder{chains: rows, exchanges: otherRuns}.reservoirOrder(5, 0)))
		}
		for name, x := range tc.variables {
			if n, ok := b.variables[name]; ok {
				check(s.Add(name, tensor.Float32, n.Shape()...))
				check(s.Set(name, x))
			}
		}
		if tc.double != "" {
			check(s.Add(tc.double, tensor.Float64, rows))
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	onTape, onPlan := state(), state()
	tape, err := engine.NewTape(graph, onTape)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile(graph, onPlan, keep...)
	if err != nil {
		t.Fatal(err)
	}
	within := func(n *gorgonia.Node) func(int) float64 {
		return func(int) float64 { return tolerance(n.Dtype()) }
	}
	for run := range otherRuns {
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
		for _, n := range keep {
			got, want := readNode(t, plan, n), readNode(t, tape, n)
			compareValues(t, fmt.Sprintf("run %d: %v", run, n.Op()), got, want, within(n))
		}
		for name, n := range b.variables {
			if name == varData || name == varPattern {
				continue
			}
			got, want := values(t, onPlan, name, n.Dtype(), n.Shape()), values(t, onTape, name, n.Dtype(), n.Shape())
			compareValues(t, fmt.Sprintf("run %d: %s", run, name), got, want, within(n))
		}
	}
}

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

// TestFieldsOfASweepAreComputedAnew: roundings of fields that follow from each other do not
// add up over more than anewEvery steps.
func TestFieldsOfASweepAreComputedAnew(t *testing.T) {
	const steps = 2*anewEvery + 6
	b := newBuilder(3, 2, 1)
	trainBuilder{b}.persistentPhase(4, steps)
	var anew, followed int
	for _, n := range b.graph.AllNodes() {
		if op, ok := n.Op().(engine.Op); ok {
			switch op.Body.(type) {
			case engine.Field:
				anew++
			case engine.ChangedField:
				followed++
			}
		}
	}
	if want := 2 * 3; anew != want || anew+followed != 2*steps {
		t.Errorf("of %d fields %d are computed anew, want %d of %d", anew+followed, anew, want, 2*steps)
	}
}
