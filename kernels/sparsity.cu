// The slope of the sparsity penalty, taken off hidden means. sparsity.go is the definition;
// the bits are its. One element a thread; q is read once for each row, from the cache.
#include "grid.h"

// out (.., columns) is p - cost*(q - target), with q (columns); out may be p.
KERNEL sparsity(float *out, const float *p, const float *q, float target, float cost, int columns, extent size) {
    EACH(at, size) out[at] = p[at] - cost * (q[at % columns] - target);
}
