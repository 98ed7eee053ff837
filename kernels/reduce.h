// Sums over rows and over columns; reduce.go and softplus.go are the definitions.

// Adds up sixteen partial sums in halves.
static double fold(double part[16]) {
    for (int half = 8; half > 0; half /= 2) {
        for (int l = 0; l < half; l++) part[l] += part[l + half];
    }
    return part[0];
}

static void softplus_sum(double *f, const float *z, float beta, extent rows, extent columns) {
    for (extent n = 0; n < rows; n++, z += columns) {
        double part[16] = {0};
        for (extent j = 0; j < columns; j += LANES) {
            float term[LANES] = {0};
            store_some(term, element_softplus(beta * load_some(z + j, columns - j)), columns - j);
            for (int l = 0; l < LANES; l++) part[j % 16 + l] += term[l];
        }
        f[n] = fold(part);
    }
}

static void row_dot(double *f, const float *x, const float *c, extent rows, extent columns) {
    for (extent n = 0; n < rows; n++, x += columns) {
        double part[16] = {0};
        extent j = 0;
        for (; j + 16 <= columns; j += 16) {
            for (int l = 0; l < 16; l++) part[l] += (double)x[j + l] * c[j + l];
        }
        for (extent l = 0; j + l < columns; l++) part[l] += (double)x[j + l] * c[j + l];
        f[n] = fold(part);
    }
}

// The averages of LANES columns from j on.
INLINE void column_means_of(float *mean, float *weighted, const float *x, const float *s, extent some, extent rows,
                            extent columns) {
    vec sum = {0}, product = {0};
    for (extent n = 0; n < rows; n++) {
        vec row = load_some(x + n * columns, some);
        sum += row;
        if (s) product += row * s[n];
    }
    float scale = 1.0f / (float)rows;
    store_some(mean, sum * scale, some);
    if (s) store_some(weighted, product * scale, some);
}

static void column_means(float *mean, float *weighted, const float *x, const float *s, extent lo, extent hi,
                         extent rows, extent columns) {
    for (extent j = lo; j < hi; j += LANES) {
        column_means_of(mean + j, s ? weighted + j : NULL, x + j, s, hi - j, rows, columns);
    }
}
