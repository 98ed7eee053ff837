package dataset

import (
	"errors"
	"fmt"
	"slices"
)

// checkWeights returns an error unless all weights are from 0 to maxWeight and one is positive.
func (r *Rows) checkWeights() error {
	if r.Weights == nil {
		return nil
	}
	positive := false
	for n, w := range r.Weights {
		if !(w >= 0 && float64(w) <= maxWeight) {
			return fmt.Errorf("dataset: row %d: weight %v, want a number of at least 0 and at most %v", n+1, w, maxWeight)
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

// WeightedMeans returns the mean of the known cells of each column (V), weighted by the weights of the
// rows: [Rows.Means] without weights.
func (r *Rows) WeightedMeans() []float64 {
	if r.Weights == nil {
		return r.Means()
	}
	if r.stored != nil {
		return slices.Clone(r.stored.known().weighted)
	}
	return r.knownMeans(func(n int) float64 { return float64(r.Weights[n]) })
}

// knownMeans returns the weighted means of the known cells. It is 0 for a column whose known cells have
// no weight.
func (r *Rows) knownMeans(weight func(n int) float64) []float64 {
	var c columnMeans
	c.add(r, weight)
	return c.means()
}

// columnMeans are the weighted sum of the known values of each column (V), and the sum of their weights.
type columnMeans struct{ sums, totals []float64 }

// add adds the known cells of rows in memory.
func (c *columnMeans) add(r *Rows, weight func(n int) float64) {
	if c.sums == nil {
		c.sums, c.totals = make([]float64, r.V), make([]float64, r.V)
	}
	for n := range r.N {
		w := weight(n)
		for j := range c.sums {
			if !r.IsMissing(n, j) {
				c.sums[j] += w * r.value(n, j)
				c.totals[j] += w
			}
		}
	}
}

// means returns the weighted means. It overwrites the sums.
func (c *columnMeans) means() []float64 {
	for j, total := range c.totals {
		if total > 0 {
			c.sums[j] /= total
		}
	}
	return c.sums
}
