// The fields, means and states of a layer, computed panel by panel: a panel is PANEL columns of a
// matrix, stored row by row (panels.h). activate.go is the definition, vector.h has the operations on
// vectors of LANES floats, and host_table.h describes the operands.

// Returns the fields beta·z + (1-beta)·base of row n on the annealing path (path.go), for a vector of
// units from column j on. z has the fields of the model. Where the layer ends after `columns` more columns,
// the lanes beyond them are 0.
INLINE vec path_field(const struct activation *a, const float *z, extent n, extent j, extent columns) {
    vec beta = ALL_REAL(a->betas ? a->betas[n] : a->beta), field = beta * load_some(z, columns);
    if (a->base) field = field + (1.0f - beta) * load_some(a->base + j, columns);
    return field;
}

// What the fields of a vector of units determine: the mean of each unit, and the probability `chance`
// that the bit of its state is 1.
struct unit {
    vec mean, chance;
};

// Returns the means and probabilities of a vector of units from column j on that may be of several
// kinds. Every kind of the vector computes all lanes, and its own lanes are kept. Lanes without a unit
// keep the field.
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

// Returns the means and probabilities of a vector of units of one kind, or of several if kind is MIXED.
// A constant kind makes a function without the choice.
INLINE struct unit unit_of(struct units units, vec field, extent j, extent columns, const int kind) {
    if (kind == MIXED) return mixed_unit(units, field, j, columns);
    return (struct unit){kind_mean(kind, field), kind_chance(kind, field)};
}

// Computes the means and states of `rows` rows from row n on, in `columns` columns of the panel
// that begins with column j. z has the fields (rows, columns), its rows `stride` apart. Where z is NULL,
// a->mean has the probabilities of the states instead. `two_state` has a 1 for each column whose unit has
// one column and two states: only these are drawn here. alone is 1 where states are wanted but no means; like
// kind, it is a constant. Returns the number of ones.
//
// The uniform numbers u[r * BLOCKS + k][i] belong to row n + r and to the columns from k * LANES + 16 * i
// of the panel on (uniform.h). A block of random numbers is for 4 columns, so a panel takes 16 blocks. The
// states of a row in a panel are the bits of one word.
INLINE extent activate_rows(const struct activation *a, const float *z, extent stride, extent n, extent j,
                            extent columns, uint64_t two_state, const int kind, const int alone, const int rows) {
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
                    if (alone && kind != MIXED) { // the bit is 1 with probability σ(log_odds): chance.h
                        vec log_odds = (kind_high(kind) - kind_low(kind)) * field;
                        word |= below_sigmoid(u[r * BLOCKS + k][i], log_odds) << at;
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
        word &= two_state;
        a->bits[j / WORD * a->stride + n + r] = word;
        ones += __builtin_popcountll(word);
    }
    return ones;
}

// Computes what activate_rows does for `rows` rows from row `first` on: as many rows at a time as give
// DRAWN vectors of random numbers, and the rest one by one. kind is the kind of all units of the panel, or
// MIXED. Returns the number of ones.
INLINE extent activate_kind(const struct activation *a, const float *z, extent stride, extent first, extent rows,
                            extent j, extent columns, uint64_t two_state, const int kind, const int alone) {
    extent n = 0, ones = 0;
    for (; n + DRAWN / BLOCKS <= rows; n += DRAWN / BLOCKS) {
        ones += activate_rows(a, z ? z + n * stride : NULL, stride, first + n, j, columns, two_state, kind,
                              alone, DRAWN / BLOCKS);
    }
    for (; n < rows; n++) {
        ones += activate_rows(a, z ? z + n * stride : NULL, stride, first + n, j, columns, two_state, kind, alone, 1);
    }
    return ones;
}

// Computes fields, means and states of `rows` rows from row `first` on, in the panel that begins with
// column j. Fields that are not stored pass through `passing`. Returns the number of ones.
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
    uint64_t two_state = word_range(0, columns);
    for (extent i = 0; i < a->units.count; i++) {
        struct group g = a->units.groups[i];
        if (g.kind >= KINDS) two_state &= ~word_range(g.from - j, g.to - j); // the kinds below KINDS have two states
    }
    if (!two_state) { // `choose` draws units of several columns afterwards, and the bits of real states are 0
        for (extent n = 0; a->bits && n < rows; n++) a->bits[j / WORD * a->stride + first + n] = 0;
        return 0;
    }
    switch (kind_of(a->units, j, j + columns)) {
#define ACTIVATE(name)                                                                                        \
    case KIND_##name:                                                                                         \
        return a->mean.data ? activate_kind(a, z, stride, first, rows, j, columns, two_state, KIND_##name, 0) \
                            : activate_kind(a, z, stride, first, rows, j, columns, two_state, KIND_##name, 1);
        EACH_KIND(ACTIVATE)
#undef ACTIVATE
    }
    return activate_kind(a, z, stride, first, rows, j, columns, two_state, MIXED, 0);
}

// The number of weights, 16 MiB, from which on they are fetched ahead: the second-level cache does not hold them.
enum { FAR = 4 << 20 };

// Returns the end of the weights of a part, up to which its sums may prefetch weights: those beyond it are
// for other parts. Returns NULL, for no prefetch, if there are fewer than FAR weights.
static const float *fetched_until(const struct activation *a, const struct part *part) {
    extent size = a->input.size;
    return size * a->columns >= FAR ? a->input.weights + part->last * PANEL * size : NULL;
}

// Computes the elements lo to hi-1 of a layer, counted panel by panel (parts.h), and returns the number of
// ones among the states. The active units of up to BATCH rows of the input are listed once for all panels of a
// part. `choose` computes the units of several columns afterwards, since such a unit may be in two panels.
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
