package sample

import (
	"context"
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// Chains are Gibbs chains of a model on a device, v→h→v, whose visible units may be
// clamped.
type Chains struct {
	state *engine.State
	plan  *engine.Plan
	means *gorgonia.Node
	rows  int
	width int
	steps int // made so far
}

// NewChains returns chains of m that start at the visible states (n,V), each 0 or 1, and
// draw by the seed. The pattern (n,V), or nil, holds units at its values, each a state,
// and leaves those free where it is NaN.
func NewChains(m *rbm.Model, d engine.Device, visible, pattern []float32, seed uint64) (*Chains, error) {
	n := len(visible) / m.Visible.Len()
	if n == 0 || n*m.Visible.Len() != len(visible) || pattern != nil && len(pattern) != len(visible) {
		return nil, fmt.Errorf("sample: chains: %d states and %d clamped values, want rows of %d for both", len(visible), len(pattern), m.Visible.Len())
	}
	if err := graph.CheckStates(m.Visible, visible, false); err != nil {
		return nil, fmt.Errorf("sample: chains: %w", err)
	}
	if err := graph.CheckStates(m.Visible, pattern, true); err != nil {
		return nil, fmt.Errorf("sample: chains: pattern: %w", err)
	}
	c := &Chains{rows: n, width: m.Visible.Len()}
	if err := c.compile(d, m, visible, pattern, seed); err != nil {
		return nil, fmt.Errorf("sample: chains: %w", err)
	}
	return c, nil
}

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
	}
	if err := c.set(graph.Visible, start); err != nil {
		return err
	}
	var g *gorgonia.ExprGraph
	g, c.means = chainGraph(graph.NewModelBuilder(m, seed), c.rows, pattern != nil)
	c.plan, err = engine.Compile(g, c.state, c.means)
	return err
}

func (c *Chains) set(name string, values []float32) error {
	return c.state.Define(name, values, c.rows, c.width)
}

// Run makes Gibbs steps, and returns ctx's error if it ends first. The chains are then
// between two steps.
func (c *Chains) Run(ctx context.Context, steps int) error {
	if steps < 0 {
		return fmt.Errorf("sample: chains: %d steps, want at least 0", steps)
	}
	for range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.plan.Run(); err != nil {
			return fmt.Errorf("sample: chains: %w", err)
		}
		c.steps++
	}
	return nil
}

// Visible returns the visible states (n,V) of the chains.
func (c *Chains) Visible() ([]float32, error) {
	v := make([]float32, c.rows*c.width)
	if err := c.state.Get(graph.Visible, v); err != nil {
		return nil, fmt.Errorf("sample: chains: %w", err)
	}
	return v, nil
}

// MeanVisible returns the means (n,V), in [0,1], with which the last step drew the visible
// states, and the clamped values. It is an error if no step has run.
func (c *Chains) MeanVisible() ([]float32, error) {
	if c.steps == 0 {
		return nil, errors.New("sample: chains: no step has run, which the means would be of")
	}
	p := make([]float32, c.rows*c.width)
	if err := c.plan.Read(c.means, p); err != nil {
		return nil, fmt.Errorf("sample: chains: %w", err)
	}
	return p, nil
}

// chainGraph is one Gibbs step v→h→v of chains that keep their visible states. It also
// returns the means of these. Clamped chains hold the units that the pattern fixes.
func chainGraph(b *graph.Builder, rows int, clamped bool) (g *gorgonia.ExprGraph, means *gorgonia.Node) {
	variable := b.Variable(graph.Visible, tensor.Float32, rows, b.Visible)
	h := b.SampleHidden(b.HiddenField(variable), engine.Path{}, graph.StreamSampleHidden, 0)
	z := b.VisibleField(h)
	means = b.MeanVisible(z)
	v := b.SampleVisible(z, engine.Path{}, graph.StreamSampleVisible, 0)
	if clamped {
		pattern := b.Variable(graph.Pattern, tensor.Float32, rows, b.Visible)
		means, v = engine.NewClamp(means, pattern), engine.NewClamp(v, pattern)
	}
	engine.Assign(variable, v)
	b.Tick()
	return b.Graph, means
}
