// Exchanges of states between two models. exchange.go is the definition; the bits are its but for
// the exponential, which is within two roundings of float64. One element a thread.
#include "grid.h"

// p (size) is min(1, e^((first-first_other) + (second_other-second))) of free energies.
KERNEL chance(float *p, const double *first, const double *first_other, const double *second,
              const double *second_other, int size) {
    EACH(n, size) {
        double r = (first[n] - first_other[n]) + (second_other[n] - second[n]);
        p[n] = (float)exp(r > 0 ? 0.0 : r);
    }
}

// out (rows, columns) is the row of y where mask (rows) is not 0, and that of x elsewhere.
KERNEL select_rows(float *out, const float *mask, const float *x, const float *y, int rows, int columns) {
    EACH(at, (extent)rows * columns) out[at] = mask[at / columns] != 0 ? y[at] : x[at];
}
