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
    const float *hidden;
};

struct host_table {
    void (*field)(float *z, const float *x, const float *w, const float *b, extent rows, extent in, extent out);
    void (*field_ones)(float *z, const int32_t *count, const int32_t *index, const float *w, const float *b,
                       extent rows, extent in, extent out);
    void (*mean)(float *p, const float *z, float beta, const float *base, extent rows, extent columns);
    void (*sample)(float *s, int32_t *count, int32_t *index, const float *p, const struct draw *d, extent rows,
                   extent columns);
    extent (*binarize)(float *s, int32_t *index, const uint8_t *data, const struct draw *d, extent columns);
    void (*gradient)(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden);
};

extern const struct host_table harmonium_plain, harmonium_avx2, harmonium_avx512;

#endif
