package train

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
)

// The ways to train the variances of units with real states.
const (
	sigmaEach   = "each"
	sigmaShared = "shared"
	sigmaFixed  = "fixed"
)

// The bounds of the deviation of a unit with real states, as parts of the deviation of its column. The
// lower one keeps the density of repeated values finite.
const (
	leastDeviation    = 0.05
	greatestDeviation = 3
)

// independent returns independent units with the rates of the training rows, and their variances.
func (t *Trainer) independent() rbm.Layer {
	return rbm.BaseLayer(t.visible.Units, t.baseRates, t.baseVariances, t.data.Train.N)
}

// MostDeviation is the largest standard deviation of a column with real states. The rates of learning are
// for columns of about 1.
const MostDeviation = 10

// DeviationError is the error of a column with real states whose numbers are too large to learn from.
type DeviationError struct {
	Column    int // from 1
	Deviation float64
}

func (e *DeviationError) Error() string {
	return fmt.Sprintf("train: the numbers of column %d have a standard deviation of %.4g, want at most %d: standardise them, as the schema of a table does", e.Column, e.Deviation, MostDeviation)
}

// checkDeviations returns a [*DeviationError] for a column whose numbers are too large to learn from.
func (t *Trainer) checkDeviations() error {
	for i, variance := range t.baseVariances {
		if deviation := math.Sqrt(float64(variance)); deviation > MostDeviation {
			return &DeviationError{i + 1, deviation}
		}
	}
	return nil
}

// initialLogVariance returns the log-variances (V) of a new run: of the columns, or their mean if they are
// shared.
func (t *Trainer) initialLogVariance() []float32 {
	z := t.independent().LogVariance
	if t.config.Sigma != sigmaShared {
		return z
	}
	var sum float64
	count := 0
	for i, x := range z {
		if t.visible.Units.Of(i).Real() {
			sum += float64(x)
			count++
		}
	}
	for i := range z {
		if t.visible.Units.Of(i).Real() {
			z[i] = float32(sum / float64(count))
		}
	}
	return z
}

// varianceBounds returns the least and the greatest log-variances (2,V).
func (t *Trainer) varianceBounds() []float32 {
	v := t.visible.Len
	bounds := make([]float32, 2*v)
	for i, variance := range t.baseVariances {
		if variance > 0 {
			bounds[i] = float32(math.Log(float64(variance)) + 2*math.Log(leastDeviation))
			bounds[v+i] = float32(math.Log(float64(variance)) + 2*math.Log(greatestDeviation))
		}
	}
	return bounds
}

// sidesUpdate moves the jumps and skews of the hidden units along their gradients, the differences of the means
// of ∂Γ over data and chains.
func (b builder) sidesUpdate(all batch, m move) {
	shapes := b.HiddenShapes()
	for _, of := range []struct {
		parameter *gorgonia.Node
		by        engine.Slope
	}{{shapes.Jump, engine.ByJump}, {shapes.Skew, engine.BySkew}} {
		gradient := all.difference(func(w *weighed) *gorgonia.Node {
			return graph.Weighed(engine.NewRealSlope(w.Field, shapes, engine.RealSlope{Units: b.HiddenUnits, By: of.by}), w.weights)
		})
		all.total(&gradient)
		b.ascend(of.parameter, gradient, nil, penalties{}, m)
	}
}

// varianceUpdate moves the log-variances of the visible units along their gradient, the difference of the
// means of v²/2σ² over data and chains, within their bounds.
func (b builder) varianceUpdate(all batch, m move) {
	if m.fixed {
		return
	}
	shapes := b.VisibleShapes()
	z := shapes.LogVariance
	gradient := all.difference(func(w *weighed) *gorgonia.Node {
		return graph.Weighed(engine.NewRealSlope(w.Visible, shapes, engine.RealSlope{Units: b.VisibleUnits}), w.weights)
	})
	all.total(&gradient)
	bounds := b.Variable(graph.VarianceBounds, tensor.Float32, 2, b.Visible)
	next := b.ascended(z, gradient, nil, penalties{}, m)
	engine.Assign(z, engine.NewBound(next, bounds, engine.Bound{Units: b.VisibleUnits, Shared: m.shared}))
}
