// Moves of the parameters along moving averages of their gradient. adam.go is the
// definition; the bits are its. One element a thread.
#include "faults.h"

// next (size) is decay*m + (1-decay)*g, with g*g for g where squared. next may be m or g.
KERNEL moment(float *next, const float *m, const float *g, float decay, int squared, extent size) {
    float rest = 1.0f - decay;
    EACH(at, size) {
        float x = g[at];
        if (squared) x = x * x;
        next[at] = decay * m[at] + rest * x;
    }
}

// next (size) is w + rate*(m/(sqrt(s)+epsilon)), with rate and epsilon those of rates (.., 2)
// at the position of the clock. next may be w.
KERNEL adam(float *next, const float *w, const float *m, const float *s, const float *rates, const int *clock,
            struct faults *faults, int site, extent size) {
    uint32_t update = (uint32_t)clock[CLOCK_UPDATE];
    begin(faults, update);
    if (stopped(faults, update)) return;
    const float *rate = rates + 2 * (extent)clock[CLOCK_POSITION];
    EACH(at, size) {
        float x = w[at] + rate[0] * (m[at] / (sqrtf(s[at]) + rate[1]));
        next[at] = x;
        check(faults, site, update, at, x);
    }
}
