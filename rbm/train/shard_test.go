package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// The runs of shardedCases.
const (
	shardRows    = 24 // two batches of caseBatch rows and one of 4 in an epoch
	shardVisible = 9
)

// shardedCases are runs of two epochs with four shards, which have unequal numbers of rows (10 = 2+3+2+3)
// and chains (7 = 1+2+2+2): every algorithm but trajectory tempering, every optimizer, the plain and the
// centered gradient, every kind of hidden unit, and rows as bytes, floats, with weights, with holes and at every
// binarization. The cases "hidden KIND" have hidden units of that kind, the cases "couplings NAME" lateral
// couplings.
func shardedCases() map[string]trainingCase {
	all := trainingCases()
	cases := map[string]trainingCase{}
	for _, name := range []string{
		"pcd-3 center=true momentum=0.5 chains=7", "fpcd-1 center=false momentum=0 chains=0", "cd-3 center=true momentum=0.5 chains=0",
		"cd-1 center=false momentum=0 chains=0", "fpcd adam center=true", "pcd nesterov center=true", "pcd adam center=false",
		"pcd sgd sparse center=true", "cd adam sparse center=false", "weighted pcd center=true", "weighted cd center=false",
		"none bytes=false grey=false", "static bytes=true grey=true", "holes dynamic bytes=false", "holes threshold=0.3 bytes=true",
		"pt temperatures=2 center=true", "pt temperatures=3 center=false",
	} {
		tc, ok := all[name]
		if !ok {
			panic("there is no training case " + name)
		}
		tc.config.Shards, tc.config.Epochs = 4, 2
		cases[name] = tc
	}
	for kind, units := range rbmtest.UnitsOf(5) {
		tc := all["pcd-3 center=true momentum=0.5 chains=7"]
		tc.config.Shards, tc.config.Epochs, tc.config.HiddenUnits = 4, 2, units.String()
		cases["hidden "+kind] = tc
	}
	for name, hidden := range map[string]int{ // numbers of hidden units
		"cd-1 center=false momentum=0 chains=0": 5, "pt temperatures=2 center=true": 5,
		"fpcd-1 center=false momentum=0 chains=0": 0, "weighted pcd center=true": 0, "cd-3 center=true momentum=0.5 chains=0": 0,
	} {
		tc := cases[name]
		tc.config.Lateral, tc.config.Hidden, tc.config.SparsityTarget, tc.config.SparsityCost = true, hidden, 0, 0
		cases["couplings "+name] = tc
	}
	return cases
}

// TestShardedUpdates compares each update of a run with four shards with the update of a run without
// shards, from the same variables. Without tempering the chains of both have the same random numbers, so
// their states have the same bits. The other variables are rounded differently. Gradients are within three
// times updateBound: once for each run's order of summation, and once for the share that scales each term of
// the shards.
func TestShardedUpdates(t *testing.T) {
	for name, tc := range shardedCases() {
		if tc.config.Algorithm == "pt" {
			continue
		}
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
		got := newTestTrainer(t, tc.config, data, 2)
		tc.config.Shards = 0
		want := newTestTrainer(t, tc.config, data, 1)
		for !got.Done() {
			c := newComparison(t, want, tc, 3)
			trainTo(t, got, got.update+1)
			trainTo(t, want, want.update+1)
			c.updated(t, got, want)
			for _, v := range want.variables() {
				if !v.saved {
					continue
				}
				what := fmt.Sprintf("%s: update %d: %s", name, got.update, v.name)
				if v.name == graph.Chains || v.name == graph.Visible {
					rbmtest.CompareValues(t, what, wide(c.got[v.name]), wide(c.want[v.name]), rbmtest.Exactly)
				} else {
					c.check(t, what, v.name)
				}
				got.set(t, v.name, want.floats(t, v.name))
			}
		}
	}
}

// TestShardedGraphsAgree: two updates of a sharded graph have the same bits as a host plan and on
// Gorgonia's TapeMachine.
func TestShardedGraphsAgree(t *testing.T) {
	all := shardedCases()
	for _, name := range []string{
		"fpcd adam center=true", "weighted pcd center=true", "holes threshold=0.3 bytes=true", "pt temperatures=3 center=false",
		"hidden mixed", "couplings cd-1 center=false momentum=0 chains=0", "couplings pt temperatures=2 center=true",
	} {
		tc := all[name]
		data := &dataset.Set{Train: tc.rows(shardRows, shardVisible)}
		onPlan, onTape := newTestTrainer(t, tc.config, data, 2), newTestTrainer(t, tc.config, data, 1)
		tape, err := engine.NewTape(onTape.graph(onTape.source()), onTape.state)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := tape.Run(); err != nil {
				t.Fatal(err)
			}
			onTape.update++
			trainTo(t, onPlan, onTape.update)
			wantSameRun(t, fmt.Sprintf("%s: update %d", name, onTape.update), onPlan, onTape)
		}
	}
}

// TestTemperedShardsReachTheirModels: while the parameters stand still, the hidden states of sharded
// tempered chains have at every level the enumerated frequencies of the model at that inverse
// temperature, and the shards together count each exchange that was proposed once. The false-alarm rate
// is rbmtest.FalseAlarm for each of the three levels.
func TestTemperedShardsReachTheirModels(t *testing.T) {
	m := rbmtest.GibbsModels(t)[0]
	const chainCount, levels, updates = 1000, 3, 21
	c := Config{Algorithm: "pt", GibbsSteps: 1, Chains: chainCount, Temperatures: levels, BatchSize: 4, Updates: updates, Shards: 4}
	w := frozen(t, m, c, m.Visible.Rows(rbmtest.SomeRows(m, 4)))
	finish(t, w.Trainer)
	// The second half of the tally counts proposals by pair of neighbouring levels. The two pairs take
	// turns, one an update, so the first of 21 updates decides which pair has one round more.
	proposed := w.floats(t, graph.Tally)[levels-1:]
	if proposed[0]+proposed[1] != chainCount*updates || math.Abs(float64(proposed[0]-proposed[1])) != chainCount {
		t.Errorf("exchanges proposed by pair: %v, want %d in all, and a difference of %d", proposed, chainCount*updates, chainCount)
	}
	base, chains, betas := w.floats(t, graph.Base), w.floats(t, graph.Chains), w.floats(t, graph.Ladder)
	atLevel := make([][]float32, levels) // hidden states
	for n, level := range w.floats(t, graph.Levels) {
		atLevel[int(level)] = append(atLevel[int(level)], chains[n*m.Hidden.Len():(n+1)*m.Hidden.Len()]...)
	}
	for level, h := range atLevel {
		if got := len(h) / m.Hidden.Len(); got != chainCount {
			t.Fatalf("%d replicas at level %d, want %d", got, level, chainCount)
		}
		model := tempered(m, base, betas[level])
		p := rbmtest.HiddenAfter(model, rbmtest.VisibleProbabilities(t, model))
		rbmtest.ChiSquare(t, fmt.Sprintf("hidden at β=%v", betas[level]), rbmtest.CountStates(h, m.Hidden), p)
	}
}

// TestShardsAreResumed: a run with shards that is stopped, saved and resumed ends with the bits of one that
// is not stopped. The run without shards ends with others, so the shards were in use.
func TestShardsAreResumed(t *testing.T) {
	path := t.TempDir() + "/checkpoint.safetensors"
	for _, algorithm := range []string{"pcd", "pt", "ptt"} {
		c := pcdConfig()
		c.Algorithm, c.Shards, c.Hidden, c.BatchSize, c.Chains, c.Updates = algorithm, 4, 5, 10, 20, 7
		data := &dataset.Set{Train: rbmtest.RandomRows(shardRows, shardVisible, true, true)}
		want := newTestTrainer(t, c, data, 2)
		finish(t, want)
		stopped := newTestTrainer(t, c, data, 1)
		trainTo(t, stopped, 4)
		resumed := saveAndResume(t, path, stopped, data, nil)
		finish(t, resumed)
		wantSameRun(t, algorithm, resumed, want)
		c.Shards = 0
		other := newTestTrainer(t, c, data, 1)
		finish(t, other)
		if slices.Equal(other.floats(t, graph.Weights), want.floats(t, graph.Weights)) {
			t.Errorf("%s: runs with four shards and with one have the same weights, want different bits", algorithm)
		}
	}
}

// TestShardsAreChecked: a number of shards that is no power of two, or above the rows of a batch or the
// chains, is an error. In the second case it says which number fits.
func TestShardsAreChecked(t *testing.T) {
	data := &dataset.Set{Train: rbmtest.RandomRows(shardRows, shardVisible, true, true)}
	for _, tc := range []struct {
		shards, batch, chains int
		want                  string
	}{
		{3, 10, 10, "Shards is 3, want a power of two"},
		{-2, 10, 10, "Shards is -2, want a power of two"},
		{16, 10, 20, "Shards is 16, want at most 8, as a batch has 10 rows"},
		{8, 10, 20, "Shards is 8, want at most 4, as the last batch of an epoch has 4 rows"},
		{4, 10, 3, "Shards is 4, want at most 2, as there are 3 chains"},
	} {
		c := pcdConfig()
		c.Shards, c.BatchSize, c.Chains = tc.shards, tc.batch, tc.chains
		_, err := New(c, data, rbmtest.OpenDevice(t, 1))
		if field := (*FieldError)(nil); !errors.As(err, &field) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d shards: error %v, want %q", tc.shards, err, tc.want)
		}
	}
}

// TestTreeAddsPairs: the sum of eight terms is the binary tree of the definition, ((0+1)+(2+3)) +
// ((4+5)+(6+7)). Sums of these terms in index order, from the last term on, or in pairs four terms apart
// are 13, 13 and 12 in float32; the tree is 15 and the exact sum 13.
func TestTreeAddsPairs(t *testing.T) {
	g := gorgonia.NewGraph()
	d := rbmtest.OpenDevice(t, 1)
	s := engine.NewState(d)
	terms := []float32{1, -0x1p24, 1, 1, 2, 5, 3, 0x1p24}
	sum := tree(len(terms), func(i int) *gorgonia.Node {
		name := fmt.Sprint("x", i)
		if err := s.Define(name, terms[i:i+1], 1); err != nil {
			t.Fatal(err)
		}
		return gorgonia.NewTensor(g, gorgonia.Float32, 1, gorgonia.WithShape(1), gorgonia.WithName(name))
	})
	plan, err := engine.Compile(g, s, sum)
	if err == nil {
		err = plan.Run()
	}
	got := make([]float32, 1)
	if err == nil {
		err = plan.Read(sum, got)
	}
	if err != nil {
		t.Fatal(err)
	}
	x := terms
	if want := ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7])); got[0] != want {
		t.Errorf("got %v, want %v", got[0], want)
	}
}
