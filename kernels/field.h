// The field over states and over reals; field.go is the definition.
//
// Columns go in panels of 64, the rows of w in tiles of 112. A tile of a panel, 28 KiB
// side by side and aligned (half of it with four lanes), stays in the first-level cache while every row of the
// batch passes over it; the sums of a row wait meanwhile in the second level, which
// changes no bit. So w is read from far away once for 256 rows of the batch.
enum {
    PANEL = LANES < 8 ? 32 : 64, // columns, as many as registers hold two rows of
    UNIT = PANEL / 4,            // a loop of its own for panels of 1 to 4 units
    TILE = 112,                  // rows of w
    BATCH = 256,                 // rows of the batch
    AHEAD = 6,                   // rows of the batch whose lists are prefetched
};

struct tile {
    float w[TILE][PANEL];
} __attribute__((aligned(64)));

// Copies the first width columns of some rows of w, and zeros after them.
static void load_tile(struct tile *tile, const float *w, extent stride, extent rows, extent width) {
    for (extent i = 0; i < rows; i++, w += stride) {
        if (width == PANEL) {
            memcpy(tile->w[i], w, sizeof tile->w[i]);
        } else {
            memcpy(tile->w[i], w, width * sizeof *w);
            memset(tile->w[i] + width, 0, sizeof tile->w[i] - width * sizeof *w);
        }
    }
}

// The sums of a panel, for some rows of the batch.
struct sums {
    float z[BATCH][PANEL];
} __attribute__((aligned(64)));

// Starts an even number of rows with b + 0, or zero where b is NULL.
static void start_sums(struct sums *sums, const float *b, extent rows, extent width) {
    float start[PANEL] = {0};
    for (extent j = 0; b && j < width; j++) start[j] = b[j] + 0.0f;
    for (extent n = 0; n < rows + rows % 2; n++) memcpy(sums->z[n], start, sizeof start);
}

static void store_sums(float *z, extent stride, const struct sums *sums, extent rows, extent width) {
    for (extent n = 0; n < rows; n++, z += stride) {
        if (width == PANEL) {
            memcpy(z, sums->z[n], sizeof sums->z[n]);
        } else {
            memcpy(z, sums->z[n], width * sizeof *z);
        }
    }
}

// The next row of the tile that a list names, or NULL where it names none before last.
INLINE const float *next_row(const struct tile *tile, const int32_t **at, const int32_t *end, extent first,
                             extent last) {
    if (*at == end || **at >= last) return NULL;
    return tile->w[*(*at)++ - first];
}

// Adds to rows n and n+1 of the sums the rows of a tile, which holds rows first to last
// of w, that their lists name from at on, and moves at behind them. Two rows at once,
// since the additions of one depend on each other.
INLINE void add_listed(struct sums *sums, const struct tile *tile, const int32_t **at, const int32_t *const *end,
                       extent n, extent first, extent last, const int columns) {
    const int vectors = columns / LANES;
    const int32_t *at0 = at[n], *at1 = at[n + 1];
    const float *row0, *row1;
    vec sum0[PANEL / LANES], sum1[PANEL / LANES];
    for (int k = 0; k < vectors; k++) sum0[k] = load(sums->z[n] + k * LANES);
    for (int k = 0; k < vectors; k++) sum1[k] = load(sums->z[n + 1] + k * LANES);
    for (;;) {
        row0 = next_row(tile, &at0, end[n], first, last);
        row1 = next_row(tile, &at1, end[n + 1], first, last);
        if (!row0 || !row1) break;
        for (int k = 0; k < vectors; k++) sum0[k] += load(row0 + k * LANES);
        for (int k = 0; k < vectors; k++) sum1[k] += load(row1 + k * LANES);
    }
    for (; row0; row0 = next_row(tile, &at0, end[n], first, last)) {
        for (int k = 0; k < vectors; k++) sum0[k] += load(row0 + k * LANES);
    }
    for (; row1; row1 = next_row(tile, &at1, end[n + 1], first, last)) {
        for (int k = 0; k < vectors; k++) sum1[k] += load(row1 + k * LANES);
    }
    for (int k = 0; k < vectors; k++) store(sums->z[n] + k * LANES, sum0[k]);
    for (int k = 0; k < vectors; k++) store(sums->z[n + 1] + k * LANES, sum1[k]);
    at[n] = at0;
    at[n + 1] = at1;
}

INLINE void add_tile_listed(struct sums *sums, const struct tile *tile, const int32_t **at, const int32_t *const *end,
                            extent rows, extent first, extent last, const int columns) {
    for (extent n = 0; n < rows; n += 2) {
        __builtin_prefetch(at[n + AHEAD]);
        __builtin_prefetch(at[n + AHEAD + 1]);
        add_listed(sums, tile, at, end, n, first, last, columns);
    }
}

// Adds to the sums of at most BATCH rows the rows of w (in, stride) that their lists
// name. w is at the first column of the panel.
static void sum_listed(struct sums *sums, const int32_t *count, const int32_t *index, extent columns, const float *w,
                       extent rows, extent in, extent stride, extent width) {
    struct tile tile;
    const int32_t *at[BATCH + AHEAD + 1] = {0}, *end[BATCH + 1] = {0}; // the lists after the last are empty
    for (extent n = 0; n < rows; n++) {
        at[n] = index + n * columns;
        end[n] = at[n] + count[n];
    }
    for (extent first = 0; first < in; first += TILE) {
        extent last = first + TILE < in ? first + TILE : in;
        load_tile(&tile, w + first * stride, stride, last - first, width);
        switch ((width + UNIT - 1) / UNIT) {
        case 1: add_tile_listed(sums, &tile, at, end, rows, first, last, 1 * UNIT); break;
        case 2: add_tile_listed(sums, &tile, at, end, rows, first, last, 2 * UNIT); break;
        case 3: add_tile_listed(sums, &tile, at, end, rows, first, last, 3 * UNIT); break;
        case 4: add_tile_listed(sums, &tile, at, end, rows, first, last, 4 * UNIT); break;
        }
    }
}

// Adds to some rows and columns of z the products of x and a tile, whose rows are count
// steps of x. The sums stay in registers, and each takes its products in order.
INLINE void add_product(float *z, const float *x, extent row, extent step, const float *w, extent count,
                        const int rows, const int vectors) {
    vec sum[rows][vectors];
    for (int n = 0; n < rows; n++) {
        for (int k = 0; k < vectors; k++) sum[n][k] = load(z + n * PANEL + k * LANES);
    }
    for (extent i = 0; i < count; i++, x += step, w += PANEL) {
        for (int n = 0; n < rows; n++) {
            vec factor = ALL_REAL(x[n * row]);
            for (int k = 0; k < vectors; k++) sum[n][k] = FUSED(factor, load(w + k * LANES), sum[n][k]);
        }
    }
    for (int n = 0; n < rows; n++) {
        for (int k = 0; k < vectors; k++) store(z + n * PANEL + k * LANES, sum[n][k]);
    }
}

INLINE void add_tile_product(struct sums *sums, const struct tile *tile, const float *x, extent row, extent step,
                             extent rows, extent count, const int columns) {
    const int vectors = DENSE_VECTORS(columns);
    for (extent j = 0; j < columns; j += vectors * LANES) {
        extent n = 0;
        for (; n + DENSE_ROWS <= rows; n += DENSE_ROWS) {
            add_product(sums->z[n] + j, x + n * row, row, step, tile->w[0] + j, count, DENSE_ROWS, vectors);
        }
        for (; n < rows; n++) {
            add_product(sums->z[n] + j, x + n * row, row, step, tile->w[0] + j, count, 1, vectors);
        }
    }
}

// Adds to the sums of at most BATCH rows the products of x and w (in, stride); element
// i of row n of x is x[n * row + i * step]. w is at the first column of the panel.
static void sum_dense(struct sums *sums, const float *x, extent row, extent step, const float *w, extent rows,
                      extent in, extent stride, extent width) {
    struct tile tile;
    for (extent i = 0; i < in; i += TILE) {
        extent count = in - i < TILE ? in - i : TILE;
        const float *from = x + i * step;
        load_tile(&tile, w + i * stride, stride, count, width);
        switch ((width + UNIT - 1) / UNIT) {
        case 1: add_tile_product(sums, &tile, from, row, step, rows, count, 1 * UNIT); break;
        case 2: add_tile_product(sums, &tile, from, row, step, rows, count, 2 * UNIT); break;
        case 3: add_tile_product(sums, &tile, from, row, step, rows, count, 3 * UNIT); break;
        case 4: add_tile_product(sums, &tile, from, row, step, rows, count, 4 * UNIT); break;
        }
    }
}

static void field(float *z, const float *x, const float *w, const float *b, extent rows, extent in, extent out) {
    struct sums sums;
    for (extent n = 0; n < rows; n += BATCH) {
        extent some = rows - n < BATCH ? rows - n : BATCH;
        for (extent j = 0; j < out; j += PANEL) {
            extent width = out - j < PANEL ? out - j : PANEL;
            start_sums(&sums, b + j, some, width);
            sum_dense(&sums, x + n * in, in, 1, w + j, some, in, out, width);
            store_sums(z + n * out + j, out, &sums, some, width);
        }
    }
}

// The field of so few ones that copies of w would not pay.
static void field_few(float *restrict z, const int32_t *count, const int32_t *index, const float *restrict w,
                      const float *restrict b, extent rows, extent in, extent out) {
    for (extent n = 0; n < rows; n++, z += out, index += in) {
        for (extent j = 0; j < out; j++) z[j] = b[j] + 0.0f;
        for (extent k = 0; k < count[n]; k++) {
            const float *row = w + index[k] * out;
            for (extent j = 0; j < out; j++) z[j] += row[j];
        }
    }
}

static void field_ones(float *z, const int32_t *count, const int32_t *index, const float *w, const float *b,
                       extent rows, extent in, extent out) {
    extent ones = 0;
    for (extent n = 0; n < rows; n++) ones += count[n];
    if (ones < 2 * in) {
        field_few(z, count, index, w, b, rows, in, out);
        return;
    }
    struct sums sums;
    for (extent n = 0; n < rows; n += BATCH) {
        extent some = rows - n < BATCH ? rows - n : BATCH;
        for (extent j = 0; j < out; j += PANEL) {
            extent width = out - j < PANEL ? out - j : PANEL;
            start_sums(&sums, b + j, some, width);
            sum_listed(&sums, count + n, index + n * in, in, w + j, some, in, out, width);
            store_sums(z + n * out + j, out, &sums, some, width);
        }
    }
}
