package train

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// The runs of trainingCases.
const (
	caseRows    = 23 // two batches of caseBatch rows and one of 3 in an epoch
	caseVisible = 9
	caseBatch   = 10
)

// testDevices returns the device of the host with two threads, "cpu", and the GPUs of this build, if any.
func testDevices(t *testing.T) map[string]engine.Device {
	t.Helper()
	devices := map[string]engine.Device{"cpu": rbmtest.OpenDevice(t, 2)}
	maps.Copy(devices, rbmtest.GPUs(t, "f32"))
	return devices
}

// set sets a float32 variable of a run.
func (t *Trainer) set(tb testing.TB, name string, x []float32) {
	tb.Helper()
	if err := t.state.Set(name, x); err != nil {
		tb.Fatal(err)
	}
}

// setModel sets the weights and the biases of a run, or the variables beside them whose names have the suffix.
func (t *Trainer) setModel(tb testing.TB, m *rbm.Model, suffix string) {
	tb.Helper()
	t.set(tb, graph.Weights+suffix, m.Weights)
	t.set(tb, graph.VisibleBias+suffix, m.Visible.Bias)
	t.set(tb, graph.HiddenBias+suffix, m.Hidden.Bias)
}

// values reads a variable of a run as float64.
func (t *Trainer) values(tb testing.TB, v variable) []float64 {
	tb.Helper()
	return rbmtest.Values(tb, t.state, v.name, v.dtype, v.shape)
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

// trainingCase is a training graph with its source.
type trainingCase struct {
	config                       Config
	grey, bytes, weighted, holes bool
	real                         bool // the rows are measurements
}

// heaviest bounds the weights of rows, divided by their mean.
const heaviest = 3

// rows returns random rows. Their weights, if they have some, are 0, 1, 2 and 3 in turn. With holes one in three cells
// is missing, except in the first column and in the first row.
func (tc trainingCase) rows(n, visible int) *dataset.Rows {
	if tc.real {
		return measurements(n)
	}
	rows := rbmtest.RandomRows(n, visible, tc.grey, tc.bytes)
	for k := range n {
		if tc.weighted {
			rows.Weights = append(rows.Weights, float32(k%4))
		}
	}
	if tc.holes {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		rows.Missing = make([]uint8, n*visible)
		for i := visible; i < len(rows.Missing); i++ {
			if i%visible > 0 && r.IntN(3) == 0 {
				rows.Missing[i] = 255
			}
		}
	}
	return rows
}

// factor bounds the factor of the gradient of a row: its weight, times 1 and the cost of the sparsity penalty, whose
// slope is at most the cost.
func (tc trainingCase) factor() float64 {
	factor := 1 + tc.config.SparsityCost
	if tc.weighted {
		factor *= heaviest
	}
	return factor
}

// trainingCases are the training graphs: every algorithm, gradient and source.
func trainingCases() map[string]trainingCase {
	type training = trainingCase
	cases := map[string]training{}
	base := Config{
		Hidden: 5, GibbsSteps: 1, BatchSize: caseBatch, Epochs: 3, LearningRate: 0.3, Schedule: "linear", Hold: 0.2,
		L1: 0.001, L2: 0.01, Binarize: "dynamic", Seed: 3,
	}
	for _, algorithm := range []string{"pcd", "fpcd", "cd"} {
		for _, center := range []bool{false, true} {
			for _, momentum := range []float64{0, 0.5} { // of the first epoch, and 0.8 of the others
				for _, steps := range []int{1, 3} {
					c := base
					c.Algorithm, c.Center, c.GibbsSteps = algorithm, center, steps
					c.Momentum, c.FinalMomentum, c.MomentumEpochs = momentum, 1.6*momentum, 1
					if algorithm != "cd" && steps == 3 { // else as many as a batch has rows, see the end
						c.Chains = 7
					}
					if algorithm == "fpcd" && steps == 1 { // else the learning rate
						c.FastRate = 0.4
					}
					name := fmt.Sprintf("%s-%d center=%v momentum=%v chains=%d", algorithm, steps, center, momentum, c.Chains)
					cases[name] = training{config: c, grey: true, bytes: true}
				}
			}
		}
	}
	for _, algorithm := range []string{"pcd", "fpcd"} {
		for _, center := range []bool{false, true} {
			c := base
			c.Algorithm, c.Center, c.Optimizer = algorithm, center, "adam"
			cases[fmt.Sprintf("%s adam center=%v", algorithm, center)] = training{config: c, grey: true, bytes: true}
			c.Optimizer, c.Momentum, c.FinalMomentum, c.MomentumEpochs = "nesterov", 0.5, 0.9, 1
			cases[fmt.Sprintf("%s nesterov center=%v", algorithm, center)] = training{config: c, grey: true, bytes: true}
		}
	}
	for _, temperatures := range []int{0, 2, 3} {
		for _, center := range []bool{false, true} {
			c := base
			c.Algorithm, c.Center, c.Temperatures = "pt", center, temperatures // 0: the default
			c.GibbsSteps, c.Chains = 1+temperatures/2, 3*temperatures
			cases[fmt.Sprintf("pt temperatures=%d center=%v", temperatures, center)] = training{config: c, grey: true, bytes: true}
		}
	}
	for _, algorithm := range []string{"cd", "pcd", "fpcd"} {
		for _, center := range []bool{false, true} {
			for _, optimizer := range []string{"sgd", "adam"} {
				c := base
				c.Algorithm, c.Center, c.Optimizer, c.SparsityTarget, c.SparsityCost = algorithm, center, optimizer, 0.1, 0.5
				cases[fmt.Sprintf("%s %s sparse center=%v", algorithm, optimizer, center)] = training{config: c, grey: true, bytes: true}
			}
		}
	}
	for _, binarize := range []string{"dynamic", "static", "threshold=0.3", "none"} {
		for _, bytes := range []bool{false, true} {
			for _, grey := range []bool{false, true} {
				c := base
				c.Algorithm, c.Center, c.Binarize = "pcd", true, binarize
				cases[fmt.Sprintf("%s bytes=%v grey=%v", binarize, bytes, grey)] = training{config: c, grey: grey, bytes: bytes}
			}
		}
	}
	for _, algorithm := range []string{"cd", "pcd"} {
		for _, center := range []bool{false, true} {
			c := base
			c.Algorithm, c.Center = algorithm, center
			if algorithm == "pcd" {
				c.Chains, c.SparsityTarget, c.SparsityCost = 7, 0.1, 0.5
			}
			cases[fmt.Sprintf("weighted %s center=%v", algorithm, center)] = training{config: c, grey: true, bytes: true, weighted: true}
		}
	}
	for binarize, bytes := range map[string]bool{"dynamic": false, "threshold=0.3": true} {
		c := base
		c.Algorithm, c.Center, c.Binarize, c.MissingSteps = "pcd", true, binarize, 2
		if bytes {
			c.Algorithm = "cd"
		}
		name := fmt.Sprintf("holes %s bytes=%v", binarize, bytes)
		cases[name] = training{config: c, grey: true, bytes: bytes, weighted: bytes, holes: true}
	}
	for i, groups := range lassoGroups {
		c := base
		c.Algorithm, c.Optimizer, c.Center = []string{"pcd", "fpcd", "cd"}[i], []string{"sgd", "nesterov", "adam"}[i], i != 1
		// The costs of the groups (chosen) shrink some of their weights to 0, and not all.
		c.L1b, c.GroupLasso, c.LassoGroups, c.BiasL2 = 0.7, []float64{0.02, 0.1, 0.05}[i], groups, 0.1
		if c.Optimizer == "nesterov" {
			c.Momentum, c.FinalMomentum, c.MomentumEpochs = 0.5, 0.9, 1
		}
		name := fmt.Sprintf("%s %s penalties, groups %s", c.Algorithm, c.Optimizer, groups)
		cases[name] = training{config: c, grey: true, bytes: true}
	}
	for name, tc := range cases {
		if tc.config.Algorithm != "cd" && tc.config.Chains == 0 {
			tc.config.Chains = tc.config.BatchSize
			cases[name] = tc
		}
	}
	return cases
}

// TestTrainingGraphAgrees runs Gorgonia's tape beside the plans over three epochs with a
// short last batch. All variables have the same bits after each update. Only where the
// model reads grey values as they are the products may round differently: there gradients are within
// twice updateBound, once for each run. Each update of the plan goes on from the tape's values.
func TestTrainingGraphAgrees(t *testing.T) {
	for name, tc := range trainingCases() {
		t.Run(name, func(t *testing.T) {
			data := &dataset.Set{Train: tc.rows(caseRows, caseVisible)}
			onPlan, onTape := newTestTrainer(t, tc.config, data, 1), newTestTrainer(t, tc.config, data, 1)
			src := onTape.source()
			tapes := map[int]*engine.Tape{}
			for _, size := range []int{caseBatch, caseRows % caseBatch} {
				src.Size = size
				tape, err := engine.NewTape(onTape.graph(src), onTape.state)
				if err != nil {
					t.Fatal(err)
				}
				tapes[size] = tape
			}
			for !onPlan.Done() {
				c := newComparison(t, onTape, tc, 2)
				size := caseBatch
				if onTape.update%onTape.perEpoch == onTape.perEpoch-1 {
					size = caseRows % caseBatch
				}
				if err := tapes[size].Run(); err != nil {
					t.Fatal(err)
				}
				onTape.update++
				if err := onPlan.makeUpdate(); err != nil {
					t.Fatal(err)
				}
				c.updated(t, onPlan, onTape)
				for _, v := range onPlan.variables() {
					what := fmt.Sprintf("update %d: %s", onPlan.update, v.name)
					if tc.grey && tc.config.Binarize == "none" && v.saved {
						c.check(t, what, v.name)
					} else {
						rbmtest.CompareValues(t, what, onPlan.values(t, v), onTape.values(t, v), rbmtest.Exactly)
					}
					if v.saved {
						onPlan.set(t, v.name, onTape.floats(t, v.name))
					}
				}
				if onPlan.update%onPlan.perEpoch == 0 {
					for _, trainer := range []*Trainer{onPlan, onTape} {
						if err := trainer.beginEpoch(); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			if onPlan.update != 9 {
				t.Errorf("got %d updates, want 9, in three epochs", onPlan.update)
			}
		})
	}
}

func newTestTrainer(t testing.TB, c Config, data *dataset.Set, threads int) *Trainer {
	t.Helper()
	trainer, err := New(c, data, rbmtest.OpenDevice(t, threads))
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

// TestOtherGraphsAgree holds the plans of the graphs beside the updates to Gorgonia's tape.
func TestOtherGraphsAgree(t *testing.T) {
	const visible, hidden, rows = 9, 6, 8
	m := rbmtest.RandomModel(t, visible, hidden, 1, 1)
	data := rbmtest.RandomRows(32, visible, true, true)
	src := graph.NewSource(data, dataset.Binarization{Mode: dataset.Static}, rows, 4)
	below := rbmtest.RandomModel(t, visible, hidden, 0.5, 1) // the frozen model
	exchanging := ladder{chains: rows, levels: 1, exchanges: rbmtest.GraphRuns}
	reservoir := make([]float32, exchanging.reservoir()*hidden)
	engine.Coins(reservoir, exchanging.reservoir(), nil, 3, graph.StreamReservoir)
	variables := map[string]any{
		graph.Chains: make([]float32, rows*hidden), graph.Acceptance: make([]float32, 1),
		graph.Reservoir: reservoir, graph.ReservoirOrder: exchanging.reservoirOrder(5, 0),

		graph.Weights + graph.SuffixFrozen:     below.Weights,
		graph.VisibleBias + graph.SuffixFrozen: below.Visible.Bias,
		graph.HiddenBias + graph.SuffixFrozen:  below.Hidden.Bias,
	}
	for name, build := range map[string]func(b *graph.Builder) []*gorgonia.Node{
		"monitor": func(b *graph.Builder) []*gorgonia.Node {
			_, m := monitorGraph(b, src)
			return m.nodes()
		},
		"validation": func(b *graph.Builder) []*gorgonia.Node {
			_, m := validationGraph(b, src)
			return m.nodes()
		},
		"energies with rows": func(b *graph.Builder) []*gorgonia.Node {
			_, m := massGraph(b, src)
			return m.nodes()
		},
		"chains beside a reservoir": func(b *graph.Builder) []*gorgonia.Node {
			p := builder{b}.trajectoryPhase(exchanging, 2)
			b.Tick()
			return []*gorgonia.Node{p.Visible, p.Means}
		},
		"Gibbs step of copies": func(b *graph.Builder) []*gorgonia.Node {
			_, means := stepGraph(b, rows)
			return []*gorgonia.Node{means}
		},
		"stage of a bridge": func(b *graph.Builder) []*gorgonia.Node {
			e := builder{b}.bridgeStage(rows)
			return e[:]
		},
		"Gibbs step with energies": func(b *graph.Builder) []*gorgonia.Node {
			_, freeEnergy := driftGraph(b, rows)
			return []*gorgonia.Node{freeEnergy}
		},
	} {
		rbmtest.CheckGraph(t, name, m, nil, data, rbmtest.GraphCase{Build: build, Variables: variables})
	}
	replicas := make([]float32, rows*hidden)
	for i := range replicas {
		replicas[i] = float32(i % 3 / 2) // each third hidden unit is on
	}
	for name, l := range map[string]ladder{
		"states of chains": {chains: rows, levels: 1}, "states of replicas": {chains: rows / 2, levels: 2},
	} {
		rbmtest.CheckGraph(t, name, m, nil, data, rbmtest.GraphCase{
			Build: func(b *graph.Builder) []*gorgonia.Node {
				_, v := visibleOfChains(b, l)
				return []*gorgonia.Node{v}
			},
			Variables: map[string]any{
				graph.Chains: replicas,
				graph.Levels: []float32{0, 1, 1, 0, 1, 0, 0, 1}, // replicas n and n+4 of chain n are at different levels
			},
		})
	}
}
