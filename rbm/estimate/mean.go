package estimate

import "math"

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
