// Exchanges of states between two models. exchange.go is the definition. The exponential may
// differ by two roundings of float64; the other bits are the same. One thread computes one
// element.
#include "grid.h"

// p (size) is min(1, e^((first-first_other) + (second_other-second))), where the four operands
// are free energies.
KERNEL chance(float *p, const double *first, const double *first_other, const double *second,
              const double *second_other, int size) {
    EACH(n, size) {
        double r = (first[n] - first_other[n]) + (second_other[n] - second[n]);
        p[n] = (float)exp(r > 0 ? 0.0 : r);
    }
}

// An element of out (size) is taken from y where its element of mask is not 0, else from x. Each element of
// mask is for `share` successive elements of out: a row (Select), or one (SelectCells).
KERNEL select_parts(float *out, const float *mask, const float *x, const float *y, int share, extent size) {
    EACH(at, size) out[at] = mask[at / share] != 0 ? y[at] : x[at];
}
