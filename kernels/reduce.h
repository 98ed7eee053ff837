// Sums over rows and over columns; reduce.go and softplus.go are the definitions.

// Sixteen partial sums in float64.
enum { PARTS = 32 / LANES };

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

static void softplus_sum(double *f, const float *z, float beta, extent rows, extent columns) {
    for (extent n = 0; n < rows; n++, z += columns) {
        wide parts[PARTS] = {0};
        for (extent j = 0; j < columns; j += 16) {
            float term[16] = {0};
            for (int l = 0; l < 16; l += LANES) {
                vec field = beta * load_some(z + j + l, columns - j - l);
                store_some(term + l, element_softplus(field), columns - j - l);
            }
            for (int k = 0; k < PARTS; k++) parts[k] += load_wide(term + k * LANES / 2);
        }
        f[n] = fold(parts);
    }
}

static void row_dot(double *f, const float *x, const float *c, extent rows, extent columns) {
    for (extent n = 0; n < rows; n++, x += columns) {
        wide parts[PARTS] = {0};
        extent j = 0;
        for (; j + 16 <= columns; j += 16) {
            for (int k = 0; k < PARTS; k++) {
                extent at = j + k * LANES / 2;
                parts[k] += load_wide(x + at) * load_wide(c + at);
            }
        }
        float last[2][16] = {{0}};
        memcpy(last[0], x + j, (columns - j) * sizeof *x);
        memcpy(last[1], c + j, (columns - j) * sizeof *c);
        for (int k = 0; k < PARTS; k++) parts[k] += load_wide(last[0] + k * LANES / 2) * load_wide(last[1] + k * LANES / 2);
        f[n] = fold(parts);
    }
}

// The averages of so many vectors of columns: several, since additions depend on each other.
INLINE void column_means_of(float *mean, float *weighted, const float *x, const float *s, extent some, extent rows,
                            extent columns, const int vectors) {
    vec sum[vectors], product[vectors];
    for (int k = 0; k < vectors; k++) sum[k] = product[k] = (vec){0};
    for (extent n = 0; n < rows; n++) {
        for (int k = 0; k < vectors; k++) {
            vec row = load_vector(x + n * columns, k, vectors, some);
            sum[k] += row;
            if (s) product[k] += row * s[n];
        }
    }
    float scale = 1.0f / (float)rows;
    for (int k = 0; k < vectors; k++) {
        store_vector(mean, sum[k] * scale, k, vectors, some);
        if (s) store_vector(weighted, product[k] * scale, k, vectors, some);
    }
}

static void column_means(float *mean, float *weighted, const float *x, const float *s, extent lo, extent hi,
                         extent rows, extent columns) {
    enum { VECTORS = 4 };
    extent j = lo;
    for (; j + VECTORS * LANES <= hi; j += VECTORS * LANES) {
        column_means_of(mean + j, s ? weighted + j : NULL, x + j, s, VECTORS * LANES, rows, columns, VECTORS);
    }
    for (; j < hi; j += LANES) {
        column_means_of(mean + j, s ? weighted + j : NULL, x + j, s, hi - j, rows, columns, 1);
    }
}
