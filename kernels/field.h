// The field over states and over real values. field.go is the definition.
//
// The sums of a few rows and columns stay in registers while rows of a panel are added to them.
// Where the lists are long enough, a panel is read in tiles that fit the first-level cache. All
// rows of the batch use one tile before the next; between tiles the sums are kept in z, which
// changes no bit.
enum {
    PART = LANES < 8 ? 8 * LANES : PANEL,         // columns of the sums in registers
    ABREAST = 8 * LANES / PART,                   // rows of the sums: eight vectors, since additions wait for each other
    BATCH = 512,                                  // rows of the batch that are listed at a time
    TILE = 128,                                   // rows of a panel in a tile, at least: 32 KiB
    TILES = 32,                                   // tiles of a panel, at most
    DEPTH = 512,                                  // rows of a panel that fit the second-level cache, for dense products
    FEWER_ROWS = DENSE_ROWS * 2 / 3,              // rows of the smaller register block of the dense product
    LINE_WORDS = 8,                               // words of states in a cache line
    LINE_FLOATS = 16,                             // floats in a cache line
    FETCHING = 4,                                 // rows of the batch between two fetches ahead
    OFTEN = 8,                                    // lists that add a row, on average, to allow fetching ahead
};

// Keeps an address in one register. With the sum of two registers as its address, an addition
// from memory would take two instructions instead of one.
#define ONE_REGISTER(p) __asm__("" : "+r"(p))

// A list for each of up to BATCH rows of the batch: the numbers of the weight rows to add, which are the numbers of
// the active units of the input.
struct lists {
    extent rows;                 // number of lists
    int32_t row[BATCH];          // row of the batch that each list is for
    const int32_t *index[BATCH]; // the lists, each in rising order
    int32_t count[BATCH];        // and their lengths
};

// Appends the list of a row.
static void append_list(struct lists *lists, extent row, const int32_t *index, int32_t count) {
    lists->row[lists->rows] = (int32_t)row;
    lists->index[lists->rows] = index;
    lists->count[lists->rows++] = count;
}

// The order in which the lists are read: tile by tile. The numbers in them are below `size`.
struct walk {
    extent size, words, tiles;       // rows of a panel; words of states (WORD rows each) of a tile; tiles of a panel
    const float *end;                // end of the weights that may be fetched ahead, or NULL for no fetching
    int32_t start[TILES + 1][BATCH]; // position in each list at which each tile begins
};

// Cuts a panel of `size` rows into tiles of TILE rows, or into TILES longer ones. The last may be shorter.
static void start_walk(struct walk *walk, extent size) {
    extent words = (size + WORD - 1) / WORD;
    walk->size = size;
    walk->words = words > TILE / WORD * TILES ? (words + TILES - 1) / TILES : TILE / WORD;
    walk->tiles = (words + walk->words - 1) / walk->words;
}

// Chooses a single tile where at most a sixteenth of the units are active: adding few rows of each tile does not
// repay moving the sums to z and back. Allows fetching ahead up to `end` where the lists add each row of a panel
// OFTEN times or more on average: fewer additions take less time than its fetch.
static void end_walk(struct walk *walk, const struct lists *lists, const float *end) {
    extent ones = 0;
    for (extent k = 0; k < lists->rows; k++) ones += lists->count[k];
    walk->end = ones >= OFTEN * walk->size ? end : NULL;
    if (ones > lists->rows * walk->size / 16) return;
    walk->tiles = 1;
    memcpy(walk->start[1], lists->count, lists->rows * sizeof *lists->count);
}

// Adds row i of w to the sums of one row of the batch, or subtracts it if sign is negative.
INLINE void add_row(vec *sum, const float *w, extent i, const int vectors, const int sign) {
    const float *row = w + i * PANEL;
    ONE_REGISTER(row);
    UNROLL for (int k = 0; k < vectors; k++) {
        if (sign > 0) sum[k] += load(row + k * LANES);
        else sum[k] -= load(row + k * LANES);
    }
}

// Adds the rows of w that the lists name to the sums of ABREAST rows of the batch, or subtracts them if sign is
// negative. The additions of these rows alternate as far as the shortest list reaches, since each addition waits
// for the one before it.
INLINE void add_lists(vec (*sum)[PART / LANES], const float *w, const int32_t *const *list, const int32_t *count,
                      const int vectors, const int sign) {
    int32_t common = count[0];
    UNROLL for (int r = 1; r < ABREAST; r++) {
        if (count[r] < common) common = count[r];
    }
    for (int32_t i = 0; i < common; i++) {
        UNROLL for (int r = 0; r < ABREAST; r++) add_row(sum[r], w, list[r][i], vectors, sign);
    }
    UNROLL for (int r = 0; r < ABREAST; r++) {
        for (int32_t i = common; i < count[r]; i++) add_row(sum[r], w, list[r][i], vectors, sign);
    }
}

INLINE void load_sums(vec (*sum)[PART / LANES], const float *const *z, extent columns, const int vectors) {
    UNROLL for (int r = 0; r < ABREAST; r++) {
        UNROLL for (int k = 0; k < vectors; k++) sum[r][k] = load_vector(z[r], k, vectors, columns);
    }
}

INLINE void store_sums(float *const *z, vec (*sum)[PART / LANES], extent columns, const int vectors) {
    UNROLL for (int r = 0; r < ABREAST; r++) {
        UNROLL for (int k = 0; k < vectors; k++) store_vector(z[r], sum[r][k], k, vectors, columns);
    }
}

// Adds the rows of w that the lists of rows from ≤ n < to name within a tile to some columns of
// z. Where start (PART) is not NULL, the sums begin with start instead of z.
INLINE void add_tile(float *z, extent stride, const float *start, const float *w, const struct lists *lists,
                     const struct walk *walk, extent tile, extent from, extent to, extent columns, const int vectors) {
    const int32_t *first = walk->start[tile], *last = walk->start[tile + 1];
    float unused[PART] = {0};
    for (extent n = from; n < to; n += ABREAST) {
        float *sums[ABREAST];
        const int32_t *list[ABREAST];
        int32_t count[ABREAST];
        UNROLL for (int r = 0; r < ABREAST; r++) {
            int some = n + r < to;
            extent k = some ? n + r : n;
            sums[r] = some ? z + lists->row[k] * stride : unused;
            list[r] = lists->index[k] + first[k];
            count[r] = some ? last[k] - first[k] : 0;
        }
        vec sum[ABREAST][PART / LANES];
        if (start) {
            UNROLL for (int r = 0; r < ABREAST; r++) {
                UNROLL for (int k = 0; k < vectors; k++) sum[r][k] = load(start + k * LANES);
            }
        } else {
            load_sums(sum, (const float *const *)sums, columns, vectors);
        }
        add_lists(sum, w, list, count, vectors, 1);
        store_sums(sums, sum, columns, vectors);
    }
}

// Calls f with the arguments and, as the last one, the number of vectors that hold `columns`
// columns of a PART.
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

// Writes the biases of some columns to start, or zeros where b is NULL. Adding 0.0f turns a bias of -0 into 0,
// to which products of 0 or -0 add nothing: a sum has the same bits whether they are added or skipped (field.go).
static void start_part(float *start, const float *b, extent columns) {
    for (extent k = 0; k < PART; k++) start[k] = b && k < columns ? b[k] + 0.0f : 0.0f;
}

// Adds all tiles of a panel to start. While some rows of the batch use one tile, a part of the next tile is
// fetched. After the last tile that is the beginning of the next panel. As many rows are fetched as start_walk puts in
// a tile, though the next tile may be shorter, and a single tile may be longer (end_walk). This can cost time but
// changes no result: only weights before walk->end are fetched.
static void sum_far(float *z, extent stride, const struct lists *lists, const struct walk *walk, const float *w,
                    const float *start, extent columns) {
    extent rows = lists->rows, size = walk->words * WORD * PANEL, panel = walk->size * PANEL; // floats of a tile, of a panel
    for (extent t = 0; t < walk->tiles; t++) {
        const float *next = w + (t + 1 < walk->tiles ? (t + 1) * size : panel);
        extent left = next < walk->end ? walk->end - next : 0, lines = (left < size ? left : size) / LINE_FLOATS;
        for (extent n = 0, line = 0; n < rows; n += FETCHING) {
            extent end = n + FETCHING < rows ? n + FETCHING : rows;
            for (; line < lines * end / rows; line++) {
                __builtin_prefetch(next + line * LINE_FLOATS, 0, 2); // to read, into the second-level cache
            }
            BY_VECTORS(columns, add_tile, z, stride, t == 0 ? start : NULL, w, lists, walk, t, n, end, columns)
        }
    }
}

// Writes to z (rows, stride), in `columns` columns, the bias b plus the rows of a panel that the
// lists name. Where b is NULL, the bias is zero.
static void sum_listed(float *z, extent stride, const struct lists *lists, const struct walk *walk, const float *w,
                       const float *b, extent columns) {
    for (extent j = 0; j < columns; j += PART) {
        extent some = columns - j < PART ? columns - j : PART;
        float start[PART];
        start_part(start, b ? b + j : NULL, some);
        if (walk->end) {
            sum_far(z + j, stride, lists, walk, w + j, start, some);
            continue;
        }
        extent rows = lists->rows;
        BY_VECTORS(some, add_tile, z + j, stride, start, w + j, lists, walk, 0, 0, rows, some)
        for (extent t = 1; t < walk->tiles; t++) {
            BY_VECTORS(some, add_tile, z + j, stride, NULL, w + j, lists, walk, t, 0, rows, some)
        }
    }
}

// Adds to some rows and columns of z the products of x with count rows of w, each sum in rising
// order. Where start is not NULL, the sums begin with start instead of z. Element i of row n of x is
// x[n * row + i * step], here and below.
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

// Computes add_product for `rows` rows, in register blocks of DENSE_ROWS rows, then of FEWER_ROWS, then of one.
INLINE void add_products(float *z, extent stride, const float *start, const float *x, extent row, extent step,
                         const float *w, extent rows, extent count, extent columns, const int vectors) {
    extent n = 0;
    for (; n + DENSE_ROWS <= rows; n += DENSE_ROWS) {
        add_product(z + n * stride, stride, start, x + n * row, row, step, w, count, columns, DENSE_ROWS, vectors);
    }
    for (; n + FEWER_ROWS <= rows; n += FEWER_ROWS) { // where DENSE_ROWS is 6, the last four of a strip (gradient.h)
        add_product(z + n * stride, stride, start, x + n * row, row, step, w, count, columns, FEWER_ROWS, vectors);
    }
    for (; n < rows; n++) {
        add_product(z + n * stride, stride, start, x + n * row, row, step, w, count, columns, 1, vectors);
    }
}

// Writes to z (rows, stride), in `columns` columns, the bias b plus the products of x with a
// panel of `in` rows. Where b is NULL, the bias is zero.
static void sum_dense(float *z, extent stride, const float *x, extent row, extent step, const float *w, const float *b,
                      extent rows, extent in, extent columns) {
    float start[PANEL] = {0};
    for (extent j = 0; b && j < columns; j++) start[j] = b[j] + 0.0f; // see start_part
    for (extent i = 0; i == 0 || i < in; i += DEPTH) { // once without inputs, for the bias
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

// The sums of up to BATCH rows in the columns of one panel.
struct sums {
    float z[BATCH][PANEL];
} __attribute__((aligned(64)));

// How the fields of some rows of the batch are computed. `anew` has the rows of the batch whose fields are summed
// from the bias. For the other rows, whose states differ little from the states of an earlier field, `add` and `take`
// list the weight rows to add to that field and to subtract from it.
struct plan {
    struct lists anew, add, take;
    struct walk walk; // of the lists of anew
};

// Chooses how to compute the field of row n, which is row k of the plan, and writes its lists: from an earlier
// field where the number of changed states is below three quarters of the number of active ones. Returns the
// end of the room that the lists take.
INLINE int32_t *plan_row(struct plan *p, const struct input *in, int32_t *room, extent n, extent k) {
    const uint64_t *bits = in->bits + n, *was = in->before.data ? in->was + n : NULL;
    extent ones = 0, changes = 0;
    for (extent i = 0; was && i * WORD < in->size; i++) {
        ones += __builtin_popcountll(bits[i * in->stride]);
        changes += __builtin_popcountll(bits[i * in->stride] ^ was[i * in->was_stride]);
    }
    int32_t *end = room;
    if (!was || 4 * changes >= 3 * ones) {
        extent at = p->anew.rows;
        for (extent t = 0; t < p->walk.tiles; t++) {
            p->walk.start[t][at] = (int32_t)(end - room);
            for (extent i = t * p->walk.words; i < (t + 1) * p->walk.words && i * WORD < in->size; i++) {
                end = list_word(end, bits[i * in->stride], i * WORD);
            }
        }
        p->walk.start[p->walk.tiles][at] = (int32_t)(end - room);
        append_list(&p->anew, k, room, (int32_t)(end - room));
        return end;
    }
    for (extent i = 0; i * WORD < in->size; i++) {
        end = list_word(end, bits[i * in->stride] & ~was[i * in->was_stride], i * WORD);
    }
    int32_t *off = end;
    for (extent i = 0; i * WORD < in->size; i++) {
        end = list_word(end, was[i * in->was_stride] & ~bits[i * in->stride], i * WORD);
    }
    append_list(&p->add, k, room, (int32_t)(off - room));
    append_list(&p->take, k, off, (int32_t)(end - off));
    return end;
}

// Fetches the words of a row of states, and with them the rows on the same cache lines. Another
// thread may have written them.
INLINE void fetch_words(const uint64_t *bits, extent stride, extent size) {
    for (extent i = 0; i * WORD < size; i++) __builtin_prefetch(bits + i * stride);
}

// Plans the fields of `rows` rows from row `first` on. end is the end of the weights that may be
// fetched ahead, or NULL.
static void plan_input(struct plan *p, const struct input *in, extent first, extent rows, const float *end) {
    int32_t *room = in->room;
    p->anew.rows = p->add.rows = p->take.rows = 0;
    start_walk(&p->walk, in->size);
    for (extent k = 0; k < rows; k++) {
        extent next = k + LINE_WORDS;
        if (k % LINE_WORDS == 0 && next < rows) fetch_words(in->bits + first + next, in->stride, in->size);
        room = plan_row(p, in, room, first + k, k);
    }
    end_walk(&p->walk, &p->anew, end);
}

// Computes the dense product of some rows. It is a separate function because its innermost loop
// needs all registers for the addresses of rows.
__attribute__((noinline)) static void field_of_values(float *z, extent stride, const struct input *in, extent first,
                                                      extent rows, extent j, extent columns) {
    const float *x = in->values + first * in->size, *w = in->weights + j * in->size;
    sum_dense(z, stride, x, in->size, 1, w, in->bias + j, rows, in->size, columns);
}

// Writes some columns of the fields that are computed from earlier ones, by the lists `add` and `take`.
INLINE void change_part(float *z, extent stride, const float *before, extent before_stride, const struct plan *p,
                        const float *w, extent columns, const int vectors) {
    float unused[PART] = {0};
    for (extent n = 0; n < p->add.rows; n += ABREAST) {
        float *to[ABREAST];
        const float *from[ABREAST];
        const int32_t *on[ABREAST], *off[ABREAST];
        int32_t more[ABREAST], fewer[ABREAST];
        UNROLL for (int r = 0; r < ABREAST; r++) {
            int some = n + r < p->add.rows;
            extent k = some ? n + r : n;
            to[r] = some ? z + p->add.row[k] * stride : unused;
            from[r] = some ? before + p->add.row[k] * before_stride : unused;
            on[r] = p->add.index[k];
            off[r] = p->take.index[k];
            more[r] = some ? p->add.count[k] : 0;
            fewer[r] = some ? p->take.count[k] : 0;
        }
        vec sum[ABREAST][PART / LANES];
        load_sums(sum, from, columns, vectors);
        add_lists(sum, w, on, more, vectors, 1);
        add_lists(sum, w, off, fewer, vectors, -1);
        store_sums(to, sum, columns, vectors);
    }
}

// Writes to z (rows, stride) the fields of `rows` rows from row `first` on, in `columns` columns
// from column j on. Column j begins a panel.
static void field(float *z, extent stride, const struct input *in, const struct plan *p, extent first, extent rows,
                  extent j, extent columns) {
    const float *w = in->weights + j * in->size, *b = in->bias + j;
    if (in->values) {
        field_of_values(z, stride, in, first, rows, j, columns);
        return;
    }
    sum_listed(z, stride, &p->anew, &p->walk, w, b, columns);
    for (extent k = 0; p->add.rows && k < columns; k += PART) {
        extent some = columns - k < PART ? columns - k : PART;
        const float *before = place(in->before, first, j + k);
        BY_VECTORS(some, change_part, z + k, stride, before, in->before.row, p, w + k, some)
    }
}
