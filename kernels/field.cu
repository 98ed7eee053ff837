// The parts of a field that cuBLAS does not compute: adding the bias, and rounding operands to
// bfloat16. field.go is the definition. One thread computes one element.
#include "grid.h"

// Adds b (columns) to each row of z (rows, columns).
KERNEL add_bias(float *z, const float *b, int rows, int columns) {
    EACH(at, (extent)rows * columns) z[at] += b[at % columns];
}

// half is x in bfloat16, rounded to nearest, ties to even. NaN stays NaN.
KERNEL to_half(uint16_t *half, const float *x, extent size) {
    EACH(at, size) {
        uint32_t bits = bits_of(x[at]);
        uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
        half[at] = (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? bits >> 16 | 0x40 : rounded);
    }
}
