package dataset

import (
	"errors"
	"fmt"
)

// checkWeights returns an error unless no weight is negative, all are finite, and one is positive.
func (r *Rows) checkWeights() error {
	if r.Weights == nil {
		return nil
	}
	positive := false
	for n, w := range r.Weights {
		if !(w >= 0 && float64(w) <= maxWeight) {
			return fmt.Errorf("dataset: row %d: weight %v, want a number of at least 0", n+1, w)
		}
		positive = positive || w > 0
	}
	if !positive {
		return errors.New("dataset: all weights are 0, want a positive one")
	}
	return nil
}

// totalWeight returns the sum of all weights.
func (r *Rows) totalWeight() float64 {
	var sum float64
	for _, w := range r.Weights {
		sum += float64(w)
	}
	return sum
}

// RelativeWeights returns the weights (N) divided by their mean, or nil without weights.
func (r *Rows) RelativeWeights() []float32 {
	if r.Weights == nil {
		return nil
	}
	factor := float64(r.N) / r.totalWeight()
	relative := make([]float32, r.N)
	for n, w := range r.Weights {
		relative[n] = float32(float64(w) * factor)
	}
	return relative
}

// EffectiveRows returns (Σ w)²/Σ w², the number of rows of equal weight whose mean is as certain as the
// weighted mean of these rows. It is N without weights.
func (r *Rows) EffectiveRows() float64 {
	if r.Weights == nil {
		return float64(r.N)
	}
	var squares float64
	for _, w := range r.Weights {
		squares += float64(w) * float64(w)
	}
	sum := r.totalWeight()
	return sum * sum / squares
}

// WeightedMeans returns the mean of each column (V), weighted by the weights of the rows: [Rows.Means]
// without weights.
func (r *Rows) WeightedMeans() []float64 {
	if r.Weights == nil {
		return r.Means()
	}
	means := make([]float64, r.V)
	for n, w := range r.Weights {
		if r.Floats != nil {
			for i, x := range r.Floats[n*r.V : (n+1)*r.V] {
				means[i] += float64(w) * float64(x)
			}
			continue
		}
		for i, b := range r.Bytes[n*r.V : (n+1)*r.V] {
			means[i] += float64(w) * float64(b)
		}
	}
	if r.Floats != nil {
		return scale(means, r.totalWeight())
	}
	return scale(means, 255*r.totalWeight())
}
