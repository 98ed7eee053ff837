// Package kernels holds the inner loops: what one op of a graph does to flat
// slices of one batch. Everything above decides what to run; this package only
// runs it.
//
// Each kernel is one stem with its files side by side. x.go is the definition
// in plain Go, and its doc comment is the loop that it equals; x.h is the C for
// the host's SIMD units, which the files host_plain.c to host_avx512vbmi2.c
// compile once each; x.cu, where there is one, is the CUDA source; and x_test.go
// holds all of them against the definition. A [Set] is one complete
// implementation; [Definition] is the one in Go, and [Host] chooses.
//
// Matrices are row-major or in panels ([Grid]), states are bits ([States]), batches have their
// rows first, shapes are plain ints. Kernels are serial and hold no state: a caller splits the
// work by rows, or by elements that are numbered panel by panel, and no result depends on
// where it splits. They panic with a constant string where a slice is shorter than its shape.
//
// # Exactness
//
// A state is a bit, or a float32 that is 0 or 1. A field over states is a sum of rows of
// the weights in index order, without a product, or follows from an earlier field by sums
// and differences of rows, and the arithmetic of one element (Philox, the logistic
// function, softplus, the draw) is never contracted into fused multiply-adds. So every
// implementation gives the same bits for states, on any number of threads. For other
// inputs the products are rounded differently; the bound stands with the kernel.
package kernels
