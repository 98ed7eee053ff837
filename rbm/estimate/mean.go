package estimate

import (
	"math"
	"slices"
)

// Sum returns the sum of x, added up in order in float64.
func Sum[T float32 | float64](x []T) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

// StandardError returns the standard error of the mean of x, given that mean: 0 for fewer
// than two values.
func StandardError(x []float64, mean float64) float64 {
	if len(x) < 2 {
		return 0
	}
	var squares float64
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	n := float64(len(x))
	return math.Sqrt(squares / (n - 1) / n)
}

// WeightedMean returns the mean of x weighted by w and its standard error:
//
//	mean = Σ w x / Σ w,  √(n/(n-1) Σ w² (x - mean)²) / Σ w
//
// with n the number of positive weights: the rows are independent, and their weights are no numbers of
// repetitions. With equal weights, and with nil for them, these are the mean and its
// [StandardError]. The weights are as many as the values, none is negative, and one is positive.
func WeightedMean[W float32 | float64](x []float64, w []W) (mean, standardError float64) {
	if w == nil {
		mean = Sum(x) / float64(len(x))
		return mean, StandardError(x, mean)
	}
	var total, sum float64
	n := 0.0
	for i, v := range x {
		if w[i] > 0 {
			n++
			total += float64(w[i])
			sum += float64(w[i]) * v
		}
	}
	mean = sum / total
	if n < 2 {
		return mean, 0
	}
	var squares float64
	for i, v := range x {
		part := float64(w[i]) / total * (v - mean)
		squares += part * part
	}
	return mean, math.Sqrt(n / (n - 1) * squares)
}

// Median returns the median of at least one number, which it leaves in their order. Of an even number it is the mean
// of the two in the middle.
func Median(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
