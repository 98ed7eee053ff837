// The energies and the gradient of couplings among the units of a layer. pairs.go is the definition, and the
// bits are the same.
#include "grid.h"

// out (rows) is before (rows) minus scale/2 times the inner products of the rows of v and y (rows, columns).
// Without betas, before and out are energies, and scale is 1. With betas (count) they are log-ratios of
// probabilities at two inverse temperatures, and scale is the first minus the second: betas[update] and the next
// one or, with levels (rows), the values of the row's level and its partner's. out may be before. Sixteen lanes share
// a row.
KERNEL pair_energy(double *out, const double *before, const float *v, const float *y, const float *betas, const float *levels,
                   const int *clock, int count, int rows, int columns) {
    EACH_ROW(n, rows) {
        double dot = folded(n < rows ? dot_part(v + n * columns, y + n * columns, columns) : 0);
        if (n >= rows || threadIdx.x % LANES != 0) continue;
        double scale = 1;
        if (levels) {
            int level = (int)levels[n], other = partner(level, count, clock);
            scale = other < 0 ? 0 : (double)betas[level] - (double)betas[other];
        } else if (betas) {
            scale = (double)betas[clock[CLOCK_UPDATE]] - (double)betas[clock[CLOCK_UPDATE] + 1];
        }
        out[n] = before[n] - scale / 2 * dot;
    }
}

// out (columns, columns) is the symmetric part of g (columns, columns), minus the terms of the offsets. offset
// may be null. One thread computes one element.
KERNEL pair_gradient(float *out, const float *g, const float *offset, const float *difference, int columns) {
    EACH(at, (extent)columns * columns) {
        int i = (int)(at / columns), j = (int)(at % columns);
        float x = (g[at] + g[(extent)j * columns + i]) / 2;
        if (offset) x = x - (offset[i] * difference[j] + difference[i] * offset[j]);
        out[at] = x;
    }
}

// Sets the elements of out (columns, columns) between two columns of one unit to 0. table has three numbers for
// each of the `units` units, the first column, another one, and the kind (struct swept of sweep.cu). One thread
// sets the rows of one unit.
KERNEL clear_units(float *out, const uint32_t *table, int units, int columns) {
    EACH(k, units) {
        int first = (int)table[3 * k], end = first + kind_width(table[3 * k + 2]);
        for (int i = first; i < end; i++) {
            for (int j = first; j < end; j++) out[(extent)i * columns + j] = 0.0f;
        }
    }
}

// out (columns) is d (columns) - g offset, summed in float64 over the rows of g (columns, columns) in rising
// order. out may be d. One thread computes one element.
KERNEL pair_shift(float *out, const float *d, const float *g, const float *offset, int columns) {
    EACH(j, columns) {
        double sum = 0;
        for (int i = 0; i < columns; i++) sum += (double)g[(extent)i * columns + j] * (double)offset[i];
        out[j] = (float)((double)d[j] - sum);
    }
}
