package report

import (
	"cmp"
	"math"
	"slices"
)

// shownFilters is the number of hidden units whose weights a page shows, at most.
const shownFilters = 64

// SpreadByNorm returns up to n of the units with the given norms, spread evenly over their order by norm, the
// largest first. So dead units show beside strong ones.
func SpreadByNorm(norms []float64, n int) []int {
	all := make([]int, len(norms))
	for j := range all {
		all[j] = j
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	shown := make([]int, min(n, len(all)))
	for k := range shown {
		shown[k] = all[k*len(all)/len(shown)]
	}
	return shown
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
