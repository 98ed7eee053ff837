package kernels

import "math"

// Moment updates a moving average of a gradient, or of its square. It is
//
//	for i := lo; i < hi; i++ {
//		x := g[i]
//		if squared {
//			x = g[i] * g[i]
//		}
//		next[i] = decay*m[i] + (1-decay)*x
//	}
//
// next may be m or g. Moment panics if a slice is shorter than hi.
func Moment(next, m, g []float32, decay float32, squared bool, lo, hi int) {
	if len(next) < hi || len(m) < hi || len(g) < hi {
		panic("kernels: moment: a slice is shorter than its shape")
	}
	rest := 1 - decay
	for i := lo; i < hi; i++ {
		x := g[i]
		if squared {
			x = float32(x * x)
		}
		next[i] = float32(decay*m[i]) + float32(rest*x)
	}
}

// Adam updates a parameter from the moments of its gradient (Kingma and Ba, Adam: A Method for
// Stochastic Optimization, 2015, §2: algorithm 1 with its last lines in the more efficient order). It is
//
//	for i := lo; i < hi; i++ {
//		next[i] = w[i] + rate*(m[i]/(√s[i]+epsilon))
//	}
//
// with m and s the moving averages of the gradient and of its square. rate and epsilon include
// the correction for the bias of m and s. next may be w. Adam returns the smallest index whose
// next value is NaN or infinite, or -1. It panics if a slice is shorter than hi.
func Adam(next, w, m, s []float32, rate, epsilon float32, lo, hi int) int {
	if len(next) < hi || len(w) < hi || len(m) < hi || len(s) < hi {
		panic("kernels: adam: a slice is shorter than its shape")
	}
	bad := -1
	for i := lo; i < hi; i++ {
		root := float32(math.Sqrt(float64(s[i])))
		next[i] = w[i] + float32(rate*(m[i]/(root+epsilon)))
		if bad < 0 && !finite(next[i]) {
			bad = i
		}
	}
	return bad
}
