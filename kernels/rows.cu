// A batch of rows from the data set, binarized on the way. Gather of rows.go is the definition.
//
// One thread computes the sixteen columns that four calls of Philox serve. It loads all values
// before it stores anything, so that the loads overlap, four columns at a time: floats as 16 bytes,
// bytes as 4. Every value is read once.
#include "grid.h"

// How the values of a data set become states: Binarization of rows.go.
enum { AS_IS = 0, THRESHOLD = 1, STATIC = 2, DYNAMIC = 3 };

// Loads the values of four columns from bytes or floats; the other pointer is null. `whole` tells
// that all four are there, at a multiple of their size.
ELEMENT void load_values(float x[4], const uint8_t *bytes, const float *floats, extent from, int some, bool whole) {
    if (floats) {
        load_four(x, floats + from, some, whole);
        return;
    }
    uint32_t b[4] = {0, 0, 0, 0};
    if (whole) {
        uchar4 v = *(const uchar4 *)(bytes + from);
        b[0] = v.x;
        b[1] = v.y;
        b[2] = v.z;
        b[3] = v.w;
    } else {
        for (int c = 0; c < 4; c++) {
            if (c < some) b[c] = bytes[from + c];
        }
    }
    for (int c = 0; c < 4; c++) x[c] = (float)b[c] / 255.0f;
}

// s (rows, columns) is a batch of a data set, or the rows of one from row `first` on. half is null or
// receives a copy of s in bfloat16, and then all values of s must be states. Row n is row
// order[position*batch+first+n] of the data. The values are bytes b, which stand for b/255, or floats;
// the other pointer is null. Each row of the data has its own random numbers.
//
// A value x, which is a bit or the probability of the bit 1, is worth low + (high-low)*x. low and
// high belong to the kind of the column; a real state is x itself. kinds (columns) may be null for the
// default kind.
//
// Without a window, the whole data set is on the device. With one, only `window` rows are, in
// their order: row order[i] is at place i % window. No batch crosses the end of the window.
KERNEL gather(float *s, uint16_t *half, const uint8_t *bytes, const float *floats, const uint32_t *kinds,
              const int *order, const int *clock, int batch, int first, uint32_t window, int binarize, float threshold, uint32_t key0,
              uint32_t key1, uint32_t stream, int rows, int columns) {
    extent start = (extent)clock[CLOCK_POSITION] * batch + first;
    const int *index = order + start;
    extent place = window ? (uint32_t)start % window : 0;
    struct draw d = {key0, key1, stream, 0, binarize == DYNAMIC ? (uint32_t)clock[CLOCK_EPOCH] : 0, 0};
    bool whole = whole_rows(columns, s, floats) && ((uintptr_t)bytes & 3) == 0;
    EACH_SIXTEEN(item, rows, columns) {
        sixteen f = sixteen_of(item, columns);
        int source = index[f.row];
        extent from = (window ? place + f.row : (extent)source) * columns + f.column;
        uint32_t to = (uint32_t)f.row * columns + f.column, word[4][4];
        float x[4][4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            int some = columns - f.column - 16 * i;
            if (some > 0) load_values(x[i], bytes, floats, from + 16 * i, some, whole);
        }
        if (binarize >= STATIC) sixteen_words(word, d, (uint32_t)source, f.block);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            int column = f.column + 16 * i, some = columns - column;
            if (some <= 0) break;
            int kind[4];
            if (kinds) load_kinds(kind, kinds, column, some);
#pragma unroll
            for (int c = 0; c < 4; c++) {
                float v = x[i][c];
                if (binarize == THRESHOLD) v = LESS(threshold, v);
                if (binarize >= STATIC) v = LESS(element_uniform(word[c][i]), v);
                if (kinds) v = kind_low(kind[c]) + (kind_high(kind[c]) - kind_low(kind[c])) * v;
                x[i][c] = v;
            }
            store_four(s + to + 16 * i, x[i], some, whole);
            if (half) store_states(half + half_at(f.row, column, columns), x[i]);
        }
    }
}
