// Updates of the parameters by Nesterov's accelerated gradient. nesterov.go is the definition,
// and the bits are the same. One thread computes one element.
#include "moves.h"

// next (size) is w + (v + momentum*(v-before)). The momentum is the second number in the row of
// rates (.., 2) at the clock's position. next may be any of the operands. After an update with a
// fault nothing changes.
KERNEL nesterov(float *next, const float *w, const float *v, const float *before, const float *rates,
                const int *clock, struct faults *faults, int site, extent size) {
    uint32_t update = (uint32_t)clock[CLOCK_UPDATE];
    begin(faults, update);
    if (stopped(faults, update)) return;
    float momentum = rates[2 * (extent)clock[CLOCK_POSITION] + 1];
    EACH(at, size) {
        float x = moved_by_nesterov(w[at], v[at], before[at], momentum);
        next[at] = x;
        check(faults, site, update, at, x);
    }
}
