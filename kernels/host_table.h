// The functions of one variant of the kernels. The Go function of the same name is the definition
// of each function and checks the shapes before the call.
#ifndef HARMONIUM_HOST_TABLE_H
#define HARMONIUM_HOST_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "draw.h"

typedef ptrdiff_t extent; // Go's int

// A range of columns of one kind, and all ranges of a layer in order. An empty list stands for
// the default kind alone.
struct group {
    uint32_t kind;
    extent from, to;
};

struct units {
    const struct group *groups;
    extent count;
};

// One side of the gradient: Phase of gradient.go. Where bits is not NULL, the visible values are states, else
// `visible` holds them.
struct phase {
    extent rows;
    const float *visible;
    struct units units;   // of the states; empty where all bits are worth 0 and 1
    const uint64_t *bits; // the words of a row are stride apart
    extent stride;
    int32_t *room;       // for list_phase of gradient.h
    const float *hidden; // means of the hidden units, in panels
    extent panel_rows;   // rows of a panel of hidden, at least `rows`
    float scale;         // turns a sum over the rows into an average
};

// Element (n, j) is data[n * row + j / 64 * panel + j % 64].
struct grid {
    float *data;
    extent row, panel;
};

// The operands of a field. Where values is NULL, the input is states. Where before has data, it
// holds earlier fields, and `was` the states that these belong to. The words of a row of states
// are stride apart.
struct input {
    extent size; // number of units in the input
    const float *weights, *bias;
    const float *values;
    const uint64_t *bits, *was;
    extent stride, was_stride;
    struct grid before;
    int32_t *room; // for lists
};

// The results to compute for a layer. NULL marks an absent part: the weights of the input, the
// data of field and of mean, base, betas and bits.
struct activation {
    extent rows, columns;
    struct units units;
    struct input input;
    struct grid field, mean;
    float beta;
    const float *betas, *base;
    uint64_t *bits; // the words of a row are stride apart
    extent stride;
    struct draw draw;
};

// A sweep. The room holds the fields of a row, and a panel more. NULL marks an absent part: free, betas and
// base.
struct sweep {
    extent columns;
    int backward; // from the last unit to the first
    struct units units;
    uint64_t *bits; // the words of a row are stride apart
    extent stride;
    const float *field, *lateral, *free;
    float beta;
    const float *betas, *base;
    struct draw draw;
    float *room;
};

// The shapes of the units of a layer with real states, a number for each column. jump and skew are NULL unless
// units have two sides.
struct shapes { const float *log_variance, *jump, *skew; };

// The results to compute for the units with real states of a layer. NULL marks an absent part: the data
// of mean and of state, base and betas.
struct reals {
    extent rows, columns;
    struct units units;
    struct shapes shapes;
    struct grid field, mean, state;
    float beta;
    const float *betas, *base;
    struct draw draw;
};

// The parameters of an ascent. The offsets and differences are all present or all NULL.
struct ascent {
    const float *gradient; // for update_panels, or NULL where it is computed from the phases
    float scale, rate, l1, l2;
    const float *visible_offset, *hidden_offset, *visible_difference, *hidden_difference;
};

struct host_table {
    extent (*activate)(const struct activation *a, extent lo, extent hi);
    extent (*binarize)(uint64_t *bits, extent stride, const uint8_t *data, const int32_t *batch, const struct draw *d,
                       extent lo, extent hi, extent columns);
    extent (*sweep_rows)(const struct sweep *s, extent lo, extent hi);
    void (*gradient)(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden);
    extent (*ascend)(float *next, const float *keep, const float *w, const float *g, const struct ascent *a, extent lo,
                     extent hi, extent columns);
    extent (*update)(float *next, const float *keep, const float *w, const struct ascent *a, const struct phase *data,
                     const struct phase *chains, extent lo, extent hi, extent visible, extent hidden);
    extent (*update_panels)(float *w, float *turned, const struct ascent *a, const struct phase *data,
                            const struct phase *chains, extent lo, extent hi, extent visible, extent hidden);
    extent (*add)(float *z, const float *x, const float *y, extent lo, extent hi);
    void (*squared_l1)(float *out, const float *g, const float *w, float cost, extent rows, extent columns,
                       extent stride);
    void (*shrink)(float *next, const float *w, float threshold, extent rows, extent columns, extent stride);
    void (*pack)(float *dst, const float *src, extent lo, extent hi, extent rows, extent columns);
    void (*pack_transposed)(float *dst, const float *src, extent lo, extent hi, extent rows);
    void (*cumulant_sum)(double *f, struct grid z, struct units units, float beta, extent rows, extent columns);
    void (*column_means)(float *mean, float *weighted, struct grid x, const float *s, extent lo, extent hi,
                         extent rows);
    void (*column_means_states)(float *mean, float *weighted, const uint64_t *bits, extent stride, const float *s,
                                extent lo, extent hi, extent rows);
    void (*row_dot)(double *f, struct grid x, const float *c, extent rows, extent columns);
    void (*activate_reals)(const struct reals *r);
    void (*real_slopes)(float *out, const float *x, struct units units, const struct shapes *shapes, int by, extent rows,
                        extent columns);
    void (*real_cumulant_sum)(double *f, struct grid z, struct units units, const struct shapes *shapes, float beta,
                              extent rows, extent columns);
};

extern const struct host_table harmonium_plain, harmonium_avx2, harmonium_avx512, harmonium_avx512vbmi2;

#endif
