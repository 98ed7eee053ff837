// Sums over rows and over columns. reduce.go and cumulant.go are the definitions.

// Sums over columns in float64 are made of sixteen partial sums: element j joins sum j % 16. PARTS is the number of
// vectors that hold them, LANES / 2 each.
enum { PARTS = 32 / LANES };

// Loads LANES / 2 floats as float64.
INLINE wide load_wide(const float *from) {
    half x;
    memcpy(&x, from, sizeof x);
    return WIDEN(x);
}

// Adds up the partial sums in halves.
INLINE double fold(const wide parts[PARTS]) {
    double sum[16];
    memcpy(sum, parts, sizeof sum);
    for (int half = 8; half > 0; half /= 2) {
        for (int l = 0; l < half; l++) sum[l] += sum[l + half];
    }
    return sum[0];
}

// Writes the cumulants of sixteen units of one kind, or of the first n, to term.
INLINE void cumulants(float term[16], const float *z, float beta, extent n, const int kind) {
    for (int l = 0; l < 16; l += LANES) {
        store_some(term + l, kind_cumulant(kind, beta * load_some(z + l, n - l)), n - l);
    }
}

// Writes the cumulants of the units in `columns` columns of row n from column j on, at most sixteen,
// to term (all zeros before). The units may differ in kind. The cumulant of a unit of several columns goes to its first
// column, which a unit from before column j does not have here. Units with real states keep 0.
static void mixed_cumulants(float term[16], struct grid z, float beta, extent n, extent columns, struct units units,
                            extent j) {
    float field[16] = {0};
    memcpy(field, place(z, n, j), columns * sizeof *field);
    for (extent i = 0; i < units.count; i++) {
        struct group g = part_of(units.groups + i, j, j + columns);
        if (kind_real(g.kind)) continue;
        if (kind_several(g.kind)) {
            extent from = units.groups[i].from, q = kind_width(g.kind); // units begin at from, from + q, …
            for (extent at = from + (g.from - from + q - 1) / q * q; at < g.to; at += q) {
                term[at - j] = several_cumulant(g.kind, z, beta, n, at);
            }
            continue;
        }
        for (extent l = 0; l < 16 && g.from < g.to; l += LANES) {
            vec all = kind_cumulant(g.kind, beta * load(field + l));
            for (extent k = 0; k < LANES; k++) {
                if (g.from <= j + l + k && j + l + k < g.to) term[l + k] = all[k];
            }
        }
    }
}

// Writes to f (rows) the sum of the cumulants of each row. kind is the kind of all units, or MIXED.
INLINE void cumulant_sum_of(double *f, struct grid z, struct units units, float beta, extent rows, extent columns,
                            const int kind) {
    for (extent n = 0; n < rows; n++) {
        wide parts[PARTS] = {0};
        for (extent j = 0; j < columns; j += 16) {
            extent some = columns - j < 16 ? columns - j : 16;
            float term[16] = {0};
            if (kind == MIXED) {
                mixed_cumulants(term, z, beta, n, some, units, j);
            } else {
                cumulants(term, place(z, n, j), beta, some, kind);
            }
            for (int k = 0; k < PARTS; k++) parts[k] += load_wide(term + k * LANES / 2);
        }
        f[n] = fold(parts);
    }
}

// Writes to f (rows) the sum of the cumulants of each row's units with discrete states, given their fields beta * z.
static void cumulant_sum(double *f, struct grid z, struct units units, float beta, extent rows, extent columns) {
    switch (kind_of(units, 0, columns)) {
#define SUM(name) \
    case KIND_##name: cumulant_sum_of(f, z, units, beta, rows, columns, KIND_##name); break;
        EACH_KIND(SUM)
#undef SUM
    default: cumulant_sum_of(f, z, units, beta, rows, columns, MIXED);
    }
}

// Adds the products of sixteen elements, or of the first n, to the partial sums.
INLINE void add_products_wide(wide parts[PARTS], const float *x, const float *c, extent n) {
    float last[2][16] = {{0}};
    if (n < 16) {
        memcpy(last[0], x, n * sizeof *x);
        memcpy(last[1], c, n * sizeof *c);
        x = last[0];
        c = last[1];
    }
    for (int k = 0; k < PARTS; k++) parts[k] += load_wide(x + k * LANES / 2) * load_wide(c + k * LANES / 2);
}

// Writes to f (rows) the products of each row of x (rows, columns) with c (columns).
static void row_dot(double *f, struct grid x, const float *c, extent rows, extent columns) {
    for (extent n = 0; n < rows; n++) {
        wide parts[PARTS] = {0};
        for (extent j = 0; j < columns; j += 16) add_products_wide(parts, place(x, n, j), c + j, columns - j);
        f[n] = fold(parts);
    }
}

// Computes the mean over the rows of `some` columns of x, and where s (rows) is not NULL the mean of s[n] * x[n,j].
// `vectors` vectors hold the columns: their sums are made side by side, since each addition waits for the one before.
// The rows are added in the order of slices.h.
INLINE void column_means_of(float *mean, float *weighted, const float *x, const float *s, extent some, extent rows,
                            extent stride, const int vectors) {
    vec part[2][vectors][SLICE_PARTS];
    extent slices = 0;
    for (extent first = 0; first < rows; first += SLICE, slices++) {
        extent end = rows < first + SLICE ? rows : first + SLICE;
        vec sum[vectors], product[vectors];
        for (int k = 0; k < vectors; k++) sum[k] = product[k] = (vec){0};
        for (extent n = first; n < end; n++) {
            for (int k = 0; k < vectors; k++) {
                vec row = load_vector(x + n * stride, k, vectors, some);
                sum[k] += row;
                if (s) product[k] += row * s[n];
            }
        }
        for (int k = 0; k < vectors; k++) {
            add_slice(part[0][k], slices, sum[k]);
            if (s) add_slice(part[1][k], slices, product[k]);
        }
    }
    float scale = 1.0f / (float)rows;
    for (int k = 0; k < vectors; k++) {
        store_vector(mean, fold_slices(part[0][k], slices) * scale, k, vectors, some);
        if (s) store_vector(weighted, fold_slices(part[1][k], slices) * scale, k, vectors, some);
    }
}

// Writes the means of the columns lo to hi-1 of x to mean, and where s is not NULL the weighted means to weighted.
static void column_means(float *mean, float *weighted, struct grid x, const float *s, extent lo, extent hi,
                         extent rows) {
    enum { VECTORS = 4 };
    for (extent j = lo; j < hi;) {
        extent end = hi < j / PANEL * PANEL + PANEL ? hi : j / PANEL * PANEL + PANEL; // end of the panel
        for (; j + VECTORS * LANES <= end; j += VECTORS * LANES) {
            column_means_of(mean + j, s ? weighted + j : NULL, place(x, 0, j), s, VECTORS * LANES, rows, x.row, VECTORS);
        }
        for (; j < end; j += LANES) {
            column_means_of(mean + j, s ? weighted + j : NULL, place(x, 0, j), s, end - j, rows, x.row, 1);
        }
        j = end;
    }
}

// Computes column_means for states, which count as 0 or 1 here. The plain means are counts over rows, exact in any
// order for up to 2^24 rows.
static void column_means_states(float *mean, float *weighted, const uint64_t *bits, extent stride, const float *s,
                                extent lo, extent hi, extent rows) {
    enum { VECTORS = WORD / LANES };
    const float scale = 1.0f / (float)rows;
    for (extent column = lo / WORD * WORD; column < hi; column += WORD) {
        const uint64_t *word = bits + column / WORD * stride;
        extent left = lo > column ? lo : column, right = hi < column + WORD ? hi : column + WORD, slices = 0;
        vec count[VECTORS] = {{0}}, part[VECTORS][SLICE_PARTS];
        for (extent first = 0; first < rows; first += SLICE, slices++) {
            extent end = rows < first + SLICE ? rows : first + SLICE;
            vec product[VECTORS] = {{0}};
            for (extent n = first; n < end; n++) {
                UNROLL for (int k = 0; k < VECTORS; k++) {
                    count[k] += WHERE(word[n] >> k * LANES, ALL_REAL(1.0f));
                    if (s) product[k] += WHERE(word[n] >> k * LANES, ALL_REAL(s[n]));
                }
            }
            for (int k = 0; s && k < VECTORS; k++) add_slice(part[k], slices, product[k]);
        }
        float counts[WORD], products[WORD];
        for (int k = 0; k < VECTORS; k++) {
            store(counts + k * LANES, count[k] * scale);
            if (s) store(products + k * LANES, fold_slices(part[k], slices) * scale);
        }
        memcpy(mean + left, counts + left - column, (right - left) * sizeof *mean);
        if (s) memcpy(weighted + left, products + left - column, (right - left) * sizeof *weighted);
    }
}
