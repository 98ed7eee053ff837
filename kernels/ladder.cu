// Exchanges of levels between the replicas of a ladder. Each of C chains has T replicas: replica r
// of chain c is row r*C + c. levels (T*C) holds the level of each row, the index of its inverse
// temperature.
//
// ladder.go is the definition. The exponential may differ by two units in the last place of a
// float64; the other bits are the same.
#include "grid.h"

// Returns the row of a chain that has a level. Every chain has a row for every level.
ELEMENT int row_at(const float *levels, int chains, int count, int chain, int level) {
    int row = chain;
    for (int r = 1; r < count && (int)levels[row] != level; r++) row += chains;
    return row;
}

// out (rows) is log p*_to(v) - log p*_from(v), with v (rows, visible) and the fields z (rows,
// hidden). from is the inverse temperature of the row's level, and to the one of its partner's
// level. A row without a partner gets 0. kinds (hidden) holds the kinds of the hidden units; null
// stands for the default kind.
//
// Sixteen lanes share a row, and each computes one of the sixteen partial sums.
KERNEL log_ratio(double *out, const float *v, const float *visible_bias, const float *base, const float *z,
                 const uint32_t *kinds, const float *betas, const float *levels, const int *clock, int count,
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

// out (rows) is levels (rows) after the exchanges of one update. Two partners with ratios r and r'
// exchange with probability min(1, e^(r+r')). The random numbers belong to the rows from `first`
// on. One thread computes one row. The threads of two partners use the same random number and reach
// the same decision.
KERNEL swap(float *out, const float *levels, const double *ratios, const int *clock, uint32_t key0,
            uint32_t key1, uint32_t stream, uint32_t first, int chains, int count) {
    struct draw d = {key0, key1, stream, first, (uint32_t)clock[CLOCK_UPDATE], 0};
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

// out (chains, columns) holds the row with level 0 of each chain, from x (rows, columns). One
// thread computes one element.
KERNEL coldest(float *out, const float *x, const float *levels, int chains, int count, int columns) {
    EACH(at, (extent)chains * columns) {
        int chain = (int)(at / columns);
        extent row = row_at(levels, chains, count, chain, 0);
        out[at] = x[row * columns + at % columns];
    }
}

// out (2(count-1)) is before plus the results of one update. The first count-1 elements add up the
// acceptance probabilities of each pair of levels. The others count the proposed exchanges.
//
// One block computes one pair. Its threads compute the terms of THREADS chains. Then one thread for
// each slice of these terms adds it up, to its part (slices.go). The first slice begins with the element
// of before. Only the pairs that may exchange in this update are `active`.
KERNEL tally(float *out, const float *before, const float *levels, const double *ratios, const int *clock,
             int chains, int count) {
    enum { SLICES = THREADS / SLICE };
    __shared__ float term[THREADS], part[PARTS];
    int pairs = count - 1;
    for (int level = blockIdx.x; level < pairs; level += gridDim.x) {
        float start = before[level], number = before[pairs + level];
        bool active = level % 2 == clock[CLOCK_UPDATE] % 2;
        if (threadIdx.x < PARTS) part[threadIdx.x] = 0;
        for (int first = 0; first < chains && active; first += THREADS) {
            int chain = first + threadIdx.x;
            float x = 0;
            if (chain < chains) {
                double r = ratios[row_at(levels, chains, count, chain, level)] +
                           ratios[row_at(levels, chains, count, chain, level + 1)];
                x = (float)exp(r > 0 ? 0.0 : r);
            }
            term[threadIdx.x] = x;
            __syncthreads();
            if (threadIdx.x < SLICES) {
                const float *slice = term + threadIdx.x * SLICE;
                float sum = first == 0 && threadIdx.x == 0 ? start : 0.0f;
                for (int i = 0; i < SLICE; i++) sum += slice[i];
                part[(first / SLICE + threadIdx.x) % PARTS] += sum;
            }
            __syncthreads();
        }
        if (threadIdx.x == 0) {
            for (int half = PARTS / 2; half > 0; half /= 2) {
                for (int l = 0; l < half; l++) part[l] += part[l + half];
            }
            out[level] = active ? part[0] : start;
            out[pairs + level] = active ? number + (float)chains : number;
        }
        __syncthreads();
    }
}

// out (rows) is before (rows), plus one where the row has reached the end of the ladder at which
// it turns round.
KERNEL trips(float *out, const float *before, const float *levels, int count, int rows) {
    EACH(n, rows) {
        float x = before[n];
        float turn = (int)x % 2 == 1 ? 0.0f : (float)(count - 1);
        out[n] = levels[n] == turn ? x + 1.0f : x;
    }
}
