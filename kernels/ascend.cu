// Updates of the parameters along their gradient. ascend.go is the definition, and the bits are
// the same.
//
// One thread computes four elements where the length of the rows allows it, else one. Every
// operand is read once.
#include "faults.h"

// The operands of an update, as in Ascent of ascend.go.
struct ascent {
    float *next;
    const float *keep, *weights, *gradient;
    float scale, rate, l1, l2;
    const float *mu, *lambda, *dv, *dp; // null for the plain gradient
};

ELEMENT float sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }

ELEMENT float moved(const struct ascent &a, int i, int j, float keep, float w, float gradient) {
    float c = gradient;
    if (a.mu) c -= a.mu[i] * a.dp[j] + a.dv[i] * a.lambda[j];
    c -= a.l2 * w;
    c -= a.l1 * sign(w);
    return a.scale * keep + a.rate * c;
}

// next (rows, columns) is scale*keep + rate*((c - l2*w) - l1*sign(w)), where c is the gradient
// with its rank-one corrections. The row of rates (.., 2) at the clock's position holds rate and
// momentum. scale is the momentum where velocity is set, else 1.
KERNEL ascend(float *next, const float *keep, const float *weights, const float *gradient,
              const float *rates, const int *clock, const float *mu, const float *lambda, const float *dv,
              const float *dp, int velocity, float l1, float l2, struct faults *faults, int site, int rows,
              int columns) {
    uint32_t update = (uint32_t)clock[CLOCK_UPDATE];
    begin(faults, update);
    if (stopped(faults, update)) return;
    const float *rate = rates + 2 * (extent)clock[CLOCK_POSITION];
    struct ascent a = {next, keep, weights, gradient, velocity ? rate[1] : 1.0f, rate[0], l1, l2, mu, lambda, dv, dp};
    if (columns % 4 != 0) {
        EACH(at, (extent)rows * columns) {
            int i = (int)(at / columns), j = (int)(at % columns);
            float x = moved(a, i, j, keep[at], weights[at], gradient[at]);
            next[at] = x;
            check(faults, site, update, at, x);
        }
        return;
    }
    EACH(item, (extent)rows * columns / 4) {
        extent at = item * 4;
        int i = (int)(at / columns), j = (int)(at % columns);
        float4 k = ((const float4 *)keep)[item], w = ((const float4 *)weights)[item];
        float4 g = ((const float4 *)gradient)[item];
        float4 x;
        x.x = moved(a, i, j, k.x, w.x, g.x);
        x.y = moved(a, i, j + 1, k.y, w.y, g.y);
        x.z = moved(a, i, j + 2, k.z, w.z, g.z);
        x.w = moved(a, i, j + 3, k.w, w.w, g.w);
        ((float4 *)next)[item] = x;
        check(faults, site, update, at, x.x);
        check(faults, site, update, at + 1, x.y);
        check(faults, site, update, at + 2, x.z);
        check(faults, site, update, at + 3, x.w);
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
