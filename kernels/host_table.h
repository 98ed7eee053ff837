// The functions of one variant of the kernels. The Go function of the same name is
// the definition of each, and has checked the shapes.
#ifndef HARMONIUM_HOST_TABLE_H
#define HARMONIUM_HOST_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "draw.h"

typedef ptrdiff_t extent; // Go's int

// A range of columns of one kind, and all of a layer in order: none stands for the default kind.
struct group {
    uint8_t kind;
    extent from, to;
};

struct units {
    const struct group *groups;
    extent count;
};

// One side of the gradient: states of units where bits is not NULL, else visible.
struct phase {
    extent rows;
    const float *visible;
    struct units units;
    const uint64_t *bits; // stride apart
    extent stride;
    int32_t *room;       // for lists
    const float *hidden; // in panels of so many rows
    extent panel_rows;
};

// Element n, j is data[n * row + j / 64 * panel + j % 64].
struct grid {
    float *data;
    extent row, panel;
};

// What the fields of a layer come from: values where they are not NULL, else states, and
// earlier ones where before has data. The words of states are stride apart.
struct input {
    extent size; // units
    const float *weights, *bias;
    const float *values;
    const uint64_t *bits, *was;
    extent stride, was_stride;
    struct grid before;
    int32_t *room; // for lists
};

// What to compute of a layer. NULL stands for what is not there: the weights of the input,
// the data of field and mean, base, betas and bits.
struct activation {
    extent rows, columns;
    struct units units;
    struct input input;
    struct grid field, mean;
    float beta;
    const float *betas, *base;
    uint64_t *bits; // stride apart
    extent stride;
    struct draw draw;
};

// The numbers of an ascent; no offsets and differences, or all of them.
struct ascent {
    float scale, rate, l1, l2;
    const float *visible_offset, *hidden_offset, *visible_difference, *hidden_difference;
};

struct host_table {
    extent (*activate)(const struct activation *a, extent lo, extent hi);
    extent (*binarize)(uint64_t *bits, extent stride, const uint8_t *data, const int32_t *batch, const struct draw *d,
                       extent lo, extent hi, extent columns);
    void (*gradient)(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden);
    extent (*ascend)(float *next, const float *keep, const float *w, const float *g, const struct ascent *a, extent lo,
                     extent hi, extent columns);
    extent (*update)(float *next, const float *keep, const float *w, const struct ascent *a, const struct phase *data,
                     const struct phase *chains, extent lo, extent hi, extent visible, extent hidden);
    extent (*update_panels)(float *w, float *turned, const struct ascent *a, const struct phase *data,
                            const struct phase *chains, extent lo, extent hi, extent visible, extent hidden);
    extent (*add)(float *z, const float *x, const float *y, extent lo, extent hi);
    void (*pack)(float *dst, const float *src, extent lo, extent hi, extent rows, extent columns);
    void (*pack_transposed)(float *dst, const float *src, extent lo, extent hi, extent rows);
    void (*cumulant_sum)(double *f, struct grid z, struct units units, float beta, extent rows, extent columns);
    void (*column_means)(float *mean, float *weighted, struct grid x, const float *s, extent lo, extent hi,
                         extent rows);
    void (*column_means_states)(float *mean, float *weighted, const uint64_t *bits, extent stride, const float *s,
                                extent lo, extent hi, extent rows);
    void (*row_dot)(double *f, struct grid x, const float *c, extent rows, extent columns);
};

extern const struct host_table harmonium_plain, harmonium_avx2, harmonium_avx512, harmonium_avx512vbmi2;

#endif
