// The proximal step of the group lasso. shrink.go is the definition, and the bits are the same.
// Sixteen lanes share a block. They read its weights twice.
#include "blocks.h"
#include "faults.h"

// Returns x moved towards 0 by the threshold, at most to 0: the step of a block of one weight, in float.
ELEMENT float softened(float x, float threshold) {
    float left = fabsf(x) - threshold;
    return copysignf(left < 0 ? 0.0f : left, x);
}

// next (rows, columns) is w times the factor of each block. The threshold is cost times the learning
// rate, the first number in the row of rates (.., 2) at the clock's position. visible (rows) and
// hidden (columns) are the kinds of the units. next may be w. After an update with a fault nothing
// changes.
KERNEL shrink(float *next, const float *w, const float *rates, const int *clock, float cost, int over,
              const uint32_t *visible, const uint32_t *hidden, const struct faults *faults, int rows, int columns) {
    if (stopped(faults, (uint32_t)clock[CLOCK_UPDATE])) return;
    float threshold = cost * rates[2 * (extent)clock[CLOCK_POSITION]];
    EACH_ROW(place, places_of(over, rows, columns)) {
        struct block b = block_at(place, over, visible, hidden, rows, columns);
        double norm = sqrt(sum_of_block(w, b, columns, true));
        float factor = norm <= (double)threshold ? 0.0f : (float)((norm - (double)threshold) / norm);
        bool one = b.height * b.width == 1;
        EACH_OF_BLOCK(at, b, columns) next[at] = one ? softened(w[at], threshold) : factor * w[at];
    }
}
