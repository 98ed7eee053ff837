// Exchanges of temperatures between the replicas of a ladder. Each of C chains has T
// replicas: replica r of chain c is row r*C + c, and levels says which of the inverse
// temperatures each row has. ladder.go is the definition; the bits are its but for the exponential,
// which is within two roundings of float64.
#include "grid.h"

// The level that a level may be exchanged with in the clock's update, or -1.
ELEMENT int partner(int level, int count, const int *clock) {
    int other = level % 2 == clock[CLOCK_UPDATE] % 2 ? level + 1 : level - 1;
    return other < count ? other : -1;
}

// The row of a chain that has a level; every level is in every chain.
ELEMENT int row_at(const float *levels, int chains, int count, int chain, int level) {
    int row = chain;
    for (int r = 1; r < count && (int)levels[row] != level; r++) row += chains;
    return row;
}

// out (rows) is log p*_to(v) - log p*_from(v) of v (rows, visible) with the fields z (rows,
// hidden), from at the row's level and to at its partner's, and 0 without a partner. kinds
// (hidden) are those of the hidden units, or null for the default one.
// Sixteen lanes a row, each one of the sixteen partial sums.
KERNEL log_ratio(double *out, const float *v, const float *visible_bias, const float *base, const float *z,
                 const uint8_t *kinds, const float *betas, const float *levels, const int *clock, int count,
                 int rows, int visible, int hidden) {
    EACH_ROW(n, rows) {
        double part[4] = {0, 0, 0, 0};
        float from = 0, to = 0;
        int other = -1;
        if (n < rows) {
            other = partner((int)levels[n], count, clock);
            if (other >= 0) {
                from = betas[(int)levels[n]];
                to = betas[other];
                part[0] = dot_part(v + n * visible, visible_bias, visible);
                part[1] = dot_part(v + n * visible, base, visible);
                part[2] = cumulant_part(z + n * hidden, kinds, from, hidden);
                part[3] = cumulant_part(z + n * hidden, kinds, to, hidden);
            }
        }
        for (int i = 0; i < 4; i++) part[i] = folded(part[i]);
        if (n < rows && threadIdx.x % LANES == 0) {
            double rise = ((double)to - (double)from) * (part[0] - part[1]);
            out[n] = other < 0 ? 0 : rise + (part[3] - part[2]);
        }
    }
}

// out (rows) are the levels (rows) after exchanges with the probability min(1, e^(r+r')) of
// the ratios (rows) of two partners. One row a thread.
KERNEL swap(float *out, const float *levels, const double *ratios, const int *clock, uint32_t key0,
            uint32_t key1, uint32_t stream, int chains, int count) {
    struct draw d = {key0, key1, stream, 0, (uint32_t)clock[CLOCK_UPDATE], 0};
    EACH(n, (extent)chains * count) {
        int chain = (int)(n % chains), level = (int)levels[n];
        int other = partner(level, count, clock);
        float after = levels[n];
        if (other >= 0) {
            uint32_t word[4];
            element_words(word, d, (uint32_t)((level < other ? level : other) * chains + chain), 0);
            double u = (double)word[0] * 0x1p-32;
            int row = row_at(levels, chains, count, chain, other);
            if (u < exp(ratios[n] + ratios[row])) after = (float)other;
        }
        out[n] = after;
    }
}

// out (chains, columns) are the rows of x (rows, columns) that have level 0. One element a
// thread.
KERNEL coldest(float *out, const float *x, const float *levels, int chains, int count, int columns) {
    EACH(at, (extent)chains * columns) {
        int chain = (int)(at / columns);
        extent row = row_at(levels, chains, count, chain, 0);
        out[at] = x[row * columns + at % columns];
    }
}

// out (2(count-1)) is before with the probabilities of this round's exchanges added to the
// pairs' places, chain after chain, and their number behind. A block takes a pair: its
// threads compute the terms of a tile of chains, and one adds them up.
KERNEL tally(float *out, const float *before, const float *levels, const double *ratios, const int *clock,
             int chains, int count) {
    __shared__ float term[THREADS];
    int pairs = count - 1;
    for (int level = blockIdx.x; level < pairs; level += gridDim.x) {
        float sum = before[level], number = before[pairs + level];
        bool active = level % 2 == clock[CLOCK_UPDATE] % 2;
        for (int first = 0; first < chains && active; first += THREADS) {
            int chain = first + threadIdx.x;
            if (chain < chains) {
                double r = ratios[row_at(levels, chains, count, chain, level)] +
                           ratios[row_at(levels, chains, count, chain, level + 1)];
                term[threadIdx.x] = (float)exp(r > 0 ? 0.0 : r);
            }
            __syncthreads();
            for (int i = 0; threadIdx.x == 0 && i < THREADS && first + i < chains; i++) {
                sum += term[i];
                number += 1.0f;
            }
            __syncthreads();
        }
        if (threadIdx.x == 0) {
            out[level] = sum;
            out[pairs + level] = number;
        }
    }
}

// out (rows) is before (rows), one more where a row's level (rows) is where its way turns.
KERNEL trips(float *out, const float *before, const float *levels, int count, int rows) {
    EACH(n, rows) {
        float x = before[n];
        float turn = (int)x % 2 == 1 ? 0.0f : (float)(count - 1);
        out[n] = levels[n] == turn ? x + 1.0f : x;
    }
}
