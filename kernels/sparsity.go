package kernels

// Sparsity subtracts the slope of the sparsity penalty from hidden means, so that the gradient
// computed from them descends the penalty (Hinton, A Practical Guide to Training RBMs, 2010, §11).
// It is
//
//	for n := lo; n < hi; n++ {
//		for j := range columns {
//			out[n,j] = p[n,j] - cost*(q[j]-target)
//		}
//	}
//
// with out and p (rows, columns) and the moving means q (columns) of the units. out may be p.
// Every implementation returns the same bits. Sparsity panics if a slice is shorter than its
// shape.
func Sparsity(out, p, q []float32, target, cost float32, lo, hi, columns int) {
	if len(out) < hi*columns || len(p) < hi*columns || len(q) < columns {
		panic("kernels: sparsity: a slice is shorter than its shape")
	}
	for n := lo; n < hi; n++ {
		from, to := p[n*columns:(n+1)*columns], out[n*columns:(n+1)*columns]
		for j, q := range q[:columns] {
			to[j] = from[j] - float32(cost*(q-target))
		}
	}
}
