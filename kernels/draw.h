// The random numbers of one batch, as Draw of philox.go identifies them. key0 and key1 are the low and
// the high word of the seed. stream is in the high 8 bits of its word.
#ifndef HARMONIUM_DRAW_H
#define HARMONIUM_DRAW_H

#include <stdint.h>

struct draw {
    uint32_t key0, key1, stream, row, update, step;
};

#endif
