// Penalties of blocks of weights that are one column wide each: block k is the weights w[i * stride + k] of
// the rows 0 ≤ i < rows. Blocks of several columns are left to the Go code (host_cgo.go). squaredl1.go
// and shrink.go are the definitions, and blocks.go has the order of their sums.
//
// A tile is BLOCKS_AT_ONCE neighbouring blocks, or fewer behind the last whole tile. `some` is the number of
// its blocks. In a whole tile it is a constant, so that the compiler makes vectors of its rows.

enum {
    BLOCKS_AT_ONCE = 16, // mostBlocks of blocks.go
    BLOCK_PARTS = 16,    // parts of the sum of a block, which blocks.go adds in the same order
};

// Sets sum[k] to Σ|w|, or to Σw² if `squared` is 1, over block k of a tile, for k < some, and to 0 for the
// other k. Row i goes to part i % BLOCK_PARTS of the sum, and the parts are then added in halves.
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

// Returns a number y of at least 0 with the sign bit of x.
INLINE float with_sign(float y, float x) {
    uint32_t bits, sign;
    memcpy(&bits, &y, sizeof bits);
    memcpy(&sign, &x, sizeof sign);
    bits |= sign & 0x80000000u;
    memcpy(&y, &bits, sizeof y);
    return y;
}

// Writes to out the gradient g of a tile minus slope[k] * sign(w), where sign(0) is 0 and slope[k] = cost *
// Σ|w| / rows is the slope of the penalty ½ cost (Σ|w|)² / rows of block k by |w|.
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

// Computes squared_l1_tile for the blocks 0 ≤ k < columns. out, g and w have the same stride.
static void squared_l1(float *out, const float *g, const float *w, float cost, extent rows, extent columns,
                       extent stride) {
    extent j = 0;
    for (; j + BLOCKS_AT_ONCE <= columns; j += BLOCKS_AT_ONCE) {
        squared_l1_tile(out + j, g + j, w + j, cost, rows, BLOCKS_AT_ONCE, stride);
    }
    if (j < columns) squared_l1_tile(out + j, g + j, w + j, cost, rows, columns - j, stride);
}

// Writes to next the weights of a tile times max(0, 1 - threshold/‖w‖), where ‖w‖ is the Euclidean norm of
// their block.
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

// Computes shrink_tile for the blocks 0 ≤ k < columns. In a block of one weight the same formula is that |w|
// falls by the threshold to no less than 0, which is computed in float. next and w have the same stride.
static void shrink(float *next, const float *w, float threshold, extent rows, extent columns, extent stride) {
    if (rows == 1) {
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
