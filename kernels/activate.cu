// The units of a layer given their fields: their means, their drawn states, or both in one pass.
// activate.go is the definition (Mean, Sample and Toss).
//
// One thread computes the sixteen columns that four calls of Philox serve. It loads all fields
// before it stores anything, four columns at a time. Every field is read once. p may be z, and s may be
// the rows of z from `first` on.
#include "grid.h"

// The operands of activate, which its comment describes.
struct activation {
    float *p, *s;
    uint16_t *half, *high, *low;
    const float *z, *bias;
    const uint32_t *kinds;
    const float *base, *betas, *levels;
    int first;
};

// Computes sixteen columns. `mixed` is false if all units are of the default kind.
template <bool mixed>
ELEMENT void activate_sixteen(const struct activation &a, sixteen at, struct draw d, float beta, int columns, bool whole) {
    uint32_t from = (uint32_t)at.row * columns + at.column; // place in z and p
    uint32_t to = from - (uint32_t)a.first * columns;       // place in s
    bool draws = a.s && at.row >= a.first;
    float field[4][4];
    uint32_t word[4][4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int some = columns - at.column - 16 * i;
        if (some > 0) load_four(field[i], a.z + from + 16 * i, some, whole);
    }
    if (draws) sixteen_words(word, d, (uint32_t)(at.row - a.first), at.block);
    if (a.base && a.levels) beta = a.betas[(int)a.levels[at.row]];
    float rest = 1.0f - beta;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int column = at.column + 16 * i, some = columns - column;
        if (some <= 0) break;
        float bias[4], base[4], mean[4], state[4];
        int kind[4] = {0, 0, 0, 0};
        if (a.bias) load_four(bias, a.bias + column, some, whole);
        if (a.base) load_four(base, a.base + column, some, whole);
        if (mixed) load_kinds(kind, a.kinds, column, some);
#pragma unroll
        for (int c = 0; c < 4; c++) {
            float x = field[i][c];
            if (a.bias) x = x + bias[c];
            if (a.base) x = beta * x + rest * base[c];
            if (a.p) mean[c] = kind_mean(kind[c], x);
            if (draws) state[c] = worth(kind[c], element_uniform(word[c][i]) < kind_chance(kind[c], x));
        }
        if (a.p) store_four(a.p + from + 16 * i, mean, some, whole);
        if (draws) store_four(a.s + to + 16 * i, state, some, whole);
        if (a.high) store_copy(a.high, a.low, half_at(at.row, column, columns), mean);
        if (draws && a.half) store_states(a.half + half_at(at.row - a.first, column, columns), state);
    }
}

// Without base, the field t of a unit is z+bias. With base, it is beta*(z+bias) + (1-beta)*base.
// There beta is betas[update+ahead] or, with levels (rows), betas[level of the row].
//
// p receives the mean of each unit, s the worth of its drawn state, and half the same worth in
// bfloat16. high and low receive a copy of p (see store_copy). Only the rows from `first` on are
// drawn; s and half begin with that row, which has the random numbers of row `row`. kinds (columns) holds
// the kind of each column; null stands for the default kind. In columns of units that have several columns
// or real states the results have no meaning: choose.cu and reals.cu write them afterwards. Any of bias,
// base, levels, p, s, half, high and low may be null, but not both p and s. clock may be null without s
// and betas[update+ahead].
KERNEL activate(float *p, float *s, uint16_t *half, uint16_t *high, uint16_t *low, const float *z, const float *bias,
                const uint32_t *kinds, const float *base, const float *betas, const float *levels, const int *clock, int ahead,
                uint32_t key0, uint32_t key1, uint32_t stream, uint32_t row, uint32_t step, int first, int rows, int columns) {
    struct activation a = {p, s, half, high, low, z, bias, kinds, base, betas, levels, first};
    float beta = base && !levels ? betas[clock[CLOCK_UPDATE] + ahead] : 1.0f;
    struct draw d = {key0, key1, stream, row, s ? (uint32_t)clock[CLOCK_UPDATE] : 0, step};
    bool whole = whole_rows(columns, z, p, s) && whole_rows(columns, bias, base);
    if (kinds) {
        EACH_SIXTEEN(item, rows, columns) activate_sixteen<true>(a, sixteen_of(item, columns), d, beta, columns, whole);
    } else {
        EACH_SIXTEEN(item, rows, columns) activate_sixteen<false>(a, sixteen_of(item, columns), d, beta, columns, whole);
    }
}

// s is 1 with probability p, else 0. half, which may be null, receives s in bfloat16. Row n has the random
// numbers of row row+n.
KERNEL toss(float *s, uint16_t *half, const float *p, const int *clock, uint32_t key0, uint32_t key1,
            uint32_t stream, uint32_t row, uint32_t step, int rows, int columns) {
    struct draw d = {key0, key1, stream, row, (uint32_t)clock[CLOCK_UPDATE], step};
    bool whole = whole_rows(columns, p, s);
    EACH_SIXTEEN(item, rows, columns) {
        sixteen f = sixteen_of(item, columns);
        uint32_t from = (uint32_t)f.row * columns + f.column;
        float chance[4][4];
        uint32_t word[4][4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            int some = columns - f.column - 16 * i;
            if (some > 0) load_four(chance[i], p + from + 16 * i, some, whole);
        }
        sixteen_words(word, d, (uint32_t)f.row, f.block);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            int some = columns - f.column - 16 * i;
            if (some <= 0) break;
            float state[4];
#pragma unroll
            for (int c = 0; c < 4; c++) state[c] = LESS(element_uniform(word[c][i]), chance[i][c]);
            store_four(s + from + 16 * i, state, some, whole);
            if (half) store_states(half + half_at(f.row, f.column + 16 * i, columns), state);
        }
    }
}
