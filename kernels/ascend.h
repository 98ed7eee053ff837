// The move of a parameter along the gradient; ascend.go is the definition.

// The first of n numbers that is NaN or infinite, or -1.
static extent first_bad(const float *x, extent n) {
    for (extent j = 0; j < n; j++) {
        uint32_t bits;
        memcpy(&bits, x + j, sizeof bits);
        if ((bits & 0x7F800000u) == 0x7F800000u) return j;
    }
    return -1;
}

// The lanes that are NaN or infinite, whose exponents are all ones.
INLINE ivec bad_lanes(vec x) { return (ivec)((uvec)x & 0x7F800000u) == 0x7F800000; }

INLINE int any_lane(ivec x) {
    int any = 0;
    for (int l = 0; l < LANES; l++) any |= x[l];
    return any;
}

// 1, 0 or -1.
INLINE vec sign(vec x) {
    ivec one = (ivec)ALL_REAL(1.0f), minus_one = (ivec)ALL_REAL(-1.0f);
    return (vec)(((x > 0.0f) & one) | ((x < 0.0f) & minus_one));
}

// Writes one row, whose own offset is mu and difference dv, and returns whether some
// of its numbers may be bad.
INLINE int ascend_row(float *next, const float *keep, const float *w, const float *g, const struct ascent *a, vec mu,
                      vec dv, extent columns) {
    ivec bad = {0};
    for (extent j = 0; j < columns; j += LANES) {
        extent n = columns - j;
        vec c = load_some(g + j, n), weight = load_some(w + j, n);
        if (a->visible_offset) {
            c = c - (mu * load_some(a->hidden_difference + j, n) + dv * load_some(a->hidden_offset + j, n));
        }
        c = c - a->l2 * weight;
        c = c - a->l1 * sign(weight);
        vec x = a->scale * load_some(keep + j, n) + a->rate * c;
        store_some(next + j, x, n);
        bad |= bad_lanes(x);
    }
    return any_lane(bad);
}

static extent ascend(float *next, const float *keep, const float *w, const float *g, const struct ascent *a, extent lo,
                     extent hi, extent columns) {
    extent bad = -1;
    for (extent i = lo; i < hi; i++) {
        extent at = i * columns;
        vec mu = {0}, dv = {0};
        if (a->visible_offset) {
            mu = ALL_REAL(a->visible_offset[i]);
            dv = ALL_REAL(a->visible_difference[i]);
        }
        if (ascend_row(next + at, keep + at, w + at, g + at, a, mu, dv, columns) && bad < 0) {
            extent j = first_bad(next + at, columns);
            if (j >= 0) bad = at + j;
        }
    }
    return bad;
}

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
