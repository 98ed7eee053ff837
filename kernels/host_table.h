// The functions of one variant of the kernels. The Go function of the same name is
// the definition of each, and has checked the shapes.
#ifndef HARMONIUM_HOST_TABLE_H
#define HARMONIUM_HOST_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "draw.h"

typedef ptrdiff_t extent; // Go's int

// One side of the gradient: lists where count is not NULL, else visible.
struct phase {
    extent rows;
    const float *visible;
    const int32_t *count, *index;
    extent columns; // of the lists
    const float *hidden; // in panels of so many rows
    extent panel_rows;
};

// States and those before, and room for lists of what came and went.
struct changes {
    const uint64_t *was_bits, *bits;
    const int32_t *count, *index; // of the states
    int32_t *on_index, *off_index;
};

// The numbers of an ascent; no offsets and differences, or all of them.
struct ascent {
    float scale, rate, l1, l2;
    const float *visible_offset, *hidden_offset, *visible_difference, *hidden_difference;
};

struct host_table {
    void (*field)(float *z, const float *x, const float *w, const float *b, extent rows, extent in, extent out);
    void (*field_ones)(float *z, const int32_t *count, const int32_t *index, const float *w, const float *b,
                       extent rows, extent in, extent out);
    void (*changed_field)(float *z, const float *before, const struct changes *c, const float *w, const float *b,
                          extent rows, extent in, extent out);
    void (*mean)(float *p, const float *z, float beta, const float *base, extent rows, extent columns);
    void (*sample)(float *s, int32_t *count, int32_t *index, uint64_t *bits, const float *p, const struct draw *d,
                   extent rows, extent columns);
    void (*binarize)(float *s, int32_t *count, int32_t *index, uint64_t *bits, const uint8_t *data,
                     const int32_t *batch, const struct draw *d, extent lo, extent hi, extent columns);
    void (*transpose_ones)(int32_t *to_count, int32_t *to_index, extent to_columns, const uint64_t *bits, extent rows,
                           extent columns, extent lo, extent hi);
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
    void (*softplus_sum)(double *f, const float *z, float beta, extent rows, extent columns);
    void (*column_means)(float *mean, float *weighted, const float *x, const float *s, extent lo, extent hi,
                         extent rows, extent columns);
    void (*row_dot)(double *f, const float *x, const float *c, extent rows, extent columns);
};

extern const struct host_table harmonium_plain, harmonium_avx2, harmonium_avx512;

#endif
