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

// Row n of out (rows, columns) is row n of y where mask[n] is not 0, else row n of x.
KERNEL select_rows(float *out, const float *mask, const float *x, const float *y, int rows, int columns) {
    EACH(at, (extent)rows * columns) out[at] = mask[at / columns] != 0 ? y[at] : x[at];
}
