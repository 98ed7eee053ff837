package kernels

// Nesterov updates a parameter by its velocity and extrapolates by the change of the velocity.
// This is the accelerated gradient, written for the parameter at which the gradient is taken
// (Bengio, Boulanger-Lewandowski and Pascanu, Advances in Optimizing Recurrent Networks, 2013).
// It is
//
//	for i := lo; i < hi; i++ {
//		next[i] = w[i] + (v[i] + momentum*(v[i]-before[i]))
//	}
//
// with v the velocity and before the velocity of the preceding update. next may be any of the
// operands. Nesterov returns the smallest index whose next value is NaN or infinite, or -1. It
// panics if a slice is shorter than hi.
func Nesterov(next, w, v, before []float32, momentum float32, lo, hi int) int {
	if len(next) < hi || len(w) < hi || len(v) < hi || len(before) < hi {
		panic("kernels: nesterov: a slice is shorter than its shape")
	}
	bad := -1
	for i := lo; i < hi; i++ {
		change := v[i] - before[i]
		next[i] = w[i] + (v[i] + float32(momentum*change))
		if bad < 0 && !finite(next[i]) {
			bad = i
		}
	}
	return bad
}
