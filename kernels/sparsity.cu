// Subtracts the slope of the sparsity penalty from hidden means. sparsity.go is the definition,
// and the bits are the same. One thread computes one element. q is read once per row, from the
// cache.
#include "grid.h"

// out (.., columns) is p - cost*(q - target), with q (columns). out may be p.
KERNEL sparsity(float *out, const float *p, const float *q, float target, float cost, int columns, extent size) {
    EACH(at, size) out[at] = p[at] - cost * (q[at % columns] - target);
}
