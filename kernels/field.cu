// The parts of a field that cuBLAS does not compute: adding the bias, and copies of operands in
// bfloat16. field.go is the definition. One thread computes one sum, or copies four columns.
#include "grid.h"

// Adds b (columns) to each row of z (rows, columns).
KERNEL add_bias(float *z, const float *b, int rows, int columns) {
    EACH(at, (extent)rows * columns) z[at] += b[at % columns];
}

// high is x (rows, columns) in bfloat16, and low, unless it is null, is x - high in bfloat16.
KERNEL to_half(uint16_t *high, uint16_t *low, const float *x, int rows, int columns) {
    bool whole = whole_rows(columns, x);
    uint32_t fours = (uint32_t)(columns + 3) / 4;
    EACH(item, (uint32_t)rows * fours) {
        uint32_t i = item / fours, j = (item - i * fours) * 4;
        float value[4];
        load_four(value, x + i * columns + j, columns - (int)j, whole);
        store_copy(high, low, half_at(i, j, columns), value);
    }
}
