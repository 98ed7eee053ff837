// Units of several columns given their fields: their means, their drawn states, or both. choose.go
// and unit_categorical.go are the definitions.
//
// One thread computes one unit. It reads the fields of its columns up to four times, from memory the
// first time: for the largest, for the sum of the terms, for the means and for the state.
#include "grid.h"

// The fields of one unit.
struct fields {
    const float *z, *bias, *base;
    float beta, rest;
};

// Returns the field of column a of a unit.
ELEMENT float field_of(const struct fields &f, int a) {
    float x = f.z[a];
    if (f.bias) x = x + f.bias[a];
    return f.base ? f.beta * x + f.rest * f.base[a] : f.beta * x;
}

ELEMENT float term_of(const struct fields &f, float most, int a) {
    return element_exp(element_clamp(field_of(f, a) - most));
}

// The group that begins with column `from` has `units` units of q columns each. The other operands are as in
// activate of activate.cu. Unit k of the group has the random number of column from+k. No result may
// overlap z, which is read again after the means are stored.
KERNEL choose(float *p, float *s, uint16_t *half, uint16_t *high, uint16_t *low, const float *z, const float *bias,
              const float *base, const float *betas, const float *levels, const int *clock, int ahead, uint32_t key0, uint32_t key1,
              uint32_t stream, uint32_t row, uint32_t step, int first, int rows, int columns, int from, int units, int q) {
    struct draw d = {key0, key1, stream, row, s ? (uint32_t)clock[CLOCK_UPDATE] : 0, step};
    float beta = base && !levels ? betas[clock[CLOCK_UPDATE] + ahead] : 1.0f;
    EACH(item, rows * units) {
        int n = (int)(item / units), k = (int)(item % units), at = from + k * q;
        uint32_t place = (uint32_t)n * columns + at;
        if (base && levels) beta = betas[(int)levels[n]];
        struct fields f = {z + place, bias ? bias + at : nullptr, base ? base + at : nullptr, beta, 1.0f - beta};
        float most = LOWEST, total = 0.0f, sum = 0.0f;
        for (int a = 0; a < q; a++) most = LARGER(field_of(f, a), most);
        for (int a = 0; a < q; a++) total += term_of(f, most, a);
        if (p) {
            for (int a = 0; a < q; a++) p[place + a] = term_of(f, most, a) / total;
            for (int a = 0; high && a < q; a++) store_one(high, low, half_at(n, at + a, columns), p[place + a]);
        }
        if (!s || n < first) continue;
        int column = from + k, state = 0;
        uint32_t word[4];
        element_words(word, d, (uint32_t)(n - first), (uint32_t)(column / 64 * 16 + column % 16));
        float level = element_uniform(word[column % 64 / 16]) * total;
        for (int a = 0; a < q - 1; a++) {
            sum += term_of(f, most, a);
            state += !(level < sum);
        }
        uint32_t to = place - (uint32_t)first * columns;
        for (int a = 0; a < q; a++) {
            s[to + a] = a == state ? 1.0f : 0.0f;
            if (half) half[half_at(n - first, at + a, columns)] = a == state ? 0x3F80 : 0; // 1 in bfloat16
        }
    }
}
