// Subtracts the slope of the squared L1 penalty from a gradient. squaredl1.go is the definition, and
// the bits are the same. Sixteen lanes share a hidden unit. They read its weights twice.
#include "blocks.h"

ELEMENT float sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }

// out (rows, columns) is g - slope*sign(w), where the slope of a hidden unit is cost times the mean
// of |w| over its weights. kinds (columns) are the kinds of the hidden units. out may be g. The items
// are columns. A column at which no hidden unit begins has an empty block, so that its slope is not
// used.
KERNEL squared_l1(float *out, const float *g, const float *w, const uint32_t *kinds, float cost, int rows,
                  int columns) {
    EACH_ROW(column, columns) {
        struct block b = block_at(column, HIDDEN_UNITS, nullptr, kinds, rows, columns);
        double sum = sum_of_block(w, b, columns, false);
        float slope = (float)((double)cost * (sum / (double)(b.height * b.width)));
        EACH_OF_BLOCK(at, b, columns) out[at] = g[at] - slope * sign(w[at]);
    }
}
