// Units with real states: their means and states given their fields, and the slopes by their
// log-variances. reals.go is the definition.

// The fields of LANES units of row n from column j on, along the path.
INLINE vec real_field(const struct reals *r, extent n, extent j, extent columns) {
    vec beta = ALL_REAL(r->betas ? r->betas[n] : r->beta), x = beta * load_some(place(r->field, n, j), columns);
    if (r->base) x = x + (1.0f - beta) * load_some(r->base + j, columns);
    return x;
}

// Computes the columns j up to `to`, which are in one panel and of one kind.
INLINE void activate_reals_of(const struct reals *r, extent j, extent to, const int kind) {
    extent panel = j / PANEL * PANEL;
    for (extent n = 0; n < r->rows; n++) {
        float u[PANEL];
        if (r->state.data) uniforms(u, r->draw, n, panel / PANEL);
        for (extent k = j; k < to; k += LANES) {
            extent some = to - k;
            vec x = real_field(r, n, k, some), deviation = real_deviation(load_some(r->log_variance + k, some));
            if (r->mean.data) store_some(place(r->mean, n, k), real_mean(kind, x, deviation), some);
            if (!r->state.data) continue;
            store_some(place(r->state, n, k), real_draw(kind, x, deviation, load_some(u + k - panel, some)), some);
        }
    }
}

static void activate_reals(const struct reals *r) {
    for (extent i = 0; i < r->units.count; i++) {
        struct group g = r->units.groups[i];
        for (extent j = g.from; kind_real(g.kind) && j < g.to;) {
            extent to = j / PANEL * PANEL + PANEL;
            to = to < g.to ? to : g.to;
            switch (g.kind) {
#define ACTIVATE(name) \
    case KIND_##name: activate_reals_of(r, j, to, KIND_##name); break;
                EACH_REAL(ACTIVATE)
#undef ACTIVATE
            }
            j = to;
        }
    }
}

static void real_slopes(float *out, const float *x, struct units units, const float *log_variance, int fields,
                        extent rows, extent columns) {
    memset(out, 0, rows * columns * sizeof *out);
    for (extent i = 0; i < units.count; i++) {
        struct group g = units.groups[i];
        if (!kind_real(g.kind)) continue;
        for (extent n = 0; n < rows; n++) {
            for (extent j = g.from; j < g.to; j += LANES) {
                extent some = g.to - j;
                vec v = load_some(x + n * columns + j, some), z = load_some(log_variance + j, some);
                v = fields ? real_slope(g.kind, v, real_deviation(z)) : real_half_square(v, z);
                store_some(out + n * columns + j, v, some);
            }
        }
    }
}
