package dataset

import (
	"math"
	"slices"
	"strings"
)

// numbersOf returns the numbers of column j that are not missing.
func (m *matrix) numbersOf(j int) []float64 {
	var numbers []float64
	for _, cell := range m.cellsOf(j) {
		if x, ok := numberOf(cell); ok {
			numbers = append(numbers, x)
		}
	}
	return numbers
}

// ofNumbers makes the column one of standardised numbers or, if bins is positive, of that many bins. numbers are
// of all known cells.
func (c Column) ofNumbers(numbers []float64, d distinct, bins int) Column {
	for _, word := range d.words {
		c.Decimals = max(c.Decimals, decimalsOf(word))
		if strings.ContainsAny(word, "eExXpP") {
			c.Decimals = -1
			break
		}
	}
	if bins > 0 {
		c.Kind = categoricalColumn
		c.Edges, c.Means = quantileBins(numbers, bins)
		return c
	}
	c.Kind = gaussianColumn
	c.Mean, c.Deviation = meanDeviation(numbers)
	return c
}

// decimalsOf returns the number of digits behind the point of a number, at most maxDecimals.
func decimalsOf(word string) int {
	i := strings.IndexByte(word, '.')
	if i < 0 {
		return 0
	}
	return min(len(word)-i-1, maxDecimals)
}

// meanDeviation returns the mean and the standard deviation, √(Σ(x-mean)²/N), of numbers.
func meanDeviation(numbers []float64) (mean, deviation float64) {
	n := float64(len(numbers))
	for _, x := range numbers {
		mean += x / n
	}
	for _, x := range numbers {
		deviation += (x - mean) * (x - mean) / n
	}
	return mean, math.Sqrt(deviation)
}

// quantileBins cuts numbers, which are not all the same, into at most n bins with about equally many numbers.
// Equal numbers are in one bin, so there may be fewer bins, but at least two. It returns the edges between the
// bins, each half way between two neighbouring numbers, and the mean of each bin.
func quantileBins(numbers []float64, n int) (edges, means []float64) {
	sorted := slices.Sorted(slices.Values(numbers))
	from := 0
	for b := 1; b <= n && from < len(sorted); b++ {
		to := max(from+1, (b*len(sorted)+n/2)/n) // b/n of them, rounded
		if b == n {
			to = len(sorted)
		}
		for to < len(sorted) && sorted[to] == sorted[to-1] {
			to++
		}
		if from > 0 {
			edges = append(edges, edgeBetween(sorted[from-1], sorted[from]))
		}
		mean, _ := meanDeviation(sorted[from:to])
		means, from = append(means, mean), to
	}
	if len(means) == 1 { // n is 1, or most numbers are the same as the greatest
		return binsOfLeast(sorted)
	}
	return edges, means
}

// binsOfLeast makes two bins of sorted numbers: one of the least number, and one of all others.
func binsOfLeast(sorted []float64) (edges, means []float64) {
	at := slices.IndexFunc(sorted, func(x float64) bool { return x > sorted[0] })
	mean, _ := meanDeviation(sorted[at:])
	return []float64{edgeBetween(sorted[at-1], sorted[at])}, []float64{sorted[0], mean}
}

// edgeBetween returns the mean of two numbers or, if it is rounded to low, high: edges belong to the bin above.
func edgeBetween(low, high float64) float64 {
	if middle := low/2 + high/2; middle > low {
		return middle
	}
	return high
}

// bin returns the bin of a number.
func (c *Column) bin(x float64) int {
	at, found := slices.BinarySearch(c.Edges, x)
	if found {
		at++
	}
	return at
}
