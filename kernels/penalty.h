// Penalties of neighbouring blocks of one column each, in rows of a matrix that are stride apart.
// blocks.go, squaredl1.go and shrink.go are the definitions.

enum { BLOCKS_AT_ONCE = 16, BLOCK_PARTS = 16 };

// Adds up |w|, or w² where squared is set, of each of the first `some` columns of a tile.
INLINE void sum_blocks(double sum[BLOCKS_AT_ONCE], const float *w, extent rows, extent stride, const extent some,
                       const int squared) {
    double part[BLOCK_PARTS][BLOCKS_AT_ONCE] = {{0}};
    for (extent i = 0; i < rows; i++) {
        double *to = part[i % BLOCK_PARTS];
        const float *row = w + i * stride;
        for (extent k = 0; k < some; k++) {
            double x = row[k];
            to[k] += squared ? x * x : x < 0 ? -x : x;
        }
    }
    for (int half = BLOCK_PARTS / 2; half > 0; half /= 2) {
        for (int l = 0; l < half; l++) {
            for (int k = 0; k < BLOCKS_AT_ONCE; k++) part[l][k] += part[l + half][k];
        }
    }
    memcpy(sum, part, BLOCKS_AT_ONCE * sizeof *sum);
}

// Returns y, at least 0, with the sign of x.
INLINE float with_sign(float y, float x) {
    uint32_t bits, sign;
    memcpy(&bits, &y, sizeof bits);
    memcpy(&sign, &x, sizeof sign);
    bits |= sign & 0x80000000u;
    memcpy(&y, &bits, sizeof y);
    return y;
}

INLINE void squared_l1_tile(float *out, const float *g, const float *w, float cost, extent rows, const extent some,
                            extent stride) {
    double sum[BLOCKS_AT_ONCE];
    float slope[BLOCKS_AT_ONCE];
    sum_blocks(sum, w, rows, stride, some, 0);
    for (int k = 0; k < BLOCKS_AT_ONCE; k++) slope[k] = (float)((double)cost * (sum[k] / (double)rows));
    for (extent i = 0; i < rows; i++, out += stride, g += stride, w += stride) {
        for (extent k = 0; k < some; k++) out[k] = g[k] - slope[k] * (float)((w[k] > 0) - (w[k] < 0));
    }
}

static void squared_l1(float *out, const float *g, const float *w, float cost, extent rows, extent columns,
                       extent stride) {
    extent j = 0;
    for (; j + BLOCKS_AT_ONCE <= columns; j += BLOCKS_AT_ONCE) {
        squared_l1_tile(out + j, g + j, w + j, cost, rows, BLOCKS_AT_ONCE, stride);
    }
    if (j < columns) squared_l1_tile(out + j, g + j, w + j, cost, rows, columns - j, stride);
}

INLINE void shrink_tile(float *next, const float *w, double threshold, extent rows, const extent some, extent stride) {
    double sum[BLOCKS_AT_ONCE];
    float factor[BLOCKS_AT_ONCE];
    sum_blocks(sum, w, rows, stride, some, 1);
    for (int k = 0; k < BLOCKS_AT_ONCE; k++) {
        double norm = sqrt(sum[k]);
        factor[k] = norm <= threshold ? 0.0f : (float)((norm - threshold) / norm);
    }
    for (extent i = 0; i < rows; i++, next += stride, w += stride) {
        for (extent k = 0; k < some; k++) next[k] = factor[k] * w[k];
    }
}

static void shrink(float *next, const float *w, float threshold, extent rows, extent columns, extent stride) {
    if (rows == 1) { // blocks of one weight
        for (extent k = 0; k < columns; k++) {
            float left = (w[k] < 0 ? -w[k] : w[k]) - threshold;
            next[k] = with_sign(left < 0 ? 0.0f : left, w[k]);
        }
        return;
    }
    extent j = 0;
    for (; j + BLOCKS_AT_ONCE <= columns; j += BLOCKS_AT_ONCE) {
        shrink_tile(next + j, w + j, threshold, rows, BLOCKS_AT_ONCE, stride);
    }
    if (j < columns) shrink_tile(next + j, w + j, threshold, rows, columns - j, stride);
}
