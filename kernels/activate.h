// The fields, means and states of a layer, computed panel by panel. activate.go is the
// definition.

// Returns the fields on the annealing path for a vector of units of row n, from column j on.
INLINE vec path_field(const struct activation *a, const float *z, extent n, extent j, extent columns) {
    vec beta = ALL_REAL(a->betas ? a->betas[n] : a->beta), field = beta * load_some(z, columns);
    if (a->base) field = field + (1.0f - beta) * load_some(a->base + j, columns);
    return field;
}

// The mean, and the probability of the bit 1, of each unit of a vector.
struct unit {
    vec mean, chance;
};

// Computes a vector of units from column j on, given their fields, where units of several kinds
// meet.
static struct unit mixed_unit(struct units units, vec field, extent j, extent columns) {
    struct unit unit = {field, field};
    extent end = columns < LANES ? j + columns : j + LANES;
    for (extent i = 0; i < units.count; i++) {
        struct group g = part_of(units.groups + i, j, end);
        if (g.from >= g.to) continue;
        vec mean = kind_mean(g.kind, field), chance = kind_chance(g.kind, field);
        for (extent k = g.from - j; k < g.to - j; k++) {
            unit.mean[k] = mean[k];
            unit.chance[k] = chance[k];
        }
    }
    return unit;
}

INLINE struct unit unit_of(struct units units, vec field, extent j, extent columns, const int kind) {
    if (kind == MIXED) return mixed_unit(units, field, j, columns);
    return (struct unit){kind_mean(kind, field), kind_chance(kind, field)};
}

// Computes the means and states of `rows` rows from row n on, in `columns` columns of the panel
// that begins with column j. The fields are given in z; where z is NULL, the probabilities are
// given in the mean. `single` has the bits of the units of one column, the only ones that are drawn.
// Returns the number of ones.
INLINE extent activate_rows(const struct activation *a, const float *z, extent stride, extent n, extent j,
                            extent columns, uint64_t single, const int kind, const int rows) {
    extent ones = 0;
    vec u[DRAWN][4];
    if (a->bits) draw_blocks(u, a->draw, n, j / PANEL * 16, rows * BLOCKS, BLOCKS);
    for (int r = 0; r < rows; r++) {
        float *p = a->mean.data ? place(a->mean, n + r, j) : NULL;
        uint64_t word = 0;
        for (int k = 0; k < BLOCKS; k++) {
            for (int i = 0; i < 4; i++) {
                extent at = k * LANES + 16 * i, some = columns - at;
                if (some <= 0) break;
                vec chance;
                if (z) {
                    vec field = path_field(a, z + r * stride + at, n + r, j + at, some);
                    if (!p && kind != MIXED) { // only bits are wanted
                        vec odds = (kind_high(kind) - kind_low(kind)) * field;
                        word |= below_sigmoid(u[r * BLOCKS + k][i], odds) << at;
                        continue;
                    }
                    struct unit unit = unit_of(a->units, field, j + at, some, kind);
                    if (p) store_some(p + at, unit.mean, some);
                    chance = unit.chance;
                } else {
                    chance = load_some(p + at, some);
                }
                if (a->bits) word |= (uint64_t)LESS_BITS(u[r * BLOCKS + k][i], chance) << at;
            }
        }
        if (!a->bits) continue;
        word &= single;
        a->bits[j / WORD * a->stride + n + r] = word;
        ones += __builtin_popcountll(word);
    }
    return ones;
}

// Activates `rows` rows from row `first` on, in a panel whose units are of one kind. MIXED stands
// for several kinds. Returns the number of ones.
INLINE extent activate_kind(const struct activation *a, const float *z, extent stride, extent first, extent rows,
                            extent j, extent columns, uint64_t single, const int kind) {
    extent n = 0, ones = 0;
    for (; n + DRAWN / BLOCKS <= rows; n += DRAWN / BLOCKS) {
        ones += activate_rows(a, z ? z + n * stride : NULL, stride, first + n, j, columns, single, kind, DRAWN / BLOCKS);
    }
    for (; n < rows; n++) ones += activate_rows(a, z ? z + n * stride : NULL, stride, first + n, j, columns, single, kind, 1);
    return ones;
}

// Activates the rows from `first` on of the panel that begins with column j. Returns the number
// of ones.
static extent activate_panel(const struct activation *a, const struct plan *plan, extent first, extent rows, extent j) {
    struct sums passing;
    extent columns = a->columns - j < PANEL ? a->columns - j : PANEL, stride = PANEL;
    float *z = a->input.weights ? passing.z[0] : NULL;
    if (a->field.data) {
        z = place(a->field, first, j);
        stride = a->field.row;
    }
    if (a->input.weights) field(z, stride, &a->input, plan, first, rows, j, columns);
    if (!a->mean.data && !a->bits) return 0;
    uint64_t single = word_range(0, columns);
    for (extent i = 0; i < a->units.count; i++) {
        struct group g = a->units.groups[i];
        if (g.kind >= KINDS) single &= ~word_range(g.from - j, g.to - j);
    }
    if (!single) return 0;
    switch (kind_of(a->units, j, j + columns)) {
#define ACTIVATE(name) \
    case KIND_##name: return activate_kind(a, z, stride, first, rows, j, columns, single, KIND_##name);
        EACH_KIND(ACTIVATE)
#undef ACTIVATE
    }
    return activate_kind(a, z, stride, first, rows, j, columns, single, MIXED);
}

// Returns the end of the weights of a part, up to which they may be fetched ahead. Returns NULL
// where a cache holds all weights.
static const float *fetched_until(const struct activation *a, const struct part *part) {
    extent size = a->input.size;
    return size * a->columns >= FAR ? a->input.weights + part->last * PANEL * size : NULL;
}

static extent activate(const struct activation *a, extent lo, extent hi) {
    struct part part;
    struct plan plan;
    extent ones = 0;
    while (lo < hi) {
        lo = next_part(&part, lo, hi, a->rows, a->columns);
        const float *end = fetched_until(a, &part);
        for (extent n = part.lo; n < part.hi; n += BATCH) {
            extent rows = part.hi - n < BATCH ? part.hi - n : BATCH;
            if (a->input.weights && !a->input.values) plan_input(&plan, &a->input, n, rows, end);
            for (extent panel = part.first; panel < part.last; panel++) {
                ones += activate_panel(a, &plan, n, rows, panel * PANEL);
            }
            if (a->field.data && (a->mean.data || a->bits)) ones += choose(a, n, rows);
        }
    }
    return ones;
}
