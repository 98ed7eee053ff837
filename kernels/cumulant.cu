// Free energies. CumulantSum of cumulant.go and RowDot of reduce.go are the definitions. Given
// the same fields, the bits are the same.
//
// Sixteen lanes share a row, and each computes one of the sixteen partial sums. Every value is
// read once, but the fields of a unit of several columns twice.
#include "grid.h"

// f (rows) is -visible_bias·v - Σ Γ(z), with v (rows, visible) and z (rows, hidden). kinds
// (hidden) holds the kinds of the hidden units; null stands for the default kind.
KERNEL free_energy(double *f, const float *v, const float *visible_bias, const float *z, const uint32_t *kinds,
                   int rows, int visible, int hidden) {
    EACH_ROW(n, rows) {
        double linear = 0, curved = 0;
        if (n < rows) curved = cumulant_part(z + n * hidden, kinds, 1.0f, hidden);
        curved = folded(curved);
        if (n < rows) linear = dot_part(v + n * visible, visible_bias, visible);
        linear = folded(linear);
        if (n < rows && threadIdx.x % LANES == 0) f[n] = -linear - curved;
    }
}
