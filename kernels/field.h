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

// At most BATCH rows of the batch: the rows of the weights that each of them lists.
struct lists {
    extent rows;
    int32_t row[BATCH]; // of the batch, which each is for
    const int32_t *index[BATCH];
    int32_t count[BATCH];
};

static void take_list(struct lists *lists, extent row, const int32_t *index, int32_t count) {
    lists->row[lists->rows] = (int32_t)row;
    lists->index[lists->rows] = index;
    lists->count[lists->rows++] = count;
}

static void take_lists(struct lists *lists, const int32_t *count, const int32_t *index, extent rows, extent columns) {
    lists->rows = 0;
    for (extent n = 0; n < rows; n++) take_list(lists, n, index + n * columns, count[n]);
}

// How lists are gone through.
struct walk {
    extent tile, tiles;
    int32_t row[BATCH];              // which list comes when
    const int32_t *index[BATCH];     // the lists in that order
    int32_t start[TILES + 1][BATCH]; // where they enter each tile
};

// The order of the lists: short ones before long ones, so that neighbours end together.
static void sort_lists(int32_t *order, const struct lists *lists, extent in) {
    enum { LENGTHS = 256 };
    int32_t place[LENGTHS + 1] = {0};
    for (extent n = 0; n < lists->rows; n++) place[lists->count[n] * (LENGTHS - 1) / (in + 1) + 1]++;
    for (int l = 0; l < LENGTHS; l++) place[l + 1] += place[l];
    for (extent n = 0; n < lists->rows; n++) order[place[lists->count[n] * (LENGTHS - 1) / (in + 1)]++] = (int32_t)n;
}

// Plans to go through lists of numbers below in. Where they are alike as they come, a list
// finds in the cache what the one before it has fetched, which is worth more than to end
// together.
static void plan_walk(struct walk *walk, const struct lists *lists, extent in, int alike) {
    extent ones = 0, rows = lists->rows;
    const int32_t *count = lists->count;
    int32_t order[BATCH];
    for (extent n = 0; n < rows; n++) {
        ones += count[n];
        order[n] = (int32_t)n;
    }
    if (!alike) sort_lists(order, lists, in);

    int few = ones <= rows * in / 4;
    walk->tile = few ? in : in > TILE * TILES ? (in + TILES - 1) / TILES : TILE;
    walk->tiles = few ? 1 : (in + walk->tile - 1) / walk->tile;
    for (extent k = 0; k < rows; k++) {
        const int32_t *list = walk->index[k] = lists->index[order[k]];
        int32_t at = 0, end = count[order[k]];
        walk->row[k] = lists->row[order[k]];
        for (extent t = 0; t < walk->tiles - 1; t++) {
            walk->start[t][k] = at;
            while (at < end && list[at] < (t + 1) * walk->tile) at++;
        }
        walk->start[walk->tiles - 1][k] = at;
        walk->start[walk->tiles][k] = end;
    }
}

INLINE void add_row(vec *sum, const float *w, extent i, const int vectors, const int sign) {
    const float *row = w + i * PANEL;
    ONE_REGISTER(row);
    for (int k = 0; k < vectors; k++) {
        if (sign > 0) sum[k] += load(row + k * LANES);
        else sum[k] -= load(row + k * LANES);
    }
}

// Adds to the sums of some rows the rows of w that their lists name, or takes them off.
INLINE void add_lists(vec (*sum)[PART / LANES], const float *w, const int32_t *const *list, const int32_t *count,
                      const int vectors, const int sign) {
    int32_t both = count[0];
    for (int r = 1; r < ABREAST; r++) {
        if (count[r] < both) both = count[r];
    }
    for (int32_t i = 0; i < both; i++) {
        for (int r = 0; r < ABREAST; r++) add_row(sum[r], w, list[r][i], vectors, sign);
    }
    for (int r = 0; r < ABREAST; r++) {
        for (int32_t i = both; i < count[r]; i++) add_row(sum[r], w, list[r][i], vectors, sign);
    }
}

INLINE void load_sums(vec (*sum)[PART / LANES], const float *const *z, extent columns, const int vectors) {
    for (int r = 0; r < ABREAST; r++) {
        for (int k = 0; k < vectors; k++) sum[r][k] = load_vector(z[r], k, vectors, columns);
    }
}

INLINE void store_sums(float *const *z, vec (*sum)[PART / LANES], extent columns, const int vectors) {
    for (int r = 0; r < ABREAST; r++) {
        for (int k = 0; k < vectors; k++) store_vector(z[r], sum[r][k], k, vectors, columns);
    }
}

// Adds to some columns of z, or to start (PART) where it is not NULL, the rows of w that the
// lists name in a tile.
INLINE void add_tile(float *z, extent stride, const float *start, const float *w, const struct lists *lists,
                     const struct walk *walk, extent tile, extent columns, const int vectors) {
    const int32_t *first = walk->start[tile], *last = walk->start[tile + 1];
    float unused[PART] = {0};
    for (extent n = 0; n < lists->rows; n += ABREAST) {
        float *sums[ABREAST];
        const int32_t *list[ABREAST];
        int32_t count[ABREAST];
        for (int r = 0; r < ABREAST; r++) {
            int some = n + r < lists->rows;
            extent k = some ? n + r : n;
            sums[r] = some ? z + walk->row[k] * stride : unused;
            list[r] = walk->index[k] + first[k];
            count[r] = some ? last[k] - first[k] : 0;
        }
        vec sum[ABREAST][PART / LANES];
        if (start) {
            for (int r = 0; r < ABREAST; r++) {
                for (int k = 0; k < vectors; k++) sum[r][k] = load(start + k * LANES);
            }
        } else {
            load_sums(sum, (const float *const *)sums, columns, vectors);
        }
        add_lists(sum, w, list, count, vectors, 1);
        store_sums(sums, sum, columns, vectors);
    }
}

// Calls f with arguments and, last, the number of vectors for some columns of a PART.
#if LANES < 16
#define BY_MORE_VECTORS(f, ...)                                                                    \
    case 5: f(__VA_ARGS__, 5); break;                                                              \
    case 6: f(__VA_ARGS__, 6); break;                                                              \
    case 7: f(__VA_ARGS__, 7); break;                                                              \
    case 8: f(__VA_ARGS__, 8); break;
#else
#define BY_MORE_VECTORS(f, ...)
#endif
#define BY_VECTORS(columns, f, ...)                                                                \
    switch ((columns + LANES - 1) / LANES) {                                                       \
    case 1: f(__VA_ARGS__, 1); break;                                                              \
    case 2: f(__VA_ARGS__, 2); break;                                                              \
    case 3: f(__VA_ARGS__, 3); break;                                                              \
    case 4: f(__VA_ARGS__, 4); break;                                                              \
    BY_MORE_VECTORS(f, __VA_ARGS__)                                                                \
    }

// Writes to start the biases of some columns, or zeros where b is NULL.
static void start_part(float *start, const float *b, extent columns) {
    for (extent k = 0; k < PART; k++) start[k] = b && k < columns ? b[k] + 0.0f : 0.0f;
}

// Writes to z (rows, stride) the sums of b, or zero where it is NULL, and the rows of a
// panel that the lists name, for so many columns.
static void sum_listed(float *z, extent stride, const struct lists *lists, const struct walk *walk, const float *w,
                       const float *b, extent columns) {
    for (extent j = 0; j < columns; j += PART) {
        extent some = columns - j < PART ? columns - j : PART;
        float start[PART];
        start_part(start, b ? b + j : NULL, some);
        BY_VECTORS(some, add_tile, z + j, stride, start, w + j, lists, walk, 0, some)
        for (extent t = 1; t < walk->tiles; t++) {
            BY_VECTORS(some, add_tile, z + j, stride, NULL, w + j, lists, walk, t, some)
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
    struct lists lists;
    struct walk walk;
    for (extent n = 0; n < rows; n += BATCH) {
        take_lists(&lists, count + n, index + n * in, rows - n < BATCH ? rows - n : BATCH, in);
        plan_walk(&walk, &lists, in, 0);
        for (extent j = 0; j < out; j += PANEL) {
            extent columns = out - j < PANEL ? out - j : PANEL;
            sum_listed(z + n * out + j, out, &lists, &walk, w + j * in, b + j, columns);
        }
    }
}
