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

// Visible units with real states are Gaussian: given the hidden units, unit i has a variance σ_i² (see
// [rbm.Layer]). Training moves its logarithm z_i = log σ_i², which is called log-variance here.

// The values of [Config].Sigma: how the variances are trained.
const (
	sigmaEach   = "each"   // each unit has its own
	sigmaShared = "shared" // all units have the same
	sigmaFixed  = "fixed"  // they stay as they begin
)

// The bounds of the standard deviation σ_i of a unit, in units of the standard deviation of its column in the
// training rows. Without the lower one, a column with repeated values would drive σ_i to 0 and its density to
// infinity. The upper one is above every good fit, since the variance of a column is σ_i² plus the variance
// that the hidden units explain, and stops a run that diverges. Both were chosen, far from the values of good fits.
const (
	leastDeviation    = 0.05
	greatestDeviation = 3
)

// independent returns a layer of independent units with the means and variances of the training rows, see
// [rbm.BaseLayer].
func (t *Trainer) independent() rbm.Layer {
	return rbm.BaseLayer(t.visible.Units, t.baseRates, t.baseVariances, t.data.Train.N)
}

// MostDeviation is the largest standard deviation of a column with real states that training accepts. Learning
// rates are for standardised columns, with a deviation of 1: gradients grow with the numbers, so that
// updates may diverge where a deviation is far above 1. The limit was chosen.
const MostDeviation = 10

// DeviationError is the error of a column of real numbers whose standard deviation is above [MostDeviation].
type DeviationError struct {
	Column    int     // number of the column, counted from 1
	Deviation float64 // its standard deviation in the training rows
}

func (e *DeviationError) Error() string {
	return fmt.Sprintf("train: the numbers of column %d have a standard deviation of %.4g, want at most %d: "+
		"standardise them, as the schema of a table does", e.Column, e.Deviation, MostDeviation)
}

// checkDeviations returns a [*DeviationError] for the first column whose standard deviation is above
// [MostDeviation].
func (t *Trainer) checkDeviations() error {
	for i, variance := range t.baseVariances {
		if deviation := math.Sqrt(float64(variance)); deviation > MostDeviation {
			return &DeviationError{i + 1, deviation}
		}
	}
	return nil
}

// initialLogVariance returns the log-variances (V) with which a new run begins: the log-variances of the columns
// of the training rows, or their mean if all units share one. Units without real states have 0.
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

// varianceBounds returns the bounds (2,V) of the log-variances, the lower ones first. Units without real states
// have 0.
func (t *Trainer) varianceBounds() []float32 {
	v := t.visible.Len
	bounds := make([]float32, 2*v)
	for i, variance := range t.baseVariances {
		if variance > 0 { // else no real states
			bounds[i] = float32(math.Log(float64(variance)) + 2*math.Log(leastDeviation))
			bounds[v+i] = float32(math.Log(float64(variance)) + 2*math.Log(greatestDeviation))
		}
	}
	return bounds
}

// jumpSkewUpdate moves the jumps and skews ψ of hidden units with two sides, the kind drelu (see [rbm.Layer]), along
// their gradients ⟨∂Γ/∂ψ⟩data - ⟨∂Γ/∂ψ⟩chains (H), where Γ is the cumulant of the unit given its field.
func (b builder) jumpSkewUpdate(all batch, m move) {
	shapes := b.HiddenShapes()
	for _, shape := range []struct {
		parameter *gorgonia.Node
		by        engine.Slope
	}{{shapes.Jump, engine.ByJump}, {shapes.Skew, engine.BySkew}} {
		slope := engine.RealSlope{Units: b.HiddenUnits, By: shape.by}
		gradient := all.difference(func(w *weighed) *gorgonia.Node {
			return graph.Weighed(engine.NewRealSlope(w.Field, shapes, slope), w.weights)
		})
		all.total(&gradient)
		b.ascend(shape.parameter, gradient, nil, penalties{}, m)
	}
}

// varianceUpdate moves the log-variances z = log σ² of the visible units along their gradient (V),
// ⟨v²/2σ²⟩data - ⟨v²/2σ²⟩chains, which is -∂E/∂z of the energy v²/2σ² - a·v - …, and limits them to their
// bounds. It does nothing if they are fixed. m.shared gives all units the mean of their new log-variances.
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
