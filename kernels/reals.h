// Units with real states: their means and states given their fields, the sums of their cumulants, and slopes by
// the parameters of their shapes. reals.go is the definition.

// Returns the fields beta * z + (1 - beta) * base of LANES units of row n from column j on (path.go).
INLINE vec real_field(const struct reals *r, extent n, extent j, extent columns) {
    vec beta = ALL_REAL(r->betas ? r->betas[n] : r->beta), x = beta * load_some(place(r->field, n, j), columns);
    if (r->base) x = x + (1.0f - beta) * load_some(r->base + j, columns);
    return x;
}

// Returns the shapes of LANES units from column j on.
INLINE struct shape shape_at(const struct shapes *s, extent j, extent columns) {
    vec none = {0};
    return real_shape(load_some(s->log_variance + j, columns), s->jump ? load_some(s->jump + j, columns) : none,
                      s->skew ? load_some(s->skew + j, columns) : none);
}

// Computes means and states of all rows in the columns from j up to `to`, which are in one panel and of one kind.
INLINE void activate_reals_of(const struct reals *r, extent j, extent to, const int kind) {
    extent panel = j / PANEL * PANEL;
    for (extent n = 0; n < r->rows; n++) {
        float u[PANEL];
        if (r->state.data) uniforms(u, r->draw, n, panel / PANEL);
        for (extent k = j; k < to; k += LANES) {
            extent some = to - k;
            struct shape s = shape_at(&r->shapes, k, some);
            vec x = real_field(r, n, k, some);
            if (r->mean.data) store_some(place(r->mean, n, k), real_mean(kind, x, s), some);
            if (!r->state.data) continue;
            store_some(place(r->state, n, k), real_draw(kind, x, s, load_some(u + k - panel, some)), some);
        }
    }
}

// Computes the means and states of all units with real states.
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

// Writes to out (rows, columns) the slopes that `by` selects (kind.h), of states or fields x, and 0 for other units.
static void real_slopes(float *out, const float *x, struct units units, const struct shapes *shapes, int by, extent rows,
                        extent columns) {
    memset(out, 0, rows * columns * sizeof *out);
    for (extent i = 0; i < units.count; i++) {
        struct group g = units.groups[i];
        if (!kind_real(g.kind) || (by >= BY_JUMP && !kind_sides(g.kind))) continue;
        for (extent n = 0; n < rows; n++) {
            for (extent j = g.from; j < g.to; j += LANES) {
                extent some = g.to - j;
                struct shape s = shape_at(shapes, j, some);
                vec v = load_some(x + n * columns + j, some);
                v = by == BY_ENERGY ? real_half_square(v, s.log_variance) : real_slope(g.kind, v, s, by);
                store_some(out + n * columns + j, v, some);
            }
        }
    }
}

// Writes the cumulants of the units with real states in the sixteen columns of row n from column j on to term.
static void real_cumulants(float term[16], struct grid z, float beta, extent n, struct units units,
                           const struct shapes *shapes, extent j) {
    for (extent i = 0; i < units.count; i++) {
        struct group g = part_of(units.groups + i, j, j + 16);
        if (!kind_real(g.kind)) continue;
        for (extent k = g.from; k < g.to; k += LANES) {
            extent some = g.to - k;
            vec x = beta * load_some(place(z, n, k), some);
            store_some(term + (k - j), real_cumulant(g.kind, x, shape_at(shapes, k, some)), some);
        }
    }
}

// Writes to f (rows) the sum of the cumulants of each row's units with real states, given their fields beta * z.
static void real_cumulant_sum(double *f, struct grid z, struct units units, const struct shapes *shapes, float beta,
                              extent rows, extent columns) {
    for (extent n = 0; n < rows; n++) {
        wide parts[PARTS] = {0};
        for (extent j = 0; j < columns; j += 16) {
            float term[16] = {0};
            real_cumulants(term, z, beta, n, units, shapes, j);
            for (int k = 0; k < PARTS; k++) parts[k] += load_wide(term + k * LANES / 2);
        }
        f[n] = fold(parts);
    }
}
