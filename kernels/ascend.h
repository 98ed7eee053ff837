// The update of a parameter along its gradient, which is given or computed from the phases (gradient.h) while its
// sums are in the cache. ascend.go is the definition.

// Returns the index of the first of n numbers that is NaN or infinite, or -1.
static extent first_bad(const float *x, extent n) {
    for (extent j = 0; j < n; j++) {
        uint32_t bits;
        memcpy(&bits, x + j, sizeof bits);
        if ((bits & 0x7F800000u) == 0x7F800000u) return j;
    }
    return -1;
}

// Marks the lanes that are NaN or infinite: their exponents are all ones.
INLINE ivec bad_lanes(vec x) { return (ivec)((uvec)x & 0x7F800000u) == 0x7F800000; }

// Reports whether a lane is not 0.
INLINE int any_lane(ivec x) {
    int any = 0;
    for (int l = 0; l < LANES; l++) any |= x[l];
    return any;
}

// Returns the sign of each lane: 1, 0 or -1.
INLINE vec sign(vec x) {
    ivec one = (ivec)ALL_REAL(1.0f), minus_one = (ivec)ALL_REAL(-1.0f);
    return (vec)(((x > 0.0f) & one) | ((x < 0.0f) & minus_one));
}

// The operands of an ascent for one row i of the weights, from some column on. The centered gradient is
//
//     g[i,j] - (mu * hidden_difference[j] + dv * hidden_offset[j])
//
// where mu is the offset of visible unit i, dv the difference of its means over data and chains, and g the plain
// gradient.
struct ascent_row {
    vec mu, dv;
    const float *hidden_offset, *hidden_difference; // NULL for the plain gradient
    const float *g;
};

// Returns the operands of row i from column j on, where g is the gradient from there on.
INLINE struct ascent_row ascent_row(const struct ascent *a, extent i, extent j, const float *g) {
    struct ascent_row r = {.g = g};
    if (a->visible_offset) {
        r.mu = ALL_REAL(a->visible_offset[i]);
        r.dv = ALL_REAL(a->visible_difference[i]);
        r.hidden_offset = a->hidden_offset + j;
        r.hidden_difference = a->hidden_difference + j;
    }
    return r;
}

// Writes `columns` columns of a row: scale * keep + rate * (gradient - l2 * w - l1 * sign(w)). Returns the index of
// the first result that is NaN or infinite, or -1.
INLINE extent ascend_row(float *next, const float *keep, const float *w, const struct ascent *a, struct ascent_row r,
                         extent columns) {
    ivec bad = {0};
    for (extent j = 0; j < columns; j += LANES) {
        extent n = columns - j;
        vec c = load_some(r.g + j, n), weight = load_some(w + j, n);
        if (r.hidden_offset) {
            c = c - (r.mu * load_some(r.hidden_difference + j, n) + r.dv * load_some(r.hidden_offset + j, n));
        }
        c = c - a->l2 * weight;
        c = c - a->l1 * sign(weight);
        vec x = a->scale * load_some(keep + j, n) + a->rate * c;
        store_some(next + j, x, n);
        bad |= bad_lanes(x);
    }
    return any_lane(bad) ? first_bad(next, columns) : -1;
}

// Updates the rows lo to hi-1 along the gradient g. Returns the index of the first bad result, or -1.
static extent ascend(float *next, const float *keep, const float *w, const float *g, const struct ascent *a, extent lo,
                     extent hi, extent columns) {
    extent bad = -1;
    for (extent i = lo; i < hi; i++) {
        extent at = i * columns;
        extent j = ascend_row(next + at, keep + at, w + at, a, ascent_row(a, i, 0, g + at), columns);
        if (j >= 0 && bad < 0) bad = at + j;
    }
    return bad;
}

// Fetches row `row` of panel `panel` before it is written, in a matrix with `rows` rows. The
// transpose is written in an order that no hardware prefetcher foresees.
INLINE void fetch_row(const float *panels, extent row, extent panel, extent rows) {
    for (extent k = 0; k < PANEL; k += LINE_FLOATS) __builtin_prefetch(panels + (panel * rows + row) * PANEL + k, 1);
}

// Updates a part of the weights along a->gradient or, if it is NULL, along the gradient of the phases. Columns j to j +
// PANEL - 1 of row i of next, keep and w begin at i * row + j / PANEL * panel. Where turned is not NULL, the
// transpose of next is written there, in panels, while the rows are in the cache. The lists of the phases begin with
// visible unit `listed`. Returns the index of the first bad result, or -1.
INLINE extent update_part(float *next, const float *keep, const float *w, extent row, extent panel,
                          const struct ascent *a, const struct phase *data, const struct phase *chains, struct part part,
                          extent listed, extent visible, extent hidden, float *turned) {
    extent bad = -1;
    struct strip s;
    for (extent j = part.first * PANEL; j < part.last * PANEL; j += PANEL) {
        extent columns = hidden - j < PANEL ? hidden - j : PANEL;
        for (extent i = part.lo, end; i < part.hi; i = end) {
            end = strip_end(i, part.hi);
            if (!a->gradient) sum_strip(&s, data, chains, listed, i, end - i, visible, j, columns);
            for (extent n = 0; n < end - i; n++) {
                float computed[PANEL];
                const float *g = a->gradient ? a->gradient + (i + n) * hidden + j : computed;
                if (turned && n < columns) fetch_row(turned, j + n, i / PANEL, hidden); // one row of it per row of w
                for (extent k = 0; !a->gradient && k < PANEL; k += LANES) store(computed + k, difference(&s, n, k, data, chains));
                extent at = (i + n) * row + j / PANEL * panel;
                extent k = ascend_row(next + at, keep + at, w + at, a, ascent_row(a, i + n, j, g), columns);
                extent index = (i + n) * hidden + j + k;
                if (k >= 0 && (bad < 0 || index < bad)) bad = index;
            }
            if (turned) transpose_at(turned, next, row, panel, i, end, j, j + columns, hidden);
        }
    }
    return bad;
}

// Updates the rows lo to hi-1 of weights that are stored row by row, along the gradient of the phases. Returns the
// index of the first bad result, or -1.
static extent update(float *next, const float *keep, const float *w, const struct ascent *a, const struct phase *data,
                     const struct phase *chains, extent lo, extent hi, extent visible, extent hidden) {
    struct part all = {.last = (hidden + PANEL - 1) / PANEL, .lo = lo, .hi = hi};
    list_phases(data, chains, lo, hi);
    return update_part(next, keep, w, hidden, PANEL, a, data, chains, all, lo, visible, hidden, NULL);
}

// Updates the elements lo to hi-1, counted panel by panel, of weights w in panels, and their transpose. Returns the
// index of the first bad result in a matrix that is stored row by row, or -1.
static extent update_panels(float *w, float *turned, const struct ascent *a, const struct phase *data,
                            const struct phase *chains, extent lo, extent hi, extent visible, extent hidden) {
    extent bad = -1, first = visible, last = 0; // the rows of all parts, whose lists are made once
    struct part part;
    for (extent at = lo; at < hi;) {
        at = next_part(&part, at, hi, visible, hidden);
        if (part.lo < first) first = part.lo;
        if (part.hi > last) last = part.hi;
    }
    if (!a->gradient) list_phases(data, chains, first, last);
    while (lo < hi) {
        lo = next_part(&part, lo, hi, visible, hidden);
        extent index = update_part(w, w, w, PANEL, PANEL * visible, a, data, chains, part, first, visible, hidden, turned);
        if (index >= 0 && (bad < 0 || index < bad)) bad = index;
    }
    return bad;
}

// Writes z = x + y for the elements lo to hi-1. Returns the index of the first bad sum, or -1.
static extent add(float *z, const float *x, const float *y, extent lo, extent hi) {
    ivec bad = {0};
    for (extent j = lo; j < hi; j += LANES) {
        vec sum = load_some(x + j, hi - j) + load_some(y + j, hi - j);
        store_some(z + j, sum, hi - j);
        bad |= bad_lanes(sum);
    }
    if (!any_lane(bad)) return -1;
    return lo + first_bad(z + lo, hi - lo);
}
