// The fields, means and states of a layer, panel by panel; activate.go is the definition.

// The means of some units of row n from column j on, given their fields.
INLINE vec unit_mean(const struct layer *l, const float *z, extent n, extent j, extent columns) {
    vec beta = ALL_REAL(l->betas ? l->betas[n] : l->beta), field = beta * load_some(z, columns);
    if (l->base) field = field + (1.0f - beta) * load_some(l->base + j, columns);
    return element_sigmoid(field);
}

// Means and states of so many rows from row n on, in so many columns of the panel that begins
// with column j, given their fields, or their means where z is NULL. Returns the number of ones.
INLINE extent activate_rows(const struct layer *l, const float *z, extent stride, extent n, extent j, extent columns,
                          const int rows) {
    extent ones = 0;
    vec u[DRAWN][4];
    if (l->bits) draw_blocks(u, l->draw, n, j / PANEL * 16, rows * BLOCKS, BLOCKS);
    for (int r = 0; r < rows; r++) {
        float *p = l->mean.data ? place(l->mean, n + r, j) : NULL;
        uint64_t word = 0;
        for (int k = 0; k < BLOCKS; k++) {
            for (int i = 0; i < 4; i++) {
                extent at = k * LANES + 16 * i, some = columns - at;
                if (some <= 0) break;
                vec mean;
                if (z) {
                    mean = unit_mean(l, z + r * stride + at, n + r, j + at, some);
                    if (p) store_some(p + at, mean, some);
                } else {
                    mean = load_some(p + at, some);
                }
                if (l->bits) word |= (uint64_t)LESS_BITS(u[r * BLOCKS + k][i], mean) << at;
            }
        }
        if (!l->bits) continue;
        word &= word_range(0, columns);
        l->bits[j / WORD * l->stride + n + r] = word;
        ones += __builtin_popcountll(word);
    }
    return ones;
}

// The rows from first on of a panel, from column j on. Returns the number of ones.
static extent activate_panel(const struct layer *l, const struct plan *plan, extent first, extent rows, extent j) {
    struct sums passing;
    extent columns = l->columns - j < PANEL ? l->columns - j : PANEL, stride = PANEL, n = 0, ones = 0;
    float *z = l->input.weights ? passing.z[0] : NULL;
    if (l->field.data) {
        z = place(l->field, first, j);
        stride = l->field.row;
    }
    if (l->input.weights) field(z, stride, &l->input, plan, first, rows, j, columns);
    if (!l->mean.data && !l->bits) return 0;
    for (; n + DRAWN / BLOCKS <= rows; n += DRAWN / BLOCKS) {
        ones += activate_rows(l, z ? z + n * stride : NULL, stride, first + n, j, columns, DRAWN / BLOCKS);
    }
    for (; n < rows; n++) ones += activate_rows(l, z ? z + n * stride : NULL, stride, first + n, j, columns, 1);
    return ones;
}

// Up to where weights are fetched ahead, or NULL where a cache holds them. Those of other panels
// than these may be at work elsewhere.
static const float *fetched_until(const struct layer *l, const struct part *part) {
    extent size = l->input.size;
    return size * l->columns >= FAR ? l->input.weights + part->last * PANEL * size : NULL;
}

static extent activate(const struct layer *l, extent lo, extent hi) {
    struct part part;
    struct plan plan;
    extent ones = 0;
    while (lo < hi) {
        lo = next_part(&part, lo, hi, l->rows, l->columns);
        const float *end = fetched_until(l, &part);
        for (extent n = part.lo; n < part.hi; n += BATCH) {
            extent rows = part.hi - n < BATCH ? part.hi - n : BATCH;
            if (l->input.weights && !l->input.values) plan_input(&plan, &l->input, n, rows, end);
            for (extent panel = part.first; panel < part.last; panel++) {
                ones += activate_panel(l, &plan, n, rows, panel * PANEL);
            }
        }
    }
    return ones;
}
