// Units with real states: their means and states given their fields, the sums of a free energy or a log-weight,
// and the slopes by the parameters of their shapes. reals.go is the definition. jump and skew may be null where
// no unit has two sides.
#include "grid.h"

// Sets kind to the kind of a column, and reports whether its units have real states. kinds is the table of
// RealWords (reals_gpu.go), which is never null and has the default kind for all other units.
ELEMENT bool is_real(const uint32_t *kinds, int column, uint32_t *kind) {
    *kind = kinds[column];
    return kind_real(*kind);
}

ELEMENT struct shape shape_of(const float *log_variance, const float *jump, const float *skew, int column) {
    return real_shape(log_variance[column], jump ? jump[column] : 0.0f, skew ? skew[column] : 0.0f);
}

// Computes the means p and the states s of the columns of one kind; other columns of p and s stay as they are. p and
// s may not overlap z. The operands are as in activate of activate.cu, but kinds is as in is_real. Each kind
// has a kernel of its own, so that none needs the registers of another kind.
//
// One thread computes the four columns that one call of Philox serves.
#define ACTIVATE(name)                                                                                                  \
    KERNEL activate_##name(float *p, float *s, const float *z, const uint32_t *kinds, const float *log_variance,        \
                           const float *jump, const float *skew, const float *base, const float *betas,                 \
                           const float *levels, const int *clock, int ahead, uint32_t key0, uint32_t key1,              \
                           uint32_t stream, uint32_t row, uint32_t step, int rows, int columns) {                       \
        struct draw d = {key0, key1, stream, row, s ? (uint32_t)clock[CLOCK_UPDATE] : 0, step};                         \
        float beta = base && !levels ? betas[clock[CLOCK_UPDATE] + ahead] : 1.0f;                                       \
        EACH(item, (uint32_t)rows * groups(columns) * 16) {                                                             \
            uint32_t lane = item % 16, group = item / 16, n = group / (uint32_t)groups(columns);                        \
            uint32_t q = group - n * (uint32_t)groups(columns), word[4] = {0, 0, 0, 0};                                 \
            if (s) element_words(word, d, n, q * 16 + lane);                                                            \
            if (base && levels) beta = betas[(int)levels[n]];                                                           \
            for (int i = 0; i < 4; i++) {                                                                               \
                int j = (int)(q * 64 + lane) + 16 * i;                                                                  \
                uint32_t at = n * columns + j;                                                                          \
                if (j >= columns || kinds[j] != KIND_##name) continue;                                                  \
                float x = beta * z[at];                                                                                 \
                struct shape unit = shape_of(log_variance, jump, skew, j);                                              \
                if (base) x = x + (1.0f - beta) * base[j];                                                              \
                if (p) p[at] = name##_mean(x, unit);                                                                    \
                if (s) s[at] = name##_draw(x, unit, element_uniform(word[i]));                                          \
            }                                                                                                           \
        }                                                                                                               \
    }
EACH_REAL(ACTIVATE)

// Returns the lane's part of the sum of the cumulants of the fields beta*z of a row.
ELEMENT double real_cumulant_part(const float *z, const uint32_t *kinds, const float *log_variance, const float *jump,
                                  const float *skew, float beta, int columns) {
    double part = 0;
    for (int j = threadIdx.x % LANES; j < columns; j += LANES) {
        uint32_t kind;
        if (is_real(kinds, j, &kind)) part += (double)real_cumulant(kind, beta * z[j], shape_of(log_variance, jump, skew, j));
    }
    return part;
}

// after[n] is before[n] minus the cumulants of the fields x.
KERNEL real_cumulants(double *after, const double *before, const float *x, const uint32_t *kinds, const float *log_variance,
                      const float *jump, const float *skew, int rows, int columns) {
    EACH_ROW(n, rows) {
        double part = n < rows ? real_cumulant_part(x + n * columns, kinds, log_variance, jump, skew, 1.0f, columns) : 0;
        part = folded(part);
        if (n < rows && threadIdx.x % LANES == 0) after[n] = before[n] - part;
    }
}

// after[n] is before[n] plus the energies of the states x.
KERNEL real_energies(double *after, const double *before, const float *x, const uint32_t *kinds, const float *log_variance,
                     int rows, int columns) {
    EACH_ROW(n, rows) {
        double part = 0;
        for (int j = threadIdx.x % LANES; n < rows && j < columns; j += LANES) {
            uint32_t kind;
            if (is_real(kinds, j, &kind)) part += (double)real_half_square(x[n * columns + j], log_variance[j]);
        }
        part = folded(part);
        if (n < rows && threadIdx.x % LANES == 0) after[n] = before[n] + part;
    }
}

// after[n] is before[n] plus the cumulants of the fields z at a second inverse temperature, minus those at a first
// one. The two are betas[update] and the next one or, with levels (rows), the values of the row's level and its partner's,
// of `count` levels. Without a partner after[n] is before[n]. after may be before.
KERNEL real_weight(double *after, const double *before, const float *z, const uint32_t *kinds, const float *log_variance,
                   const float *jump, const float *skew, const float *betas, const float *levels, const int *clock, int count,
                   int rows, int columns) {
    EACH_ROW(n, rows) {
        double part[2] = {0, 0};
        if (n < rows) {
            int level = levels ? (int)levels[n] : clock[CLOCK_UPDATE];
            int other = levels ? partner(level, count, clock) : level + 1;
            for (int i = 0; other >= 0 && i < 2; i++) {
                part[i] = real_cumulant_part(z + n * columns, kinds, log_variance, jump, skew, betas[i ? other : level], columns);
            }
        }
        for (int i = 0; i < 2; i++) part[i] = folded(part[i]);
        if (n < rows && threadIdx.x % LANES == 0) after[n] = before[n] + (part[1] - part[0]);
    }
}

// out is the slope of each unit with real states: of its energy at the state x, or of its cumulant at the field x by the
// number of its shape that `by` names (BY_ENERGY and the others of kind.h). It is 0 for other units, and for a slope
// that the kind of a unit does not have.
KERNEL real_slopes(float *out, const float *x, const uint32_t *kinds, const float *log_variance, const float *jump,
                   const float *skew, int by, int rows, int columns) {
    EACH(item, (uint32_t)rows * columns) {
        int j = item % (uint32_t)columns;
        uint32_t kind;
        float v = 0.0f;
        if (is_real(kinds, j, &kind) && (by < BY_JUMP || kind_sides(kind))) {
            v = by == BY_ENERGY ? real_half_square(x[item], log_variance[j])
                                : real_slope(kind, x[item], shape_of(log_variance, jump, skew, j), by);
        }
        out[item] = v;
    }
}

// Bound of reals.go. One thread computes all columns, in rising order; a layer has few of them.
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
