// Multiplies each row of a matrix by a number. scale.go is the definition, and the bits are the
// same. One thread computes one element. s is read once per element, from the cache.
#include "grid.h"

// out (size) is x times s[at / share]: each number of s belongs to `share` successive elements. out
// may be x.
KERNEL scale_rows(float *out, const float *x, const float *s, int share, extent size) {
    EACH(at, size) out[at] = x[at] * s[at / share];
}
