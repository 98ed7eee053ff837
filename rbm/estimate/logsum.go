package estimate

import "math"

// Softplus returns log(1+e^x), the log of the sum over the two states of a
// unit in {0,1} with field x. Its derivative is the sigmoid.
func Softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// LogSumExp returns log Σ e^x, and -Inf for no terms. The summation is compensated (Kahan), so
// that the error does not grow with the number of terms.
func LogSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, x := range x {
		top = max(top, x)
	}
	if math.IsInf(top, 0) {
		return top
	}
	var sum, lost float64
	for _, x := range x {
		term := math.Exp(x-top) - lost
		next := sum + term
		lost = (next - sum) - term
		sum = next
	}
	return top + math.Log(sum)
}
