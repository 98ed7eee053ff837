// A batch of a data set of bytes as states. binarize.go is the definition.

// Loads n bytes, or as many as a vector holds, as values in [0,1]. A byte b divided by 255 is the
// sum of b·257/65536, which is exact in float, and b/(255·65536). The sum of the two products has the
// bits of the division for each of the 256 bytes.
INLINE vec load_bytes(const uint8_t *from, extent n) {
    uint8_t x[LANES] = {0};
    if (n < LANES) {
        if (n > 0) memcpy(x, from, n);
        from = x;
    }
    vec value = FROM_BYTES(from);
    return value * (257.0f / 65536) + value * (float)(1. / (255. * 65536));
}

// Draws row n of the data set, whose bytes are given, in the columns of `vectors` vectors of blocks from
// `block` on (uniform.h). bits is the first word of the row of the batch. Returns the number of ones.
INLINE extent draw_bytes(uint64_t *bits, extent stride, const uint8_t *bytes, struct draw d, extent n, extent columns,
                       extent block, const int vectors) {
    extent ones = 0;
    vec u[DRAWN][4];
    draw_blocks(u, d, n, block, vectors, vectors);
    for (int k = 0; k < vectors; k++) {
        extent first = first_column(block + k * LANES);
        uint64_t word = 0;
        for (int i = 0; i < 4; i++) {
            extent j = first + 16 * i;
            word |= (uint64_t)LESS_BITS(u[k][i], load_bytes(bytes + j, columns - j)) << j % WORD;
        }
        ones += __builtin_popcountll(word);
        bits[first / WORD * stride] = first % WORD ? bits[first / WORD * stride] | word : word;
    }
    return ones;
}

static extent binarize(uint64_t *bits, extent stride, const uint8_t *data, const int32_t *batch, const struct draw *d,
                       extent lo, extent hi, extent columns) {
    extent ones = 0;
    // Rows to fetch ahead, since a batch has them in any order (chosen), and bytes of a cache line.
    enum { AHEAD = 4, LINE = 64 };
    for (extent n = lo; n < hi; n++) {
        if (n + AHEAD < hi) {
            const uint8_t *row = data + batch[n + AHEAD] * columns;
            for (extent j = 0; j < columns; j += LINE) __builtin_prefetch(row + j);
        }
        const uint8_t *bytes = data + batch[n] * columns;
        extent block = 0;
        for (; first_column(block + (DRAWN - 1) * LANES) < columns; block += DRAWN * LANES) {
            ones += draw_bytes(bits + n, stride, bytes, *d, batch[n], columns, block, DRAWN);
        }
        for (; first_column(block) < columns; block += LANES) {
            ones += draw_bytes(bits + n, stride, bytes, *d, batch[n], columns, block, 1);
        }
    }
    return ones;
}
