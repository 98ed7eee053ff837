// One step of annealed importance sampling: the update of the log-weights. logweight.go is the
// definition. Given the same fields, the bits are the same.
//
// Sixteen lanes share a row, and each computes one of the sixteen partial sums. Each field is
// read once per inverse temperature (twice in a unit of several columns), after the first time from the cache.
#include "grid.h"

// out (rows) is before (rows) plus log p*_to(v) - log p*_from(v), with v (rows, visible), the
// fields z (rows, hidden), from = betas[update] and to = betas[update+1]. kinds (hidden) holds
// the kinds of the hidden units; null stands for the default kind. out may be before.
KERNEL log_weight(double *out, const double *before, const float *v, const float *visible_bias,
                  const float *base, const float *z, const uint32_t *kinds, const float *betas, const int *clock,
                  int rows, int visible, int hidden) {
    float from = betas[clock[CLOCK_UPDATE]], to = betas[clock[CLOCK_UPDATE] + 1];
    EACH_ROW(n, rows) {
        double part[4] = {0, 0, 0, 0};
        if (n < rows) {
            part[0] = dot_part(v + n * visible, visible_bias, visible);
            part[1] = dot_part(v + n * visible, base, visible);
            part[2] = cumulant_part(z + n * hidden, kinds, from, hidden);
            part[3] = cumulant_part(z + n * hidden, kinds, to, hidden);
        }
        for (int i = 0; i < 4; i++) part[i] = folded(part[i]);
        if (n < rows && threadIdx.x % LANES == 0) {
            double rise = ((double)to - (double)from) * (part[0] - part[1]);
            out[n] = before[n] + (rise + (part[3] - part[2]));
        }
    }
}
