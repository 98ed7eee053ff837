// The field over states and over reals; field.go is the definition.
//
// The sums of a few rows and columns stay in registers while rows of a panel are added
// to them. Where most rows of a panel are wanted, the panel is gone through in tiles that
// the first-level cache holds, by all rows of the batch one after the other, and the sums
// wait in z meanwhile, which changes no bit.
enum {
    PANEL = 64,                                   // columns: PanelWidth
    PART = LANES < 8 ? 8 * LANES : PANEL,         // columns of the sums in registers,
    ABREAST = 8 * LANES / PART,                   // and rows: eight vectors, since additions depend on each other
    BATCH = 512,                                  // rows of the batch
    TILE = 112,                                   // rows of a panel, at least
    TILES = 16,
    DEPTH = 512,                                  // rows of a panel for dense products: the second-level cache
};

// Keeps an address in one register: with a sum for an address an addition from memory
// takes the place of two instructions.
#define ONE_REGISTER(p) __asm__("" : "+r"(p))

// How the lists of at most BATCH rows are gone through.
struct walk {
    extent rows, tile, tiles;
    int32_t order[BATCH];            // short lists before long ones, so that neighbours end together
    int32_t start[TILES + 1][BATCH]; // by place in order, where the list enters each tile
};

static void plan_walk(struct walk *walk, const int32_t *count, const int32_t *index, extent columns, extent rows,
                      extent in) {
    enum { LENGTHS = 256 };
    extent ones = 0;
    int32_t place[LENGTHS + 1] = {0};
    for (extent n = 0; n < rows; n++) {
        ones += count[n];
        place[count[n] * (LENGTHS - 1) / (in + 1) + 1]++;
    }
    for (int l = 0; l < LENGTHS; l++) place[l + 1] += place[l];
    for (extent n = 0; n < rows; n++) walk->order[place[count[n] * (LENGTHS - 1) / (in + 1)]++] = (int32_t)n;

    int few = ones <= rows * in / 4;
    walk->rows = rows;
    walk->tile = few ? in : in > TILE * TILES ? (in + TILES - 1) / TILES : TILE;
    walk->tiles = few ? 1 : (in + walk->tile - 1) / walk->tile;
    for (extent k = 0; k < rows; k++) {
        const int32_t *list = index + walk->order[k] * columns;
        int32_t at = 0, end = count[walk->order[k]];
        for (extent t = 0; t < walk->tiles - 1; t++) {
            walk->start[t][k] = at;
            while (at < end && list[at] < (t + 1) * walk->tile) at++;
        }
        walk->start[walk->tiles - 1][k] = at;
        walk->start[walk->tiles][k] = end;
    }
}

INLINE void add_row(vec *sum, const float *w, extent i, const int vectors) {
    const float *row = w + i * PANEL;
    ONE_REGISTER(row);
    for (int k = 0; k < vectors; k++) sum[k] += load(row + k * LANES);
}

// Adds to some columns of z, or to start where it is not NULL, the rows of w that the
// lists name.
INLINE void add_listed(float *const *z, const float *start, const float *w, const int32_t *const *list,
                       const int32_t *count, extent columns, const int vectors) {
    vec sum[ABREAST][PART / LANES];
    int32_t both = count[0];
    for (int r = 0; r < ABREAST; r++) {
        for (int k = 0; k < vectors; k++) {
            sum[r][k] = start ? load(start + k * LANES) : load_vector(z[r], k, vectors, columns);
        }
        if (count[r] < both) both = count[r];
    }
    for (int32_t i = 0; i < both; i++) {
        for (int r = 0; r < ABREAST; r++) add_row(sum[r], w, list[r][i], vectors);
    }
    for (int r = 0; r < ABREAST; r++) {
        for (int32_t i = both; i < count[r]; i++) add_row(sum[r], w, list[r][i], vectors);
        for (int k = 0; k < vectors; k++) store_vector(z[r], sum[r][k], k, vectors, columns);
    }
}

INLINE void add_tile_listed(float *z, extent stride, const float *start, const float *w, const struct walk *walk,
                            extent tile, const int32_t *index, extent lists, extent columns, const int vectors) {
    const int32_t *from = walk->start[tile], *to = walk->start[tile + 1];
    float unused[PANEL];
    for (extent n = 0; n < walk->rows; n += ABREAST) {
        float *sums[ABREAST];
        const int32_t *list[ABREAST];
        int32_t count[ABREAST];
        for (int r = 0; r < ABREAST; r++) {
            int some = n + r < walk->rows;
            extent k = some ? n + r : n;
            sums[r] = some ? z + walk->order[k] * stride : unused;
            list[r] = index + walk->order[k] * lists + from[k];
            count[r] = some ? to[k] - from[k] : 0;
        }
        add_listed(sums, start, w, list, count, columns, vectors);
    }
}

// Writes to z (rows, stride) the sums of b, or zero where it is NULL, and the rows of a
// panel that the lists (rows, lists) name, for so many columns.
static void sum_listed(float *z, extent stride, const struct walk *walk, const int32_t *index, extent lists,
                       const float *w, const float *b, extent columns) {
    for (extent j = 0; j < columns; j += PART) {
        extent some = columns - j < PART ? columns - j : PART;
        float start[PART] = {0};
        for (extent k = 0; b && k < some; k++) start[k] = b[j + k] + 0.0f;
        for (extent t = 0; t < walk->tiles; t++) {
            const float *first = t == 0 ? start : NULL;
            switch ((some + LANES - 1) / LANES) {
            case 1: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 1); break;
            case 2: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 2); break;
            case 3: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 3); break;
            case 4: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 4); break;
#if LANES < 16
            case 5: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 5); break;
            case 6: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 6); break;
            case 7: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 7); break;
            case 8: add_tile_listed(z + j, stride, first, w + j, walk, t, index, lists, some, 8); break;
#endif
            }
        }
    }
}

// Adds to some rows and columns of z, or to start where it is not NULL, the products of x
// and count rows of w. Each sum takes its products in order.
INLINE void add_product(float *z, extent stride, const float *start, const float *x, extent row, extent step,
                        const float *w, extent count, extent columns, const int rows, const int vectors) {
    vec sum[rows][vectors];
    for (int n = 0; n < rows; n++) {
        for (int k = 0; k < vectors; k++) {
            sum[n][k] = start ? load(start + k * LANES) : load_vector(z + n * stride, k, vectors, columns);
        }
    }
    for (extent i = 0; i < count; i++, x += step, w += PANEL) {
        for (int n = 0; n < rows; n++) {
            vec factor = ALL_REAL(x[n * row]);
            for (int k = 0; k < vectors; k++) sum[n][k] = FUSED(factor, load(w + k * LANES), sum[n][k]);
        }
    }
    for (int n = 0; n < rows; n++) {
        for (int k = 0; k < vectors; k++) store_vector(z + n * stride, sum[n][k], k, vectors, columns);
    }
}

INLINE void add_products(float *z, extent stride, const float *start, const float *x, extent row, extent step,
                         const float *w, extent rows, extent count, extent columns, const int vectors) {
    extent n = 0;
    for (; n + DENSE_ROWS <= rows; n += DENSE_ROWS) {
        add_product(z + n * stride, stride, start, x + n * row, row, step, w, count, columns, DENSE_ROWS, vectors);
    }
    for (; n < rows; n++) {
        add_product(z + n * stride, stride, start, x + n * row, row, step, w, count, columns, 1, vectors);
    }
}

// Writes to z (rows, stride) the sums of b, or zero where it is NULL, and the products of
// x and a panel with so many rows, for so many columns; element i of row n of x is
// x[n * row + i * step].
static void sum_dense(float *z, extent stride, const float *x, extent row, extent step, const float *w, const float *b,
                      extent rows, extent in, extent columns) {
    float start[PANEL] = {0};
    for (extent j = 0; b && j < columns; j++) start[j] = b[j] + 0.0f;
    for (extent i = 0; i == 0 || i < in; i += DEPTH) {
        extent count = in - i < DEPTH ? in - i : DEPTH;
        for (extent j = 0; j < columns; j += DENSE_VECTORS * LANES) {
            extent some = columns - j < DENSE_VECTORS * LANES ? columns - j : DENSE_VECTORS * LANES;
            const float *first = i == 0 ? start + j : NULL, *from = x + i * step, *panel = w + i * PANEL + j;
            switch ((some + LANES - 1) / LANES) {
            case 1: add_products(z + j, stride, first, from, row, step, panel, rows, count, some, 1); break;
            case 2: add_products(z + j, stride, first, from, row, step, panel, rows, count, some, 2); break;
#if DENSE_VECTORS > 2
            case 3: add_products(z + j, stride, first, from, row, step, panel, rows, count, some, 3); break;
            case 4: add_products(z + j, stride, first, from, row, step, panel, rows, count, some, 4); break;
#endif
            }
        }
    }
}

static void field(float *z, const float *x, const float *w, const float *b, extent rows, extent in, extent out) {
    for (extent j = 0; j < out; j += PANEL) {
        extent columns = out - j < PANEL ? out - j : PANEL;
        sum_dense(z + j, out, x, in, 1, w + j * in, b + j, rows, in, columns);
    }
}

static void field_ones(float *z, const int32_t *count, const int32_t *index, const float *w, const float *b,
                       extent rows, extent in, extent out) {
    struct walk walk;
    for (extent n = 0; n < rows; n += BATCH) {
        plan_walk(&walk, count + n, index + n * in, in, rows - n < BATCH ? rows - n : BATCH, in);
        for (extent j = 0; j < out; j += PANEL) {
            extent columns = out - j < PANEL ? out - j : PANEL;
            sum_listed(z + n * out + j, out, &walk, index + n * in, in, w + j * in, b + j, columns);
        }
    }
}
