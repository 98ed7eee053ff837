package rbm

import "math"

// sum returns the sum of x, added up in order in float64.
func sum[T float32 | float64](x []T) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

// standardError returns the standard error of the mean of x, given that mean: 0 for fewer
// than two values.
func standardError(x []float64, mean float64) float64 {
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
