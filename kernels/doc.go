// Package kernels holds the inner loops: what one op of a graph does to flat slices of one batch.
// The packages above decide what to run; this package only runs it.
//
// # Files
//
// Each kernel has one stem, with its files side by side:
//
//	x.go        the definition in Go; the doc comment is the loop it equals
//	x.h         the same in C for the vector units of the host, if the kernel takes much of the time
//	x.cu        the same in CUDA C++
//	x_gpu.go    the launch of the CUDA kernel (build tag gpu)
//	x_test.go   all of these against the definition
//
// host_plain.c, host_avx2.c, host_avx512.c and host_avx512vbmi2.c compile all headers once each.
// A [Set] is one complete implementation: [Definition] is the one in Go, and [Host] chooses the
// fastest for the machine. The compiled CUDA sources are in ptx/. The folder cudasim holds a CUDA
// simulator for tests.
//
// # Kinds of units
//
// A layer consists of groups of columns ([Units]), each of one [Kind]. A kind is an exponential
// family in its field: p(s|x) = e^(s·x - Γ(x)). Its contract is the struct family in kind.go: a
// name, the worth of its bits (the two values of s), its mean Γ', the probability of the bit 1,
// and its cumulant Γ, in float32 and in float64. The files unit_NAME.go and unit_NAME.h hold
// everything about one kind with one column. The table of families in kind.go and the list in
// kind.h have one line for each.
//
// A unit of several columns has a bit for each of its states, and only the bit of its present state
// is 1. Its contract is the struct several; choose.go computes such units one by one, and choose.h
// side by side in the lanes of vectors. Units with real states have the contract real; reals.go
// computes them, in matrices of floats.
//
// # Conventions
//
// Matrices are row-major or in panels ([Grid]), states are bits ([States]), the rows of a batch
// come first, and shapes are plain ints. On CUDA all matrices are row-major, and states are numbers,
// the worth of their bits. Kernels are serial and keep no state. A caller splits
// the work by rows, or by elements numbered panel by panel; no result depends on the split. A
// kernel panics with a constant string if a slice is shorter than its shape. Not every kernel
// checks that a range lo ≤ i < hi begins at 0 or above.
//
// # Exactness
//
// A field over states is a sum of rows of the weights in index order, without products, or an
// earlier field plus and minus rows. The arithmetic of one element (Philox, the functions of a
// kind, the draw) is never contracted into fused multiply-adds. Every sum has a fixed order: a
// gradient adds up rows in rising order; column means add up slices of 64 rows, and then the
// slices (slices.go). Therefore every implementation on the host returns the same bits for states,
// with any number of threads. On CUDA products are summed in another order; given the same fields,
// means and draws have the same bits. For other inputs the rounding differs, within a bound that
// the kernel's comment states.
//
// # Randomness
//
// A random number is a pure function of the seed and of counters: stream, update, Gibbs step, row
// and column ([Draw]). There is no generator state. Host and GPU draw the same numbers, and a
// resumed run continues to the bit.
//
// # Reading order
//
// kind.go and unit_bernoulli.go; philox.go and element.go, the arithmetic of one element;
// panels.go, states.go and units.go, the data; field.go, activate.go and gradient.go, the main
// loops; ascend.go, one update of the parameters; set.go and host.go, the implementations. After
// that, any stem stands alone.
package kernels
