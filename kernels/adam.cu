// Updates of the parameters from moving averages of their gradient. adam.go is the definition,
// and the bits are the same. One thread computes one element.
#include "moves.h"

// next (size) is decay*m + (1-decay)*g; where squared, g*g takes the place of g. next may be m or
// g.
KERNEL moment(float *next, const float *m, const float *g, float decay, int squared, extent size) {
    EACH(at, size) next[at] = averaged(m[at], g[at], decay, squared);
}

// next (size) is w + rate*(m/(sqrt(s)+epsilon)). rate and epsilon are the row of rates (.., 2) at
// the clock's position. next may be w.
KERNEL adam(float *next, const float *w, const float *m, const float *s, const float *rates, const int *clock,
            struct faults *faults, int site, extent size) {
    uint32_t update = (uint32_t)clock[CLOCK_UPDATE];
    begin(faults, update);
    if (stopped(faults, update)) return;
    const float *rate = rates + 2 * (extent)clock[CLOCK_POSITION];
    EACH(at, size) {
        float x = moved_by_adam(w[at], m[at], s[at], rate[0], rate[1]);
        next[at] = x;
        check(faults, site, update, at, x);
    }
}
