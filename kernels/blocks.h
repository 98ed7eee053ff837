// Blocks of a matrix of weights on the device. blocks.go is the definition. Sixteen lanes share a
// block.
#ifndef HARMONIUM_BLOCKS_H
#define HARMONIUM_BLOCKS_H

#include "grid.h"

// The ways to cut a matrix, in the order of blocks.go.
enum { EDGES, HIDDEN_UNITS, VISIBLE_UNITS };

struct block {
    int top, left, height, width; // no height or no width: no block
};

// Returns the number of columns of the unit that begins with a column, or 0 if none does. A unit with real
// states has one column.
ELEMENT int unit_width(const uint32_t *kinds, int column) {
    uint32_t kind = kind_at(kinds, column);
    return kind == KIND_REST ? 0 : kind_width(kind);
}

// Returns the number of places at which a block of a matrix may begin.
ELEMENT extent places_of(int over, int rows, int columns) {
    return over == EDGES ? (extent)rows * columns : over == HIDDEN_UNITS ? columns : rows;
}

// Returns the block that begins at a place, if there is one.
ELEMENT struct block block_at(extent place, int over, const uint32_t *visible, const uint32_t *hidden, int rows,
                              int columns) {
    if (place >= places_of(over, rows, columns)) return {0, 0, 0, 0};
    int i = over == EDGES ? (int)(place / columns) : over == VISIBLE_UNITS ? (int)place : 0;
    int j = over == EDGES ? (int)(place % columns) : over == HIDDEN_UNITS ? (int)place : 0;
    return {i, j, over == HIDDEN_UNITS ? rows : unit_width(visible, i), over == VISIBLE_UNITS ? columns : unit_width(hidden, j)};
}

// Loops over this lane's elements of a block of a matrix (.., columns).
#define EACH_OF_BLOCK(at, b, columns)                                                               \
    for (int at##_n = threadIdx.x % LANES, at##_end = (b).height * (b).width, at;                    \
         at##_n < at##_end && (at = ((b).top + at##_n / (b).width) * (columns) + (b).left + at##_n % (b).width, true); \
         at##_n += LANES)

// Returns the sum of |w|, or of w² where squared is set, over a block. All lanes receive it.
ELEMENT double sum_of_block(const float *w, struct block b, int columns, bool squared) {
    double part = 0;
#pragma unroll 4
    EACH_OF_BLOCK(at, b, columns) {
        double x = fabs((double)w[at]);
        part += squared ? x * x : x;
    }
    return __shfl_sync(0xFFFFFFFFu, folded(part), 0, LANES);
}

#endif
