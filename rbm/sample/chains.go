package sample

import (
	"context"
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// Chains are Gibbs chains v→h→v of a model on a device. Visible units may be clamped. They are divided among the
// ranks of a divided device: each rank moves some of them, in its state and plan, and has the results of all.
type Chains struct {
	team  ranks.Transport
	state *engine.State // nil for a rank without chains, as is the plan
	plan  *engine.Plan
	means *gorgonia.Node
	own   graph.Span // chains of this rank
	width int
	steps int // number of steps made
}

// NewChains returns chains of m that start at the visible states (n,V). All draws
// are functions of the seed. A pattern (n,V), if not nil, clamps units to its values, each
// a state; units where it is NaN are free.
func NewChains(m *rbm.Model, d engine.Device, visible, pattern []float32, seed uint64) (*Chains, error) {
	n := len(visible) / m.Visible.Len()
	if n == 0 || n*m.Visible.Len() != len(visible) || pattern != nil && len(pattern) != len(visible) {
		return nil, fmt.Errorf("sample: chains: %d states and %d clamped values, want rows of %d for both",
			len(visible), len(pattern), m.Visible.Len())
	}
	if err := m.Visible.CheckStates(visible, false); err != nil {
		return nil, fmt.Errorf("sample: chains: %w", err)
	}
	if err := m.Visible.CheckStates(pattern, true); err != nil {
		return nil, fmt.Errorf("sample: chains: pattern: %w", err)
	}
	c := &Chains{team: engine.Divided(d), width: m.Visible.Len()}
	if c.own.First, c.own.Size = ranks.Part(c.team, n); c.own.Size == 0 {
		return c, nil
	}
	visible = c.ownRows(visible)
	if pattern != nil {
		pattern = c.ownRows(pattern)
	}
	if err := c.compile(d, m, visible, pattern, seed); err != nil {
		return nil, fmt.Errorf("sample: chains: %w", err)
	}
	return c, nil
}

// ownRows returns the part of values (n,V) of all chains that belongs to the chains of this rank.
func (c *Chains) ownRows(values []float32) []float32 {
	return values[c.own.First*c.width : (c.own.First+c.own.Size)*c.width]
}

// compile makes the variables and the plan of this rank's chains.
func (c *Chains) compile(d engine.Device, m *rbm.Model, visible, pattern []float32, seed uint64) error {
	var err error
	if c.state, err = graph.NewModelState(d, m); err != nil {
		return err
	}
	start := visible
	if pattern != nil {
		start = make([]float32, len(visible))
		for i, x := range visible {
			start[i] = x
			if fixed := pattern[i]; fixed == fixed {
				start[i] = fixed
			}
		}
		if err := c.set(graph.Pattern, pattern); err != nil {
			return err
		}
		if m.Coupled() {
			if err := c.set(graph.Free, freeOf(pattern)); err != nil {
				return err
			}
		}
	}
	if err := c.set(graph.Visible, start); err != nil {
		return err
	}
	var g *gorgonia.ExprGraph
	g, c.means = chainGraph(graph.NewModelBuilder(m, seed).At(c.own.First), c.own.Size, pattern != nil)
	c.plan, err = engine.Compile(g, c.state, c.means)
	return err
}

// set defines a variable with values (own.Size,V).
func (c *Chains) set(name string, values []float32) error {
	return c.state.Define(name, values, c.own.Size, c.width)
}

// Run makes the given number of Gibbs steps. If ctx ends first, Run returns its error, and the
// chains keep the state after the last complete step.
func (c *Chains) Run(ctx context.Context, steps int) error {
	if steps < 0 {
		return fmt.Errorf("sample: chains: %d steps, want at least 0", steps)
	}
	for range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.plan != nil {
			if err := c.plan.Run(); err != nil {
				return fmt.Errorf("sample: chains: %w", err)
			}
		}
		c.steps++
	}
	return nil
}

// Visible returns the visible states (n,V) of the chains.
func (c *Chains) Visible() ([]float32, error) {
	v := make([]float32, c.own.Size*c.width)
	if c.state != nil {
		if err := c.state.Get(graph.Visible, v); err != nil {
			return nil, fmt.Errorf("sample: chains: %w", err)
		}
	}
	return ranks.Join(c.team, v)
}

// MeanVisible returns the means (n,V) of the distributions from which the last step drew the visible
// states. With couplings it returns the means of each unit given the others and the hidden states of the last
// step. Clamped units have their clamped values. It is an error if no step has run.
func (c *Chains) MeanVisible() ([]float32, error) {
	own, err := c.ownMeans()
	if err != nil {
		return nil, err
	}
	return ranks.Join(c.team, own)
}

// ownMeans is MeanVisible of the chains of this rank.
func (c *Chains) ownMeans() ([]float32, error) {
	if c.steps == 0 {
		return nil, errors.New("sample: chains: no step has run, so there are no means")
	}
	p := make([]float32, c.own.Size*c.width)
	if c.plan != nil {
		if err := c.plan.Read(c.means, p); err != nil {
			return nil, fmt.Errorf("sample: chains: %w", err)
		}
	}
	return p, nil
}

// freeOf returns 1 where a pattern is NaN, else 0.
func freeOf(pattern []float32) []float32 {
	free := make([]float32, len(pattern))
	for i, x := range pattern {
		if x != x {
			free[i] = 1
		}
	}
	return free
}

// chainGraph returns the graph of one Gibbs step v→h→v of chains that keep their visible
// states, and the means of the visible units. Clamped chains keep the values of the pattern.
func chainGraph(b *graph.Builder, rows int, clamped bool) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	variable := b.Variable(graph.Visible, tensor.Float32, rows, b.Visible)
	h := b.SampleHidden(b.HiddenField(variable), engine.Path{}, graph.StreamSampleHidden, 0)
	var v *gorgonia.Node
	if b.Coupled {
		move := graph.Move{Stream: graph.StreamSampleVisible}
		if clamped {
			move.Free = b.Variable(graph.Free, tensor.Float32, rows, b.Visible)
		}
		v = b.MoveVisible(variable, h, move)
		means = b.MeanVisible(b.CoupledField(v, h))
	} else {
		z := b.VisibleField(h)
		means = b.MeanVisible(z)
		v = b.SampleVisible(z, engine.Path{}, graph.StreamSampleVisible, 0)
	}
	if clamped {
		// A sweep has kept the states of clamped units, but CoupledField gives their means too.
		pattern := b.Variable(graph.Pattern, tensor.Float32, rows, b.Visible)
		means, v = engine.NewClamp(means, pattern), engine.NewClamp(v, pattern)
	}
	engine.Assign(variable, v)
	b.Tick()
	return b.Graph, means
}
