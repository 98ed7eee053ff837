package sample

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/memory"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// statesGraph returns hidden states of a batch of rows, drawn with the random numbers of a step.
func statesGraph(b *graph.Builder, s graph.Source, step int) (g *gorgonia.ExprGraph, states *gorgonia.Node) {
	h := b.SampleHidden(b.HiddenField(b.Completed(s)), engine.Path{}, graph.StreamLayer, step)
	b.Tick()
	return b.Graph, h
}

// HiddenStates returns states (N,H) of the hidden units, drawn from p(h|v) for each row v. They are a
// function of the seed and of draw, at least 0, which numbers independent draws. A binarization that
// draws is a function of the seed alone.
func HiddenStates(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64, draw int,
) ([]float32, error) {
	build := func(b *graph.Builder, s graph.Source) (*gorgonia.ExprGraph, *gorgonia.Node) {
		return statesGraph(b, s, draw)
	}
	states, err := hiddenOf(ctx, m, d, rows, graph.FixedSource(rows, b, seed), "states", build)
	if err != nil {
		return nil, fmt.Errorf("sample: hidden states: %w", err)
	}
	return states, nil
}

// Rung is a model of a stack with rows of its visible units and how they become states.
type Rung struct {
	Model    *rbm.Model
	Rows     *dataset.Rows
	Binarize dataset.Binarization
	Seed     uint64 // of the draws of the binarization, and of the hidden states
}

// Climb returns the models of a stack, from the data up: the first one with the given rows, and each other
// one with states of the hidden units of the model below it, drawn as by [HiddenStates].
func Climb(
	ctx context.Context, s rbm.Stack, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64, draw int,
) ([]Rung, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	rungs := []Rung{{s[0], rows, b, seed}}
	for l, m := range s[1:] {
		below := rungs[l]
		h, err := HiddenStates(ctx, below.Model, d, below.Rows, below.Binarize, below.Seed, draw)
		if err != nil {
			return nil, err
		}
		none := dataset.Binarization{Mode: dataset.None}
		rungs = append(rungs, Rung{m, below.Model.Hidden.Rows(h), none, graph.ChildSeed(below.Seed, graph.SeedLayer)})
	}
	return rungs, nil
}

// LayerRows returns the rows on which the next model of a stack is trained, with the labels and
// weights of the given ones. Their values are the hidden means of the last model, given states of the
// layers below that are drawn once for each row. Training with a binarization that draws sees samples
// of p(h|v), as in the bound of the likelihood (Hinton, Osindero and Teh 2006). Where some hidden unit has
// several columns, the values are states drawn once.
func LayerRows(
	ctx context.Context, s rbm.Stack, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) (*dataset.Rows, error) {
	rungs, err := Climb(ctx, s, d, rows, b, seed, 0)
	if err != nil {
		return nil, err
	}
	top := rungs[len(rungs)-1]
	var hidden []float32
	if top.Model.Hidden.Units.Several() {
		hidden, err = HiddenStates(ctx, top.Model, d, top.Rows, top.Binarize, top.Seed, 0)
	} else {
		hidden, err = Features(ctx, top.Model, d, top.Rows, top.Binarize, top.Seed)
	}
	if err != nil {
		return nil, err
	}
	layer := top.Model.Hidden.Rows(hidden)
	layer.Labels, layer.Weights = rows.Labels, rows.Weights
	return layer, nil
}

// TopStates returns states of the visible units of the last model of a stack, drawn upwards from visible states (n,V) of
// the first: (n,H) for H hidden units of the model below the last, and the given states for a stack of one model.
func TopStates(ctx context.Context, s rbm.Stack, d engine.Device, visible []float32, seed uint64) ([]float32, error) {
	if len(s) == 1 {
		return visible, nil
	}
	none := dataset.Binarization{Mode: dataset.None}
	rungs, err := Climb(ctx, s[:len(s)-1], d, s[0].Visible.Rows(visible), none, seed, 0)
	if err != nil {
		return nil, err
	}
	top := rungs[len(rungs)-1]
	return HiddenStates(ctx, top.Model, d, top.Rows, top.Binarize, top.Seed, 0)
}

// StackFeatures returns the hidden means (N,H) of the last model of a stack, each model taking the hidden
// means of the one below as its visible values, as the layers of a feed-forward network do. Of a stack
// of one model it is [Features]. Hidden units of several columns below the last model are an error, since rows
// hold states of such units and not their means.
func StackFeatures(
	ctx context.Context, s rbm.Stack, d engine.Device, rows *dataset.Rows, b dataset.Binarization, seed uint64,
) ([]float32, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	for l, m := range s[:len(s)-1] {
		if m.Hidden.Units.Several() {
			return nil, fmt.Errorf("sample: features: model %d of the stack has hidden units %v, want units of two states "+
				"below the last model", l+1, m.Hidden.Units)
		}
		means, err := Features(ctx, m, d, rows, b, seed)
		if err != nil {
			return nil, err
		}
		rows, b = m.Hidden.Rows(means), dataset.Binarization{Mode: dataset.None}
	}
	return Features(ctx, s.Top(), d, rows, b, seed)
}

// Down returns visible states (n,V) of a stack given states of the visible units of its last model, as TopStates returns
// them: one pass from layer to layer, each drawn from p(v|h), a function of the seed. With means set,
// the result are the means of the last draw.
func Down(ctx context.Context, s rbm.Stack, d engine.Device, states []float32, means bool, seed uint64) ([]float32, error) {
	for l := len(s) - 2; l >= 0; l-- {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("sample: down a stack: %w", err)
		}
		var err error
		seed = graph.ChildSeed(seed, graph.SeedLayer)
		if states, err = visibleGiven(s[l], d, states, means && l == 0, seed); err != nil {
			return nil, fmt.Errorf("sample: down a stack: model %d: %w", l+1, err)
		}
	}
	return states, nil
}

// visibleGiven returns visible states (n,V) drawn from p(v|h) for hidden states (n,H), or their means.
func visibleGiven(m *rbm.Model, d engine.Device, hidden []float32, means bool, seed uint64) ([]float32, error) {
	n := len(hidden) / m.Hidden.Len()
	what := fmt.Sprintf("visible values of %d rows and %d units", n, m.Visible.Len())
	// float32 fields and states of a graph, and the result
	if err := memory.Check(what, 3*4*float64(n)*float64(m.Visible.Len())); err != nil {
		return nil, err
	}
	s, err := graph.NewModelState(d, m)
	if err != nil {
		return nil, err
	}
	if err := s.Define(graph.Chains, hidden, n, m.Hidden.Len()); err != nil {
		return nil, err
	}
	g, v := visibleGraph(graph.NewModelBuilder(m, seed), n, means)
	plan, err := engine.Compile(g, s, v)
	if err != nil {
		return nil, err
	}
	if err := plan.Run(); err != nil {
		return nil, err
	}
	visible := make([]float32, n*m.Visible.Len())
	return visible, plan.Read(v, visible)
}

// visibleGraph returns the visible states, or their means, given the hidden states of n chains.
func visibleGraph(b *graph.Builder, n int, means bool) (g *gorgonia.ExprGraph, visible *gorgonia.Node) {
	field := b.VisibleField(b.Variable(graph.Chains, tensor.Float32, n, b.Hidden))
	if means {
		return b.Graph, b.MeanVisible(field)
	}
	return b.Graph, b.SampleVisible(field, engine.Path{}, graph.StreamLayer, 0)
}
