// The means and draws of Bernoulli units; unit.go is the definition.
INLINE void mean_row(float *p, const float *z, vec beta, vec rest, const float *base, extent columns) {
    for (extent j = 0; j < columns; j += LANES) {
        vec field = beta * load_some(z + j, columns - j);
        if (base) field = field + rest * load_some(base + j, columns - j);
        store_some(p + j, element_sigmoid(field), columns - j);
    }
}

static void mean(float *p, const float *z, float beta, const float *base, extent rows, extent columns) {
    vec scale = ALL_REAL(beta), rest = ALL_REAL(1.0f - beta);
    if (!base) {
        mean_row(p, z, scale, rest, NULL, rows * columns);
        return;
    }
    for (extent n = 0; n < rows; n++) mean_row(p + n * columns, z + n * columns, scale, rest, base, columns);
}

// The first column that a block, the first of LANES neighbours, draws; the others are
// 16, 32 and 48 further.
INLINE extent first_column(extent block) { return block / 16 * 64 + block % 16; }

// Blocks are drawn DRAWN * LANES at a time, as long as there are so many: the rounds of one
// depend on each other.
enum { DRAWN = 4 };

// The uniform numbers of row n: u[k][i] of the LANES columns from
// first_column(block + k * LANES) + 16 * i.
INLINE void draw_blocks(vec u[][4], struct draw d, extent n, extent block, const int blocks) {
    uvec word[DRAWN][4], lane;
    for (int l = 0; l < LANES; l++) lane[l] = (uint32_t)l;
    for (int k = 0; k < blocks; k++) element_counter(word[k], d, (uint32_t)n, lane + (uint32_t)(block + k * LANES));
    for (uint32_t round = 0; round < 10; round++) {
        for (int k = 0; k < blocks; k++) element_round(word[k], d, round);
    }
    for (int k = 0; k < blocks; k++) {
        for (int i = 0; i < 4; i++) u[k][i] = element_uniform(word[k][i]);
    }
}

// The values in [0,1] of n bytes, or of as many as a vector has. A byte b divided by 255 is
// b·257/65536, which is exact, and 1/65536 of itself; the sum of the two has the bits of the
// division for each of the 256 bytes.
INLINE vec load_bytes(const uint8_t *from, extent n) {
    uint8_t x[LANES] = {0};
    if (n < LANES) {
        if (n > 0) memcpy(x, from, n);
        from = x;
    }
    vec value = FROM_BYTES(from);
    return value * (257.0f / 65536) + value * (float)(1. / (255. * 65536));
}

// Draws the columns of some blocks of a row.
INLINE void draw_columns(float *s, uint64_t *bits, const float *p, const uint8_t *bytes, struct draw d, extent n,
                         extent columns, extent block, const int blocks) {
    vec u[DRAWN][4];
    draw_blocks(u, d, n, block, blocks);
    for (int k = 0; k < blocks; k++) {
        extent first = first_column(block + k * LANES);
        uint64_t word = 0;
        for (int i = 0; i < 4; i++) {
            extent j = first + 16 * i;
            vec mean = p ? load_some(p + j, columns - j) : load_bytes(bytes + j, columns - j);
            word |= (uint64_t)LESS_BITS(u[k][i], mean) << 16 * i;
            if (s) store_some(s + j, LESS(u[k][i], mean), columns - j);
        }
        bits[first / WORD] |= word << first % WORD;
    }
}

// Draws a row with the means p or, where that is NULL, those that bytes stand for, and
// returns the number of ones. States are written where s is not NULL.
INLINE extent draw_row(float *s, uint64_t *bits, int32_t *index, const float *p, const uint8_t *bytes,
                       const struct draw *d, extent n, extent columns) {
    extent block = 0;
    memset(bits, 0, words_of(columns) * sizeof *bits);
    for (; first_column(block + (DRAWN - 1) * LANES) < columns; block += DRAWN * LANES) {
        draw_columns(s, bits, p, bytes, *d, n, columns, block, DRAWN);
    }
    for (; first_column(block) < columns; block += LANES) draw_columns(s, bits, p, bytes, *d, n, columns, block, 1);
    return list_bits(index, bits, columns);
}

static void sample(float *s, int32_t *count, int32_t *index, uint64_t *bits, const float *p, const struct draw *d,
                   extent rows, extent columns) {
    for (extent n = 0; n < rows; n++, p += columns, index += columns, bits += words_of(columns)) {
        count[n] = (int32_t)draw_row(s, bits, index, p, NULL, d, n, columns);
        if (s) s += columns;
    }
}

static void binarize(float *s, int32_t *count, int32_t *index, uint64_t *bits, const uint8_t *data,
                     const int32_t *batch, const struct draw *d, extent lo, extent hi, extent columns) {
    enum { AHEAD = 4, LINE = 64 }; // rows of the data set come from memory, in any order
    for (extent n = lo; n < hi; n++) {
        if (n + AHEAD < hi) {
            const uint8_t *row = data + batch[n + AHEAD] * columns;
            for (extent j = 0; j < columns; j += LINE) __builtin_prefetch(row + j);
        }
        count[n] = (int32_t)draw_row(s ? s + n * columns : NULL, bits + n * words_of(columns), index + n * columns, NULL,
                                     data + batch[n] * columns, d, batch[n], columns);
    }
}
