// A batch of rows from the data set, binarized on the way. Gather of rows.go is the definition.
//
// One thread computes the four columns that one call of Philox serves. A row of bytes is read
// once, in segments of 16 bytes.
#include "grid.h"

// How the values of a data set become states: Binarization of rows.go.
enum { AS_IS = 0, THRESHOLD = 1, STATIC = 2, DYNAMIC = 3 };

// s (rows, columns) is a batch of a data set. Row n of the batch is row order[position*batch+n]
// of the data. The values are bytes b, which stand for b/255, or floats; the other pointer is
// null. Each row of the data has its own random numbers.
//
// A value x, which is a bit or the probability of the bit 1, is worth low + (high-low)*x. low and
// high belong to the kind of the column. kinds (columns) may be null for the default kind.
//
// Without a window, the whole data set is on the device. With one, only `window` rows are, in
// their order: row order[i] is at place i % window. No batch crosses the end of the window.
KERNEL gather(float *s, uint16_t *half, const uint8_t *bytes, const float *floats, const uint8_t *kinds,
              const int *order, const int *clock, int batch, uint32_t window, int binarize, float threshold, uint32_t key0,
              uint32_t key1, uint32_t stream, int rows, int columns) {
    extent start = (extent)clock[CLOCK_POSITION] * batch;
    const int *index = order + start;
    extent first = window ? (uint32_t)start % window : 0;
    struct draw d = {key0, key1, stream, 0, binarize == DYNAMIC ? (uint32_t)clock[CLOCK_EPOCH] : 0, 0};
    EACH_FOUR(item, rows, columns) {
        four f = four_of(item, columns);
        extent source = index[f.row], place = window ? first + f.row : source;
        uint32_t word[4];
        if (binarize >= STATIC) element_words(word, d, (uint32_t)source, f.block);
        for (int i = 0; i < 4; i++) {
            int j = f.column + 16 * i;
            if (j >= columns) break;
            extent from = place * columns + j, at = f.row * columns + j;
            float x = bytes ? (float)bytes[from] / 255.0f : floats[from];
            if (binarize == THRESHOLD) x = LESS(threshold, x);
            if (binarize >= STATIC) x = LESS(element_uniform(word[i]), x);
            if (kinds) x = kind_low(kinds[j]) + (kind_high(kinds[j]) - kind_low(kinds[j])) * x;
            s[at] = x;
            if (half) half[at] = half_state(x);
        }
    }
}
