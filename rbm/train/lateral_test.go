package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// lateralConfig is a run of two updates with couplings, each on all rows.
func lateralConfig(units string, hidden int) Config {
	return Config{
		Hidden: hidden, Lateral: true, VisibleUnits: units, Algorithm: "pcd", GibbsSteps: 2, Chains: 8, BatchSize: 100, Updates: 2,
		LearningRate: 0.5, Schedule: "constant", Center: true, L2: 0.01, Binarize: "none", Seed: 4,
	}
}

// lateralRows returns rows of states for units of 6 columns, as probabilities of the upper state.
func lateralRows(t *testing.T, units string) *dataset.Rows {
	u, err := engine.ParseUnits(units, 6)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rbm.NewModelOf(u, nil, 6, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m.Visible.Rows(rbmtest.SomeRows(m, 9))
}

// TestLateralUpdate compares two updates by pcd with the formulas in float64, given the visible states of
// the chains after each: the gradient of the couplings is the difference of the means of pairs, centered or not, with
// decay, and the couplings stay symmetric to the bit and 0 within a unit. The gradient in float32 is within twice
// updateBound: once for the order of summation, and once for the share that scales each term of a shard.
func TestLateralUpdate(t *testing.T) {
	for _, units := range []string{"bernoulli", "spin", "categorical/3", "spin:2,categorical/2:1,bernoulli:2"} {
		rows := lateralRows(t, units)
		for _, hidden := range []int{0, 4} {
			for _, center := range []bool{false, true} {
				c := lateralConfig(units, hidden)
				if c.Center = center; hidden > 0 {
					c.Shards = 4
				}
				trainer := newTestTrainer(t, c, &dataset.Set{Train: rows}, 1)
				for range 2 {
					before, err := trainer.Model()
					if err != nil {
						t.Fatal(err)
					}
					mu, lambda := trainer.floats(t, graph.VisibleOffset), trainer.floats(t, graph.HiddenOffset)
					if err := trainer.Train(context.Background(), 1); err != nil {
						t.Fatal(err)
					}
					chains, err := trainer.Chains()
					if err != nil {
						t.Fatal(err)
					}
					now, err := trainer.Model()
					if err != nil {
						t.Fatal(err)
					}
					g, ofChains := before.PositivePhase(statesOfRows(before, rows)), before.PositivePhase(chains)
					g.Weights, g.Lateral = differences(g.Weights, ofChains.Weights), differences(g.Lateral, ofChains.Lateral)
					g.VisibleBias = differences(g.VisibleBias, ofChains.VisibleBias)
					g.HiddenBias = differences(g.HiddenBias, ofChains.HiddenBias)
					if center {
						g = g.Centered(mu, lambda)
					}
					name := fmt.Sprintf("%s, %d hidden, centered %v", units, hidden, center)
					moved := func(what string, now, old []float32, g []float64, l2 float64) {
						for i, x := range old {
							want := float64(x) + c.LearningRate*(g[i]-l2*float64(x))
							bound := 2 * updateBound(before, rows.N, c.Chains, c.LearningRate, float64(x))
							rbmtest.Near(t, fmt.Sprint(name, ": ", what, i), float64(now[i]), want, bound)
						}
					}
					moved("L", now.Lateral, before.Lateral, g.Lateral, c.L2)
					moved("W", now.Weights, before.Weights, g.Weights, c.L2)
					moved("a", now.Visible.Bias, before.Visible.Bias, g.VisibleBias, 0)
					moved("b", now.Hidden.Bias, before.Hidden.Bias, g.HiddenBias, 0)
					if _, err := now.Tensors(); err != nil { // unless the couplings are symmetric, and 0 within a unit
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		}
	}
}

// statesOfRows returns the states of rows of probabilities 0 and 1.
func statesOfRows(m *rbm.Model, rows *dataset.Rows) []float32 {
	states := slices.Clone(rows.Floats)
	for i, x := range states {
		k := m.Visible.Units.Of(i % m.Visible.Len())
		states[i] = k.Low() + x*(k.High()-k.Low())
	}
	return states
}

// TestLateralRunsAgree: a run by each algorithm has the same bits on two threads, saved and resumed after 31 of 60
// updates, as on one thread. Two columns agree in all rows, which independent units cannot have: the model gains more
// than 0.3 of the ln 2 = 0.69 nats of this (chosen).
func TestLateralRunsAgree(t *testing.T) {
	const units = "bernoulli:3,categorical/3:1"
	rows := lateralRows(t, units)
	for n := range rows.N {
		rows.Floats[6*n+1] = rows.Floats[6*n]
	}
	for _, algorithm := range []string{"pcd", "cd", "fpcd", "pt"} {
		for _, hidden := range []int{0, 2} {
			name := fmt.Sprintf("%s, %d hidden", algorithm, hidden)
			c := lateralConfig(units, hidden)
			c.Algorithm, c.BatchSize, c.Updates = algorithm, 4, 60
			c.Optimizer, c.Momentum, c.FinalMomentum, c.LearningRate = "sgd", 0.5, 0.5, 0.2
			if algorithm == "cd" { // and Adam, which has no momentum of the configuration
				c.Chains, c.Optimizer, c.Momentum, c.FinalMomentum, c.LearningRate = 0, "adam", 0, 0, 0.02
			}
			data := &dataset.Set{Train: rows}
			var want *rbm.Model
			for threads := 1; threads <= 2; threads++ {
				trainer := newTestTrainer(t, c, data, threads)
				path := filepath.Join(t.TempDir(), "c")
				trainTo(t, trainer, 31)
				if threads == 2 {
					trainer = saved(t, trainer, path, data)
				}
				finish(t, trainer)
				m := modelOf(t, trainer)
				if want == nil {
					want = m
					independent := rbm.BaseLayer(m.Visible.Units, m.BaseRates, nil, rows.N)
					states, gain := statesOfRows(m, rows), 0.0
					logZ := rbmtest.LogPartition(t, m)
					for v := range slices.Chunk(states, 6) {
						gain += m.LogMarginalVisible(v, logZ) - independent.LogProbabilityKnown(v)
					}
					if gain <= 0.3*float64(rows.N) {
						t.Errorf("%s: the model gains %v nats a row over independent units, want above 0.3", name, gain/float64(rows.N))
					}
				}
				if !slices.Equal(m.Lateral, want.Lateral) || !sameParameters(m, want) {
					t.Errorf("%s: two threads and a resumed run give another model than one thread", name)
				}
				if threads == 2 {
					if _, err := trainer.Metrics(); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					if o, err := trainer.Estimate(context.Background()); err != nil || math.IsNaN(o.LogLikelihoodTrain) {
						t.Errorf("%s: %+v, %v", name, o, err)
					}
				}
			}
		}
	}
}

// saved returns a run after it was saved and resumed. Unless the algorithm is cd, the checkpoint has the means of three
// chains, of 6 columns each.
func saved(t *testing.T, trainer *Trainer, path string, data *dataset.Set) *Trainer {
	if err := trainer.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	c, err := LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := c.Resume(data, trainer.state.Device())
	if err != nil {
		t.Fatal(err)
	}
	if trainer.config.Algorithm != "cd" {
		if _, means, err := c.ChainMeans(3); err != nil || len(means) != 18 {
			t.Errorf("3 chains have the means %v, error %v, want 18 numbers", means, err)
		}
	}
	return resumed
}

// TestLateralRefuses: what couplings cannot have is an error that names the field and the reason.
func TestLateralRefuses(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"as the samples of ptt are hidden states":      func(c *Config) { c.Algorithm, c.Chains = "ptt", 8 },
		"HiddenUnits is spin, want none without":       func(c *Config) { c.HiddenUnits = "spin" },
		"SparsityTarget is 0.1, want 0 without hidden": func(c *Config) { c.SparsityTarget = 0.1 },
		"InitialDeviation is 0.1, want 0 without":      func(c *Config) { c.InitialDeviation = 0.1 },
		"L1b is 0.1, want 0 without hidden units":      func(c *Config) { c.L1b = 0.1 },
		"GroupLasso is 0.1, want 0 without hidden":     func(c *Config) { c.GroupLasso = 0.1 },
	} {
		c := lateralConfig("bernoulli", 0)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestLateralFrom: a run begins with the couplings of a model.
func TestLateralFrom(t *testing.T) {
	m := rbmtest.Coupled(rbmtest.RandomModel(t, 6, 2, 1, 1), 1)
	c := lateralConfig("", 0)
	c.Lateral = false
	trainer, err := NewFrom(c, m, &dataset.Set{Train: lateralRows(t, "bernoulli")}, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Lateral, m.Lateral) || !slices.Equal(got.Weights, m.Weights) {
		t.Errorf("the run begins with the couplings %v and the weights %v, want %v and %v", got.Lateral, got.Weights, m.Lateral, m.Weights)
	}
}

// TestLateralGraphsAgree holds the plans of an update and of the monitors of models with couplings to Gorgonia's
// tape.
func TestLateralGraphsAgree(t *testing.T) {
	const rows = 4
	for name, m := range rbmtest.SomeCoupledModels(t, 6, 3, 1) {
		if m.Hidden.Len() == 0 {
			// Gorgonia has no tensors without elements: TestLateralUpdate and TestPairwiseOnGPU hold these plans to
			// formulas and to each other.
			continue
		}
		data := m.Visible.Rows(rbmtest.SomeRows(m, 4*rows))
		src := graph.NewSource(data, dataset.Binarization{}, rows, 4)
		visible, hidden := m.Visible.Len(), m.Hidden.Len()
		states := func(n int) []float32 {
			x := make([]float32, n*visible)
			engine.Coins(x, n, m.Visible.Units, 3, graph.StreamChains)
			return x
		}
		zeros := func(n int) []float32 { return make([]float32, n) }
		variables := map[string]any{
			graph.Visible:       states(rows),
			graph.VisibleOffset: rbmtest.Offsets(visible, 1), graph.HiddenOffset: rbmtest.Offsets(hidden, 2),
			graph.Rates:  slices.Repeat([]float32{0.125, 0}, rbmtest.GraphRuns), // learning rate and momentum
			graph.Levels: []float32{0, 1, 1, 0}, graph.Ladder: []float32{1, 0.5},
			graph.Tally: zeros(2), graph.Trips: zeros(rows), graph.Base: zeros(visible), graph.NoBase: zeros(hidden),
		}
		update := move{
			updates: rbmtest.GraphRuns, weightPenalties: penalties{l2: 0.5}, center: true, blend: 0.25,
		}
		for algorithm, l := range map[string]ladder{
			"cd": {levels: 1}, "pcd": {chains: rows, levels: 1}, "pt": {chains: rows / 2, levels: 2},
		} {
			rbmtest.CheckGraph(t, fmt.Sprintf("%s, %s", name, algorithm), m, nil, data, rbmtest.GraphCase{
				Build: func(b *graph.Builder) []*gorgonia.Node {
					trainingGraph(builder{b}, src, l, 2, update)
					return nil
				},
				Variables: variables,
			})
		}
		rbmtest.CheckGraph(t, name+", monitors", m, nil, data, rbmtest.GraphCase{
			Build: func(b *graph.Builder) []*gorgonia.Node {
				_, results := monitorGraph(b, src)
				return results.nodes()
			},
		})
	}
}

// TestPairwiseOnGPU: a GPU trains the same pairwise model as the host. Fields are sums of at most seven terms below
// 8 in all, so that they and a gradient differ by less than 2·γ(7)·8 = 7e-6 < 1e-5. With the fixed seed no random number
// is that near a probability.
func TestPairwiseOnGPU(t *testing.T) {
	for _, device := range rbmtest.GPUs(t, "f32") {
		for _, units := range []string{"spin", "categorical/3"} {
			for _, algorithm := range []string{"pcd", "cd", "pt"} {
				c := lateralConfig(units, 0)
				if c.Algorithm, c.Updates = algorithm, 3; algorithm == "cd" {
					c.Chains = 0
				}
				data := &dataset.Set{Train: lateralRows(t, units)}
				var models []*rbm.Model
				for _, d := range []engine.Device{device, rbmtest.OpenDevice(t, 1)} {
					trainer, err := New(c, data, d)
					if err == nil {
						err = trainer.Train(context.Background(), 3)
					}
					if err != nil {
						t.Fatal(err)
					}
					if _, err := trainer.Metrics(); err != nil {
						t.Fatal(err)
					}
					m, err := trainer.Model()
					if err != nil {
						t.Fatal(err)
					}
					models = append(models, m)
				}
				for i, want := range models[1].Lateral {
					what := fmt.Sprintf("%s, %s, coupling %d", units, algorithm, i)
					rbmtest.Near(t, what, float64(models[0].Lateral[i]), float64(want), 1e-5)
				}
			}
		}
	}
}
