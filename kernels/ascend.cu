// Updates of the parameters along their gradient. ascend.go is the definition, and the bits are
// the same.
//
// One thread computes four elements of a row. Every operand is read once.
#include "moves.h"

// next (rows, columns) is scale*keep + rate*((c - l2*w) - l1*sign(w)), where c is the gradient
// minus mu*dp + dv*lambda, the correction of Center in ascend.go, unless mu is null. The row of
// rates (.., 2) at the clock's position holds rate and momentum. scale is the momentum where
// velocity is set, else 1. Unless they are null, high and low receive a copy of next (see store_copy).
KERNEL ascend(float *next, uint16_t *high, uint16_t *low, const float *keep, const float *weights, const float *gradient,
              const float *rates, const int *clock, const float *mu, const float *lambda, const float *dv,
              const float *dp, int velocity, float l1, float l2, struct faults *faults, int site, int rows,
              int columns) {
    uint32_t update = (uint32_t)clock[CLOCK_UPDATE];
    begin(faults, update);
    if (stopped(faults, update)) return;
    const float *rate = rates + 2 * (extent)clock[CLOCK_POSITION];
    float scale = velocity ? rate[1] : 1.0f;
    bool whole = whole_rows(columns, next, keep, weights) && whole_rows(columns, gradient, lambda, dp);
    uint32_t fours = (uint32_t)(columns + 3) / 4;
    EACH(item, (uint32_t)rows * fours) {
        uint32_t i = item / fours, j = (item - i * fours) * 4, at = i * columns + j;
        int some = columns - (int)j;
        float k[4], w[4], g[4], l[4], d[4], x[4];
        load_four(k, keep + at, some, whole);
        load_four(g, gradient + at, some, whole);
        if (weights != keep) load_four(w, weights + at, some, whole);
        float offset = mu ? mu[i] : 0.0f, difference = mu ? dv[i] : 0.0f;
        if (mu) load_four(l, lambda + j, some, whole);
        if (mu) load_four(d, dp + j, some, whole);
#pragma unroll
        for (int c = 0; c < 4; c++) {
            if (mu) g[c] -= offset * d[c] + difference * l[c];
            x[c] = moved(scale, k[c], rate[0], g[c], weights != keep ? w[c] : k[c], l1, l2);
        }
        store_four(next + at, x, some, whole);
        if (high) store_copy(high, low, half_at(i, j, columns), x);
        for (int c = 0; c < 4; c++) {
            if (c < some) check(faults, site, update, at + c, x[c]);
        }
    }
}

// z is x + y. A fault counts for the update of the preceding ascend. z may be x or y.
KERNEL add(float *z, const float *x, const float *y, struct faults *faults, int site, extent size) {
    uint32_t update = faults->now;
    if (stopped(faults, update)) return;
    EACH(at, size) {
        float sum = x[at] + y[at];
        z[at] = sum;
        check(faults, site, update, at, sum);
    }
}

// z is x + y, which is no parameter: a fault shows in the parameter that depends on it. z may be x or y.
KERNEL plus(float *z, const float *x, const float *y, extent size) {
    EACH(at, size) z[at] = x[at] + y[at];
}
