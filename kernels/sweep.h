// One pass through the units of a layer with couplings among them, each drawn given all others. sweep.go is the
// definition. s->room holds the fields of the row that is being swept, given its present states.

// Adds to the fields y the effect of a change of one column by delta, given the couplings of the column.
static void follow(float *y, const float *couplings, float delta, extent columns) {
    extent j = 0;
    for (; j + LANES <= columns; j += LANES) store(y + j, load(y + j) + delta * load(couplings + j));
    for (; j < columns; j++) y[j] = y[j] + delta * couplings[j];
}

// A row of a sweep: its number n, its inverse temperature beta and rest = 1 - beta, and the uniform numbers u of the
// panel `drawn`.
struct swept {
    extent n, drawn;
    float beta, rest, u[PANEL];
};

// Returns the uniform number of a column.
static float uniform_of(struct swept *r, struct draw d, extent column) {
    if (column / PANEL != r->drawn) uniforms(r->u, d, r->n, r->drawn = column / PANEL);
    return r->u[column % PANEL];
}

// Returns which of n units is drawn as the i-th one: i, or counted from the end if backward. Vectors and groups of
// units are taken in the same order.
INLINE extent in_order(const struct sweep *s, extent i, extent n) { return s->backward ? n - 1 - i : i; }

// Reports whether the unit that begins with column j keeps its state in row n.
INLINE int held(const struct sweep *s, extent n, extent j) { return s->free && s->free[n * s->columns + j] == 0.0f; }

// Returns the probabilities of the bit 1 of a vector of units from column j on.
INLINE vec chances(const struct sweep *s, const struct swept *r, uint32_t kind, extent j, extent some) {
    vec field = r->beta * load(s->room + j);
    if (s->base) field = field + r->rest * load_some(s->base + j, some);
    return kind_chance(kind, field);
}

// Draws the units of a group of one column each, a vector of them at a time. The probabilities of the vector are
// computed anew after a change, since they depend on it.
static void toss_group(const struct sweep *s, struct swept *r, struct group g) {
    float span = kind_high(g.kind) - kind_low(g.kind);
    const extent blocks = (g.to - g.from + LANES - 1) / LANES;
    for (extent b = 0; b < blocks; b++) {
        extent first = g.from + in_order(s, b, blocks) * LANES;
        extent some = g.to - first < LANES ? g.to - first : LANES;
        vec chance = chances(s, r, g.kind, first, some);
        for (extent i = 0; i < some; i++) {
            extent l = in_order(s, i, some), j = first + l;
            if (held(s, r->n, j)) continue;
            uint64_t *word = s->bits + j / WORD * s->stride + r->n, bit = uniform_of(r, s->draw, j) < chance[l];
            if ((*word >> j % WORD & 1) == bit) continue;
            *word ^= (uint64_t)1 << j % WORD;
            follow(s->room, s->lateral + j * s->columns, bit ? span : -span, s->columns);
            if (i + 1 < some) chance = chances(s, r, g.kind, first, some);
        }
    }
}

// Returns the state of a unit of q columns from column j on, given a uniform number.
static extent chosen(const struct sweep *s, const struct swept *r, extent j, extent q, float u) {
    float x[MOST_COLUMNS + LANES], total = 0.0f, sum = 0.0f;
    for (extent a = 0; a < q; a++) {
        x[a] = r->beta * s->room[j + a];
        if (s->base) x[a] = x[a] + r->rest * s->base[j + a];
    }
    terms_of(x, q); // to e^(x - the largest x)
    for (extent a = 0; a < q; a++) total += x[a];
    float level = u * total;
    extent state = 0;
    for (extent a = 0; a < q - 1; a++) {
        sum += x[a];
        state += !(level < sum);
    }
    return state;
}

// Draws the units of a group of several columns each.
static void choose_in_turn(const struct sweep *s, struct swept *r, struct group g) {
    const extent q = kind_width(g.kind);
    const extent units = (g.to - g.from) / q;
    for (extent i = 0; i < units; i++) {
        extent k = in_order(s, i, units), first = g.from + k * q, old = 0;
        if (held(s, r->n, first)) continue;
        extent state = chosen(s, r, first, q, uniform_of(r, s->draw, g.from + k));
        while (old < q - 1 && !(s->bits[(first + old) / WORD * s->stride + r->n] >> (first + old) % WORD & 1)) old++;
        if (state == old) continue;
        for (extent a = 0; a < q; a++) {
            extent j = first + a;
            uint64_t *word = s->bits + j / WORD * s->stride + r->n, bit = (uint64_t)1 << j % WORD;
            if (a == old) {
                *word &= ~bit;
                follow(s->room, s->lateral + j * s->columns, -1.0f, s->columns);
            } else if (a == state) {
                *word |= bit;
                follow(s->room, s->lateral + j * s->columns, 1.0f, s->columns);
            }
        }
    }
}

// Sweeps the rows lo to hi-1 and returns the number of ones in their states.
static extent sweep_rows(const struct sweep *s, extent lo, extent hi) {
    const struct group all = {0, 0, s->columns};
    extent ones = 0, groups = s->units.count ? s->units.count : 1;
    for (extent n = lo; n < hi; n++) {
        struct swept r = {.n = n, .drawn = -1, .beta = s->betas ? s->betas[n] : s->beta};
        r.rest = 1.0f - r.beta;
        memcpy(s->room, s->field + n * s->columns, s->columns * sizeof *s->room);
        for (extent i = 0; i < groups; i++) {
            struct group g = s->units.count ? s->units.groups[in_order(s, i, groups)] : all;
            if (kind_several(g.kind)) {
                choose_in_turn(s, &r, g);
            } else {
                toss_group(s, &r, g);
            }
        }
        for (extent j = 0; j < s->columns; j += WORD) ones += __builtin_popcountll(s->bits[j / WORD * s->stride + n]);
    }
    return ones;
}
