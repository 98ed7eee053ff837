// The kernels in C for one instruction set. host_plain.c, host_avx2.c, host_avx512.c and
// host_avx512vbmi2.c each include this file once, after they have selected the instruction set.
// They define
//
//   VARIANT                    the name of the table of functions
//   LANES                      the number of floats in a vector
//   DENSE_ROWS, DENSE_VECTORS  rows and vectors of a register block of the dense product: its sums take about
//                              three quarters of the vector registers of x86-64
//
// Where the compiler's vectors do not produce the best instruction, they also define LOAD_FIRST,
// STORE_FIRST, FUSED, WIDEN, FROM_BYTES, SMALLER, LARGER, HIGH_PRODUCT, LOW_PRODUCT, LOAD_QUADS,
// INTERLEAVE_LOW, INTERLEAVE_HIGH, LESS_BITS and WHERE of vector.h, OTHER_WORDS of gradient.h, and
// COMPRESS, or COMPRESS_BYTES and INTEGERS_FROM_BYTES, for states.h. Those headers have the forms for any hardware.
#ifdef __clang__ // GCC contracts nothing in ISO C11
#pragma STDC FP_CONTRACT OFF
#endif

#include "host_table.h"
#include "vector.h"
#include "element.h"
#include "kind.h"

#include "states.h"
#include "panels.h"
#include "parts.h"
#include "units.h"
#include "field.h"
#include "uniform.h"
#include "binarize.h"
#include "choose.h"
#include "chance.h"
#include "activate.h"
#include "sweep.h"
#include "gradient.h"
#include "ascend.h"
#include "penalty.h"
#include "slices.h"
#include "reduce.h"
#include "reals.h"

const struct host_table VARIANT = {
    .activate = activate,
    .binarize = binarize,
    .sweep_rows = sweep_rows,
    .gradient = gradient,
    .ascend = ascend,
    .update = update,
    .update_panels = update_panels,
    .add = add,
    .squared_l1 = squared_l1,
    .shrink = shrink,
    .pack = pack,
    .pack_transposed = pack_transposed,
    .cumulant_sum = cumulant_sum,
    .column_means = column_means,
    .column_means_states = column_means_states,
    .row_dot = row_dot,
    .activate_reals = activate_reals,
    .real_slopes = real_slopes,
    .real_cumulant_sum = real_cumulant_sum,
};
