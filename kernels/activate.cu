// The units of a layer given their fields: their means, their drawn states, or both in one pass.
// activate.go is the definition (Mean, Sample and Toss).
//
// One thread computes the four columns that one call of Philox serves. Every field is read once.
// The outputs may overwrite the input.
#include "grid.h"

// Without base, the field t of a unit is z+bias. With base, it is beta*(z+bias) + (1-beta)*base.
// There beta is betas[update+ahead] or, with levels (rows), betas[level of the row].
//
// p receives the mean of each unit, s the worth of its drawn state, and half the same worth in
// bfloat16. kinds (columns) holds the kind of each column; null stands for the default kind. Any
// of bias, base, levels, p, s and half may be null, but not both p and s.
KERNEL activate(float *p, float *s, uint16_t *half, const float *z, const float *bias, const uint8_t *kinds,
                const float *base, const float *betas, const float *levels, const int *clock, int ahead,
                uint32_t key0, uint32_t key1, uint32_t stream, uint32_t step, int rows, int columns) {
    float beta = base && !levels ? betas[clock[CLOCK_UPDATE] + ahead] : 1.0f;
    struct draw d = {key0, key1, stream, 0, s ? (uint32_t)clock[CLOCK_UPDATE] : 0, step};
    EACH_FOUR(item, rows, columns) {
        four f = four_of(item, columns);
        if (base && levels) beta = betas[(int)levels[f.row]];
        float rest = 1.0f - beta;
        uint32_t word[4];
        if (s) element_words(word, d, (uint32_t)f.row, f.block);
        for (int i = 0; i < 4; i++) {
            int j = f.column + 16 * i;
            if (j >= columns) break;
            extent at = f.row * columns + j;
            int kind = kind_at(kinds, j);
            float field = bias ? z[at] + bias[j] : z[at];
            if (base) field = beta * field + rest * base[j];
            if (p) p[at] = kind_mean(kind, field);
            if (!s) continue;
            float state = worth(kind, element_uniform(word[i]) < kind_chance(kind, field));
            s[at] = state;
            if (half) half[at] = half_state(state);
        }
    }
}

// s is 1 with probability p, else 0. half, which may be null, receives s in bfloat16.
KERNEL toss(float *s, uint16_t *half, const float *p, const int *clock, uint32_t key0, uint32_t key1,
            uint32_t stream, uint32_t step, int rows, int columns) {
    struct draw d = {key0, key1, stream, 0, (uint32_t)clock[CLOCK_UPDATE], step};
    EACH_FOUR(item, rows, columns) {
        four f = four_of(item, columns);
        uint32_t word[4];
        element_words(word, d, (uint32_t)f.row, f.block);
        for (int i = 0; i < 4; i++) {
            int j = f.column + 16 * i;
            if (j >= columns) break;
            extent at = f.row * columns + j;
            float state = LESS(element_uniform(word[i]), p[at]);
            s[at] = state;
            if (half) half[at] = half_state(state);
        }
    }
}
