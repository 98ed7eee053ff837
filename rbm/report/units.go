package report

import (
	"cmp"
	"math"
	"slices"
)

// shownFilters is the number of hidden units whose weights a page shows, at most.
const shownFilters = 64

// SpreadByNorm returns up to n of some units, spread evenly over their order by norm, the largest first.
// So dead units show beside strong ones.
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

// dead returns the hidden units that are in one state on nearly all rows, or whose weights are
// short, by themselves or beside the median.
func (l *Looks) dead() []int {
	if len(l.norms) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(l.norms))
	limit := max(deadNorm*sorted[len(sorted)/2], deadWeight*math.Sqrt(float64(l.Visible)))
	var dead []int
	for j, norm := range l.norms {
		states := l.activities != nil && (l.realHidden == nil || !l.realHidden[j])
		constant := states && (l.activities[j] < deadMean || l.activities[j] > 1-deadMean)
		if norm <= limit || constant {
			dead = append(dead, j)
		}
	}
	return dead
}
