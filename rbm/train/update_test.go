package train

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
)

// gradientOperands returns the nodes of the visible states of data and chains from which a training graph computes
// its gradient.
func gradientOperands(t *testing.T, g *gorgonia.ExprGraph) (data, chains *gorgonia.Node) {
	t.Helper()
	for _, n := range g.AllNodes() {
		op, ok := n.Op().(engine.Op)
		if !ok {
			continue
		}
		if _, ok := op.Body.(engine.Gradient); ok {
			var operands []*gorgonia.Node
			for it := g.From(n.ID()); it.Next(); {
				operands = append(operands, it.Node().(*gorgonia.Node))
			}
			return operands[0], operands[2] // see engine.NewGradient
		}
	}
	t.Fatal("the graph has no gradient")
	return nil, nil
}

// watched is a run whose plans keep the visible states of both phases.
type watched struct {
	*Trainer
	data, chains map[*engine.Plan]*gorgonia.Node
}

func newWatched(t *testing.T, c Config, data *dataset.Set) *watched {
	t.Helper()
	w := &watched{newTestTrainer(t, c, data, 1), map[*engine.Plan]*gorgonia.Node{}, map[*engine.Plan]*gorgonia.Node{}}
	w.watch(t)
	return w
}

// watch makes the plans of the run as it is now.
func (w *watched) watch(t *testing.T) {
	t.Helper()
	src := w.source()
	compile := func(size int) *engine.Plan {
		src.Size = size
		g := w.graph(src)
		v, vm := gradientOperands(t, g)
		plan, err := engine.Compile(g, w.state, v, vm)
		if err != nil {
			t.Fatal(err)
		}
		w.data[plan], w.chains[plan] = v, vm
		return plan
	}
	w.full = compile(w.batch)
	if w.short != nil {
		w.short = compile(w.Trainer.data.Train.N % w.batch)
	}
}

// phases returns the visible states of the last update's data and chains.
func (w *watched) phases(t *testing.T) (data, chains []float32) {
	t.Helper()
	plan := w.full
	if w.short != nil && w.update%w.perEpoch == 0 {
		plan = w.short
	}
	read := func(n *gorgonia.Node) []float32 {
		x := make([]float32, n.Shape().TotalSize())
		if err := plan.Read(n, x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	return read(w.data[plan]), read(w.chains[plan])
}

// difference returns g - o, without the gradient of couplings.
func difference(g, o *rbm.Gradient) *rbm.Gradient {
	return &rbm.Gradient{
		Weights: differences(g.Weights, o.Weights), VisibleBias: differences(g.VisibleBias, o.VisibleBias),
		HiddenBias: differences(g.HiddenBias, o.HiddenBias),
	}
}

// TestUpdateIsTheFormula runs every training graph over three epochs and compares each update
// with the formulas in float64, given the final states of both phases:
//
//   - The gradient is over all rows of the batch, also of a short one. A row with a weight counts as
//     often as its weight, divided by the mean weight of all rows, says. A chain that begins at a row
//     has its weight, and persistent chains have the mean weight of the batch.
//   - The chains' hidden units enter as their means given the chains' last visible states.
//   - The weights decay by L1, L2 and L1b, and the biases by BiasL2. After each update, groups of
//     weights shrink. Rate and momentum depend on the update's place in the run.
//   - With fast parameters, the chains' means are computed from the sums of both parameters.
//     A fast parameter keeps 19/20 of its value and moves along the gradient without decay.
//   - The offsets move by a hundredth of their distance to the average of both phases' means.
//   - With a sparsity target, the moving means of the hidden units take a tenth of the new
//     means. Their difference from the target, times the cost, is subtracted from the means of
//     the data's hidden units.
func TestUpdateIsTheFormula(t *testing.T) {
	for name, tc := range trainingCases() {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t, tc.config, &dataset.Set{Train: tc.rows(caseRows, caseVisible)})
			for !w.Done() {
				testUpdate(t, w, tc)
				if w.update%w.perEpoch == 0 {
					if err := w.beginEpoch(); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// formula holds what an update of a run is compared with, see [TestUpdateIsTheFormula].
type formula struct {
	run          *watched
	tc           trainingCase
	old          map[string][]float32 // saved variables before the update
	model, sums  *rbm.Model           // before the update: the model, and its sum with the fast parameters, if any
	data, chains int                  // numbers of rows and of chains
	rate, rho    float64              // learning rate and momentum
}

// testUpdate makes an update and compares it with the formulas.
func testUpdate(t *testing.T, w *watched, tc trainingCase) {
	c := w.config
	m, err := w.Model()
	if err != nil {
		t.Fatal(err)
	}
	f := &formula{run: w, tc: tc, old: w.savedFloats(t), model: m, rho: c.momentum(w.epoch())}
	f.sums = onFast(m, f.old)
	_, total := w.Updates()
	f.rate = c.rate(w.update, total)
	if err := w.makeUpdate(); err != nil {
		t.Fatal(err)
	}
	v, vm := w.phases(t)
	f.data, f.chains = len(v)/m.Visible.Len(), len(vm)/m.Visible.Len()
	want := caseBatch
	if w.update%w.perEpoch == 0 {
		want = caseRows % caseBatch
	}
	if f.data != want {
		t.Fatalf("update %d has a batch of %d rows, want %d", w.update, f.data, want)
	}
	ofData, ofChains, meanFactor := w.factors(f.data, f.chains)
	g := f.gradient(t, phaseOf(m, v, ofData), phaseOf(f.sums, vm, ofChains), meanFactor)
	f.testParameter(t, graph.Weights, g.Weights, c.L1, c.L2)
	f.testParameter(t, graph.VisibleBias, g.VisibleBias, 0, c.BiasL2)
	f.testParameter(t, graph.HiddenBias, g.HiddenBias, 0, c.BiasL2)
	if c.Center {
		testOffsets(t, w, f.old, phaseOf(m, v, ofData), phaseOf(f.sums, vm, ofChains), f.bound(offsetRate, 1))
	}
	if t.Failed() {
		t.FailNow()
	}
}

// bound bounds the error of a move along the gradient at a rate, of a parameter that is x.
func (f *formula) bound(rate, x float64) float64 {
	rate *= f.tc.factor()
	return max(updateBound(f.model, f.data, f.chains, rate, x), updateBound(f.sums, f.data, f.chains, rate, x))
}

// gradient returns the gradient of the two phases, with the sparsity penalty, whose moving means it checks.
func (f *formula) gradient(t *testing.T, positive, negative *rbm.Gradient, meanFactor float64) *rbm.Gradient {
	c := f.run.config
	if target := c.SparsityTarget; target > 0 {
		activity := testActivity(t, f.run, f.model, f.old[graph.Activity], positive.HiddenBias)
		for j, q := range activity {
			slope := c.SparsityCost * (q - target)
			positive.HiddenBias[j] -= slope * meanFactor
			for i, mean := range positive.VisibleBias {
				positive.Weights[i*f.model.Hidden.Len()+j] -= slope * mean
			}
		}
	}
	g := difference(positive, negative)
	if c.Center {
		g = g.Centered(f.old[graph.VisibleOffset], f.old[graph.HiddenOffset])
	}
	return g
}

// testParameter compares a parameter, the optimizer's variables beside it and its fast parameter, if any.
func (f *formula) testParameter(t *testing.T, name string, gradient []float64, l1, l2 float64) {
	w, c := f.run, f.run.config
	now := w.floats(t, name)
	next, tolerance := make([]float64, len(now)), make([]float64, len(now))
	for i, before := range f.old[name] {
		x, decay := float64(before), l1
		if name == graph.Weights {
			decay += squaredL1(c, f.old[name], i)
		}
		g := gradient[i] - l2*x - decay*float64(sign(before))
		what := fmt.Sprintf("update %d: %s, element %d", w.update, name, i)
		at := func(suffix string) (before, now float64) {
			return float64(f.old[name+suffix][i]), float64(w.floats(t, name+suffix)[i])
		}
		move := f.rate * g
		bound := f.bound(f.rate, x)
		switch c.optimizer() {
		case momentum, nesterov:
			before, got := at(graph.SuffixVelocity)
			move += f.rho * before
			bound = f.bound(f.rate, before)
			rbmtest.Near(t, what+": velocity", got, move, bound)
			size := math.Abs(x) + math.Abs(move) // of the terms of the parameter
			if c.optimizer() == nesterov {
				further := f.rho * (move - before)
				move, size, bound = move+further, size+math.Abs(further), (1+f.rho)*bound
			}
			bound += rbmtest.Gamma(4) * (size + bound) // one sum, and for Nesterov a difference, a product and a sum before it
		case adam:
			move = adamStep(t, what, at, g, f.bound(1, g), f.rate, w.update)
			// Of the rate, ε, the root, their sum, the quotient, the product and the last sum.
			bound = rbmtest.Gamma(7) * (math.Abs(x) + math.Abs(move))
		}
		next[i], tolerance[i] = x+move, bound
	}
	if name == graph.Weights && c.GroupLasso > 0 {
		shrinkGroups(c, next, tolerance, proximalRate(c, f.rate, w.update))
	}
	for i, got := range now {
		rbmtest.Near(t, fmt.Sprintf("update %d: %s, element %d", w.update, name, i), float64(got), next[i], tolerance[i])
	}
	if fast := f.old[name+graph.SuffixFast]; fast != nil {
		now, rate := w.floats(t, name+graph.SuffixFast), cmp.Or(c.FastRate, c.LearningRate)
		for i, x := range fast {
			want := float64(x)*19/20 + rate*gradient[i]
			what := fmt.Sprintf("update %d: fast %s, element %d", w.update, name, i)
			rbmtest.Near(t, what, float64(now[i]), want, f.bound(rate, float64(x)))
		}
	}
}

// factors returns the factors of the rows of the last update's data and chains, and their mean.
func (w *watched) factors(data, chains int) (ofData, ofChains []float64, mean float64) {
	ofData, ofChains = slices.Repeat([]float64{1}, data), slices.Repeat([]float64{1}, chains)
	rows := w.Trainer.data.Train
	if rows.Weights == nil {
		return ofData, ofChains, 1
	}
	order := make([]int32, rows.N)
	engine.Shuffle(order, w.config.Seed, graph.StreamOrder, (w.update-1)/w.perEpoch)
	for n, row := range order[(w.update-1)%w.perEpoch*w.batch:][:data] {
		ofData[n] = float64(rows.Weights[row]) * float64(rows.N) / float64(estimate.Sum(rows.Weights))
		mean += ofData[n] / float64(data)
	}
	if w.config.Algorithm == "cd" {
		return ofData, ofData, mean
	}
	return ofData, slices.Repeat([]float64{mean}, chains), mean
}

// phaseOf is [rbm.Model.PositivePhase] of rows v (n,V), each times its factor.
func phaseOf(m *rbm.Model, v []float32, factors []float64) *rbm.Gradient {
	sum := &rbm.Gradient{
		Weights:     make([]float64, len(m.Weights)),
		VisibleBias: make([]float64, m.Visible.Len()), HiddenBias: make([]float64, m.Hidden.Len()),
	}
	for n, factor := range factors {
		add := func(sum, terms []float64) {
			for i, x := range terms {
				sum[i] += factor * x / float64(len(factors))
			}
		}
		g := m.PositivePhase(v[n*m.Visible.Len() : (n+1)*m.Visible.Len()])
		add(sum.Weights, g.Weights)
		add(sum.VisibleBias, g.VisibleBias)
		add(sum.HiddenBias, g.HiddenBias)
	}
	return sum
}

// adamStep checks the moments after an update along a gradient that is g within an error, and returns the step of the
// parameter that the moments give by the formulas of Kingma and Ba (2015), with their constants. at returns a moment
// before the update and now, by its suffix.
func adamStep(t *testing.T, what string, at func(suffix string) (before, now float64),
	g, tolerance, rate float64, update int) float64 {
	beta1, beta2 := float64(float32(firstDecay)), float64(float32(secondDecay))
	before, first := at(graph.SuffixFirst)
	rbmtest.Near(t, what+": first moment", first, beta1*before+(1-beta1)*g, tolerance+rbmtest.Gamma(3)*math.Abs(before))
	before, second := at(graph.SuffixSecond)
	square := (2*math.Abs(g) + tolerance) * tolerance
	rbmtest.Near(t, what+": second moment", second, beta2*before+(1-beta2)*g*g, square+rbmtest.Gamma(4)*(before+g*g))
	unbiased := func(x, beta float64) float64 { return x / (1 - math.Pow(beta, float64(update))) }
	return rate * unbiased(first, 0.9) / (math.Sqrt(unbiased(second, 0.999)) + 1e-8)
}

// onFast returns the model whose parameters are the sums of m's parameters and the fast
// parameters, if there are any.
func onFast(m *rbm.Model, variables map[string][]float32) *rbm.Model {
	sum := func(x []float32, name string) []float32 {
		x = slices.Clone(x)
		for i, fast := range variables[name+graph.SuffixFast] {
			x[i] += fast
		}
		return x
	}
	return &rbm.Model{
		Visible: rbm.Layer{Units: m.Visible.Units, Bias: sum(m.Visible.Bias, graph.VisibleBias)},
		Hidden:  rbm.Layer{Units: m.Hidden.Units, Bias: sum(m.Hidden.Bias, graph.HiddenBias)},
		Weights: sum(m.Weights, graph.Weights),
	}
}

// sign returns -1, 0 or 1.
func sign(x float32) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// testActivity checks the moving means of the hidden units after an update on data with the given means, and returns
// their values by the formula.
func testActivity(t *testing.T, w *watched, m *rbm.Model, before []float32, means []float64) []float64 {
	activity := make([]float64, len(means))
	bound := updateBound(m, w.batch, w.batch, 1-activityDecay, 1)
	for j, now := range w.floats(t, graph.Activity) {
		activity[j] = 0.9*float64(before[j]) + 0.1*means[j]
		rbmtest.Near(t, fmt.Sprintf("update %d: activity of hidden unit %d", w.update, j), float64(now), activity[j], bound)
	}
	return activity
}

// testOffsets checks the offsets after an update, given the saved variables before it and the two phases.
func testOffsets(t *testing.T, w *watched, old map[string][]float32, data, chains *rbm.Gradient, bound float64) {
	for _, l := range []struct {
		name         string
		data, chains []float64
	}{
		{graph.VisibleOffset, data.VisibleBias, chains.VisibleBias},
		{graph.HiddenOffset, data.HiddenBias, chains.HiddenBias},
	} {
		now := w.floats(t, l.name)
		for i, x := range old[l.name] {
			want := 0.99*float64(x) + 0.01*(l.data[i]+l.chains[i])/2
			rbmtest.Near(t, fmt.Sprintf("update %d: %s, element %d", w.update, l.name, i), float64(now[i]), want, bound)
		}
	}
}

// TestBatchesCoverTheData: the batches of an epoch are all rows of the data, each once
// and in another order at every epoch.
func TestBatchesCoverTheData(t *testing.T) {
	rows := rbmtest.RandomRows(caseRows, caseVisible, false, true)
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Binarize = 2, 10, "none"
	w := newWatched(t, c, &dataset.Set{Train: rows})
	want := map[string]int{}
	row := make([]float32, rows.V)
	for n := range rows.N {
		rows.Row(row, n)
		want[fmt.Sprint(row)]++
	}
	orders := map[string]bool{}
	for range 2 {
		got, order := map[string]int{}, ""
		for range w.perEpoch {
			if err := w.makeUpdate(); err != nil {
				t.Fatal(err)
			}
			v, _ := w.phases(t)
			for n := range len(v) / rows.V {
				key := fmt.Sprint(v[n*rows.V : (n+1)*rows.V])
				got[key]++
				order += key
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("rows of epoch %d: got %v, want %v", w.epoch(), got, want)
		}
		if orders[order] {
			t.Errorf("epoch %d has the order of the one before", w.epoch())
		}
		orders[order] = true
		if err := w.beginEpoch(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCenteredUpdateIsFlipInvariant moves a model along two given phases, and the model
// that calls every 1 of the visible units a 0 along the flipped phases. Centered, the
// second goes where the first does, up to the bound of both updates over the V+1 terms
// of a flipped bias; plain, it is at least 100 times the bound away (chosen, to be clearly no rounding).
func TestCenteredUpdateIsFlipInvariant(t *testing.T) {
	const visible, hidden, rate = 7, 4, 0.5
	m := rbmtest.RandomModel(t, visible, hidden, 1, 1)
	v, vm := rbmtest.SomeRows(m, 6), flippedValues(rbmtest.SomeRows(m, 9)[:5*visible])
	mu, lambda := rbmtest.Offsets(visible, 3), rbmtest.Offsets(hidden, 8)
	for _, center := range []bool{true, false} {
		got := moved(t, rbmtest.Flipped(m), flippedValues(v), flippedValues(vm), flippedValues(mu), lambda, rate, center)
		want := rbmtest.Flipped(moved(t, m, v, vm, mu, lambda, rate, center))
		var largest float64
		wanted := parametersOf(want)
		for k, x := range parametersOf(got) {
			for i := range x {
				largest = max(largest, math.Abs(float64(x[i])-float64(wanted[k][i])))
			}
		}
		// A bias is a sum of up to V weights and a bias, each within 1 and a move of up to 1.
		bound := updateBound(m, 6, 5, rate, visible+2) + updateBound(rbmtest.Flipped(m), 6, 5, rate, visible+2)
		bound *= visible + 1
		if center && largest > bound {
			t.Errorf("centered: %v apart, want at most %v", largest, bound)
		}
		if !center && largest < 100*bound {
			t.Errorf("plain: %v apart, want at least %v", largest, 100*bound)
		}
	}
}

// flippedValues returns 1 - x.
func flippedValues(x []float32) []float32 {
	f := make([]float32, len(x))
	for i, v := range x {
		f[i] = 1 - v
	}
	return f
}

// moved returns the model after one update at a rate along the phases with the visible states v of data and vm of
// chains, with the offsets mu and lambda.
func moved(t *testing.T, m *rbm.Model, v, vm, mu, lambda []float32, rate float32, center bool) *rbm.Model {
	t.Helper()
	s, err := graph.NewModelState(rbmtest.OpenDevice(t, 1), m)
	if err != nil {
		t.Fatal(err)
	}
	b := graph.NewModelBuilder(m, 1)
	given := func(name string, values []float32, shape ...int) *gorgonia.Node {
		n := b.Variable(name, gorgonia.Float32, shape...)
		if err := s.Add(name, gorgonia.Float32, shape...); err != nil {
			t.Fatal(err)
		}
		if err := s.Set(name, values); err != nil {
			t.Fatal(err)
		}
		return n
	}
	given(graph.VisibleOffset, mu, m.Visible.Len())
	given(graph.HiddenOffset, lambda, m.Hidden.Len())
	given(graph.Rates, []float32{rate, 0}, 1, 2)
	side := func(name string, states []float32) graph.Phase {
		n := given(name, states, len(states)/m.Visible.Len(), m.Visible.Len())
		return b.PhaseOf(n, b.HiddenField(n))
	}
	both := sidesOf(side("data", v), side("chains", vm), weighting{}, nil, nil)
	builder{b}.update(batch{[]sides{both}, 1}, move{updates: 1, center: center, blend: offsetRate})
	plan, err := engine.Compile(b.Graph, s)
	if err == nil {
		err = plan.Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	next, err := rbm.NewModel(m.Visible.Len(), m.Hidden.Len())
	if err != nil {
		t.Fatal(err)
	}
	for name, dst := range parametersByName(next) {
		if err := s.Get(name, dst); err != nil {
			t.Fatal(err)
		}
	}
	return next
}
