package report

import (
	"cmp"
	"math"
	"slices"
)

// A hidden unit is dead if its mean over training rows is within deadMean of one of its states, if the norm of its
// weights is at most deadNorm times the median norm, or if their root mean square is at most deadWeight, a tenth of the
// standard deviation of initial weights. The limits are chosen: such a unit changes hardly any row's probability.
const (
	deadMean   = 0.01
	deadNorm   = 0.05
	deadWeight = 0.001
)

// SpreadByNorm returns up to n of the units with the given norms, spread evenly over their order by norm, the
// largest first. So dead units show beside strong ones.
func SpreadByNorm(norms []float64, n int) []int {
	all := make([]int, len(norms))
	for j := range all {
		all[j] = j
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	spread := make([]int, min(n, len(all)))
	for k := range spread {
		spread[k] = all[k*len(all)/len(spread)]
	}
	return spread
}

// dead returns the hidden units that are dead by deadMean, deadNorm or deadWeight. Without activities, and for units
// with real states, the weights alone decide.
func (l *Looks) dead() []int {
	if len(l.norms) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(l.norms))
	limit := max(deadNorm*sorted[len(sorted)/2], deadWeight*math.Sqrt(float64(l.Visible)))
	var dead []int
	for j, norm := range l.norms {
		twoStates := l.activities != nil && (l.realHidden == nil || !l.realHidden[j])
		constant := twoStates && (l.activities[j] < deadMean || l.activities[j] > 1-deadMean)
		if norm <= limit || constant {
			dead = append(dead, j)
		}
	}
	return dead
}
