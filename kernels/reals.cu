// Units with real states: their means and states given their fields, the sums of a free energy, and the
// slopes by their log-variances. reals.go is the definition.
#include "grid.h"

// Reports whether a column, of the kinds from `kinds` on, has a unit with real states.
ELEMENT bool is_real(const uint32_t *kinds, int column, uint32_t *kind) {
    *kind = kinds[column];
    return kind_real(*kind);
}

// The operands are those of activate in activate.cu, but kinds, which has the kind of each column also
// for real states. p and s keep their numbers in other columns. p and s may not overlap z.
//
// One thread computes the four columns that one call of Philox serves.
KERNEL activate_reals(float *p, float *s, const float *z, const uint32_t *kinds, const float *log_variance, const float *base,
                      const float *betas, const float *levels, const int *clock, int ahead, uint32_t key0, uint32_t key1,
                      uint32_t stream, uint32_t step, int rows, int columns) {
    struct draw d = {key0, key1, stream, 0, s ? (uint32_t)clock[CLOCK_UPDATE] : 0, step};
    float beta = base && !levels ? betas[clock[CLOCK_UPDATE] + ahead] : 1.0f;
    EACH(item, (uint32_t)rows * groups(columns) * 16) {
        uint32_t lane = item % 16, group = item / 16, n = group / (uint32_t)groups(columns);
        uint32_t q = group - n * (uint32_t)groups(columns), word[4] = {0, 0, 0, 0};
        if (s) element_words(word, d, n, q * 16 + lane);
        if (base && levels) beta = betas[(int)levels[n]];
        for (int i = 0; i < 4; i++) {
            int j = (int)(q * 64 + lane) + 16 * i;
            uint32_t kind, at = n * columns + j;
            if (j >= columns || !is_real(kinds, j, &kind)) continue;
            float x = beta * z[at], deviation = real_deviation(log_variance[j]);
            if (base) x = x + (1.0f - beta) * base[j];
            if (p) p[at] = real_mean(kind, x, deviation);
            if (s) s[at] = real_draw(kind, x, deviation, element_uniform(word[i]));
        }
    }
}

// after[n] is before[n] plus the energies of the states x, or minus the cumulants of the fields x.
KERNEL real_sum(double *after, const double *before, const float *x, const uint32_t *kinds, const float *log_variance,
                int fields, int rows, int columns) {
    EACH_ROW(n, rows) {
        double part = 0;
        if (n < rows) {
            for (int j = threadIdx.x % LANES; j < columns; j += LANES) {
                uint32_t kind;
                if (!is_real(kinds, j, &kind)) continue;
                float v = x[n * columns + j], z = log_variance[j];
                part += (double)(fields ? real_cumulant(kind, v, real_deviation(z), z) : real_half_square(v, z));
            }
        }
        part = folded(part);
        if (n < rows && threadIdx.x % LANES == 0) after[n] = fields ? before[n] - part : before[n] + part;
    }
}

KERNEL real_slopes(float *out, const float *x, const uint32_t *kinds, const float *log_variance, int fields, int rows,
                   int columns) {
    EACH(item, (uint32_t)rows * columns) {
        int j = item % (uint32_t)columns;
        uint32_t kind;
        float v = 0.0f;
        if (is_real(kinds, j, &kind)) {
            v = fields ? real_slope(kind, x[item], real_deviation(log_variance[j])) : real_half_square(x[item], log_variance[j]);
        }
        out[item] = v;
    }
}

// One thread computes all, since a layer has few columns.
KERNEL bound(float *out, const float *x, const float *bounds, const uint32_t *kinds, int shared, int columns) {
    if (blockIdx.x > 0 || threadIdx.x > 0) return;
    double sum = 0;
    int count = 0;
    for (int j = 0; j < columns; j++) {
        float v = x[j];
        if (v < bounds[j]) v = bounds[j];
        if (v > bounds[columns + j]) v = bounds[columns + j];
        out[j] = v;
        uint32_t kind;
        if (is_real(kinds, j, &kind)) {
            sum += (double)v;
            count++;
        }
    }
    if (!shared || count == 0) return;
    float mean = (float)(sum / count);
    for (int j = 0; j < columns; j++) {
        uint32_t kind;
        if (is_real(kinds, j, &kind)) out[j] = mean;
    }
}
