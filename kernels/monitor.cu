// The monitors of training, which compute one number per row of a batch. monitor.go is the
// definition. The sums are in float64 but in another order.
//
// Sixteen lanes share a row. Every value is read once.
#include "grid.h"

ELEMENT double softplus64(double x) { return fmax(x, 0.0) + log1p(exp(-fabs(x))); }

// f (rows) is visible · log σ(F(v with unit i flipped) - F(v)). The first word of block 0 of row
// n selects the unit i. v is (rows, visible), z (rows, hidden), w (visible, hidden) and a
// (visible). The kinds of either layer may be null for the default kind.
KERNEL pseudo_likelihood(double *f, const float *v, const float *z, const float *w, const float *a,
                         const uint8_t *visible_kinds, const uint8_t *hidden_kinds, const int *clock, uint32_t key0, uint32_t key1, uint32_t stream, int rows,
                         int visible, int hidden) {
    struct draw d = {key0, key1, stream, 0, (uint32_t)clock[CLOCK_UPDATE], 0};
    EACH_ROW(n, rows) {
        float delta = 0;
        int i = 0;
        double rise = 0;
        if (n < rows) {
            uint32_t word[4];
            element_words(word, d, (uint32_t)n, 0);
            i = (int)((uint64_t)word[0] * (uint64_t)visible >> 32);
            int kind = kind_at(visible_kinds, i);
            delta = kind_low(kind) + kind_high(kind) - 2.0f * v[n * visible + i];
            const float *weights = w + (extent)i * hidden, *field = z + n * hidden;
            for (int j = threadIdx.x % LANES; j < hidden; j += LANES) {
                float flipped = field[j] + delta * weights[j];
                int unit = kind_at(hidden_kinds, j);
                rise += (double)kind_cumulant(unit, flipped) - (double)kind_cumulant(unit, field[j]);
            }
        }
        rise = folded(rise);
        if (n < rows && threadIdx.x % LANES == 0) {
            f[n] = -(double)visible * softplus64((double)delta * (double)a[i] + rise);
        }
    }
}

// f (rows) is Σ (x - y)² over each row of x and y (rows, columns).
KERNEL squared_error(double *f, const float *x, const float *y, int rows, int columns) {
    EACH_ROW(n, rows) {
        double part = 0;
        if (n < rows) {
            for (int j = threadIdx.x % LANES; j < columns; j += LANES) {
                double e = (double)x[n * columns + j] - (double)y[n * columns + j];
                part += e * e;
            }
        }
        part = folded(part);
        if (n < rows && threadIdx.x % LANES == 0) f[n] = part;
    }
}
