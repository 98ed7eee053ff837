package likelihood

import (
	"context"
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/memory"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// annealer moves runs along a schedule of inverse temperatures on a device, up or down,
// and gathers their log-weights. It is used once. The runs are divided among the ranks of a divided device:
// each rank moves some of them, in its state and graphs, and has the results of all.
type annealer struct {
	team     ranks.Transport
	state    *engine.State    // nil on a rank without runs
	graphs   func() annealing // a builder for another graph
	layer    rbm.Layer        // visible
	own      graph.Span       // runs of this rank
	visible  int              // V
	steps    int
	clamped  bool // the known units of each run keep their states (see clamp)
	backward bool // sweeps of coupled units go backward
}

// errGaussian is the error of a Gaussian model: log Z needs no annealing there, and missing cells have none.
var errGaussian = errors.New("annealing of real states in both layers, want none: log Z is exact there, " +
	"and the log-likelihood of rows with missing cells is not known")

// newAnnealer makes the variables of the given number of runs on all ranks. Their start is set by fromBase
// or fromStates.
func newAnnealer(m *rbm.Model, d engine.Device, allRuns int, betas []float32, seed uint64) (*annealer, error) {
	a := &annealer{team: engine.Divided(d), layer: m.Visible, visible: m.Visible.Len(), steps: len(betas) - 1}
	a.own.First, a.own.Size = ranks.Part(a.team, allRuns)
	runs := a.own.Size
	if m.Gaussian() {
		return nil, errGaussian
	}
	if runs == 0 {
		return a, nil
	}
	if engine.OnHost(d) {
		what := fmt.Sprintf("AIS with %d runs of %d + %d units", runs, m.Visible.Len(), m.Hidden.Len())
		if err := memory.Check(what, graph.ChainMemory(m, runs)); err != nil {
			return nil, err
		}
	}
	s, err := graph.NewModelState(d, m)
	if err != nil {
		return nil, err
	}
	for _, v := range []struct {
		name  string
		dtype tensor.Dtype
		shape []int
		data  any
	}{
		{graph.Visible, tensor.Float32, []int{runs, m.Visible.Len()}, nil},
		{graph.Chains, tensor.Float32, []int{runs, m.Hidden.Len()}, nil},
		{graph.LogWeights, tensor.Float64, []int{runs}, nil},
		{graph.Base, tensor.Float32, []int{m.Visible.Len()}, m.Base().Bias},
		{graph.NoBase, tensor.Float32, []int{m.Hidden.Len()}, nil},
		{graph.Betas, tensor.Float32, []int{len(betas)}, betas},
	} {
		if err := s.Add(v.name, v.dtype, v.shape...); err != nil {
			return nil, err
		}
		if v.data != nil {
			if err := s.Set(v.name, v.data); err != nil {
				return nil, err
			}
		}
	}
	a.state = s
	a.graphs = func() annealing {
		return annealing{graph.NewModelBuilder(m, seed).At(a.own.First), runs, len(betas), a.clamped, a.backward}
	}
	return a, nil
}

// ownRows returns the part of values (n,V) of all runs that belongs to the runs of this rank.
func (a *annealer) ownRows(values []float32) []float32 {
	return values[a.own.First*a.visible : (a.own.First+a.own.Size)*a.visible]
}

// clamp makes the runs keep the known units of patterns (n,V), which are NaN where a unit is free. It must come before
// fromBase, which compiles a graph for clamped runs or for free ones.
func (a *annealer) clamp(patterns []float32) error {
	if a.state == nil {
		return nil
	}
	patterns = a.ownRows(patterns)
	known, free := make([]float32, len(patterns)), make([]float32, len(patterns))
	for i, x := range patterns {
		if known[i] = x; x != x {
			known[i], free[i] = a.layer.Units.Of(i%a.visible).Low(), 1
		}
	}
	a.clamped = true
	err := a.state.Define(graph.Known, known, a.own.Size, a.visible)
	if err == nil {
		err = a.state.Define(graph.Free, free, a.own.Size, a.visible)
	}
	return err
}

// fromBase draws the runs from the base model, where the schedule must begin.
func (a *annealer) fromBase() error {
	if a.state == nil {
		return nil
	}
	start, err := engine.Compile(annealStartGraph(a.graphs()), a.state)
	if err != nil {
		return err
	}
	return start.Run()
}

// fromStates starts the runs at visible states (n,V).
func (a *annealer) fromStates(v []float32) error {
	if err := a.layer.CheckStates(v, false); err != nil {
		return err
	}
	if a.state == nil {
		return nil
	}
	return a.state.Set(graph.Visible, a.ownRows(v))
}

// run goes through the schedule and returns the log-weights of all runs. Progress, if
// not nil, is called every hundred steps and at the end.
func (a *annealer) run(ctx context.Context, progress func(done, total int)) ([]float64, error) {
	var own []float64
	if a.state != nil {
		var err error
		if own, err = a.anneal(ctx, progress); err != nil {
			return nil, err
		}
	}
	return ranks.Join(a.team, own)
}

// anneal is run for the runs of this rank.
func (a *annealer) anneal(ctx context.Context, progress func(done, total int)) ([]float64, error) {
	step, err := engine.Compile(annealStepGraph(a.graphs()), a.state)
	if err != nil {
		return nil, err
	}
	for k := range a.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := step.Run(); err != nil {
			return nil, fmt.Errorf("step %d: %w", k, err)
		}
		if progress != nil && (k+1 == a.steps || (k+1)%100 == 0) {
			progress(k+1, a.steps)
		}
	}
	logWeights := make([]float64, a.own.Size)
	return logWeights, a.state.Get(graph.LogWeights, logWeights)
}

// states returns the visible states (n,V) of all runs.
func (a *annealer) states() ([]float32, error) {
	v := make([]float32, a.own.Size*a.visible)
	if a.state != nil {
		if err := a.state.Get(graph.Visible, v); err != nil {
			return nil, err
		}
	}
	return ranks.Join(a.team, v)
}

// annealing builds the parts that the graphs of annealed importance sampling share.
type annealing struct {
	*graph.Builder
	rows, betas       int // numbers of runs and of inverse temperatures
	clamped, backward bool
}

func (a annealing) visibles() *gorgonia.Node {
	return a.Variable(graph.Visible, tensor.Float32, a.rows, a.Visible)
}

// free is 1 for the units that a clamped run draws, and 0 for its known ones.
func (a annealing) free() *gorgonia.Node {
	return a.Variable(graph.Free, tensor.Float32, a.rows, a.Visible)
}

func (a annealing) schedule() *gorgonia.Node { return a.Variable(graph.Betas, tensor.Float32, a.betas) }

func (a annealing) base() *gorgonia.Node { return a.Variable(graph.Base, tensor.Float32, a.Visible) }

// path returns the path from a base model, at the inverse temperature whose index in the schedule is the clock plus
// ahead.
func (a annealing) path(base *gorgonia.Node, ahead int) engine.Path {
	return engine.Path{Base: base, Betas: a.schedule(), Clock: a.Clock(), Ahead: ahead}
}

// drawVisible draws visible states (B,V) given hidden states h (B,H), at the inverse
// temperature whose index in the schedule is the clock plus ahead. ahead is also the step of the random numbers, so that
// the start (0) and the first step (1) share none. Known units of clamped runs keep their states.
func (a annealing) drawVisible(h *gorgonia.Node, ahead int) *gorgonia.Node {
	v := a.SampleVisible(a.VisibleField(h), a.path(a.base(), ahead), graph.StreamAnnealVisible, ahead)
	if !a.clamped {
		return v
	}
	known := a.Variable(graph.Known, tensor.Float32, a.rows, a.Visible)
	return engine.NewSelect(a.free(), known, v)
}

// annealStartGraph draws the runs from the base model: the schedule begins at β = 0,
// where the hidden states h do not matter.
func annealStartGraph(a annealing) *gorgonia.ExprGraph {
	h := a.Variable(graph.Chains, tensor.Float32, a.rows, a.Hidden)
	engine.Assign(a.visibles(), a.drawVisible(h, 0))
	return a.Graph
}

// sweep moves visible states v (B,V) given hidden states h (B,H) by a sweep, at the inverse temperature whose index in
// the schedule is the clock plus 1.
func (a annealing) sweep(v, h *gorgonia.Node) *gorgonia.Node {
	move := graph.Move{Path: a.path(a.base(), 1), Stream: graph.StreamAnnealVisible, Step: 1, Backward: a.backward}
	if a.clamped {
		move.Free = a.free()
	}
	return a.MoveVisible(v, h, move)
}

// annealStepGraph is one step of annealed importance sampling: it weights the states v
// for the next inverse temperature and then moves them by one Gibbs step v→h→v there
// (Salakhutdinov and Murray 2008, §4.1), or with couplings by a sweep of the visible units given h.
func annealStepGraph(a annealing) *gorgonia.ExprGraph {
	v := a.visibles()
	z := a.HiddenField(v)
	weights := a.Variable(graph.LogWeights, tensor.Float64, a.rows)
	engine.Assign(weights, a.LogWeight(weights, v, z, a.base(), a.schedule()))
	noBase := a.Variable(graph.NoBase, tensor.Float32, a.Hidden)
	h := a.SampleHidden(z, a.path(noBase, 1), graph.StreamAnnealHidden, 1)
	if a.Coupled {
		engine.Assign(v, a.sweep(v, h))
	} else {
		engine.Assign(v, a.drawVisible(h, 1))
	}
	a.Tick()
	return a.Graph
}
