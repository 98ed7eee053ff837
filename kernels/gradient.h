// The plain gradient of the weights; gradient.go is the definition. A row of it is two
// fields without a bias: of the rows of the batch in which one visible unit is on, with
// the means of the hidden units as weights.
enum { STRIP = PANEL }; // visible units whose sums the first-level cache holds, as wide as a panel of the transpose

// The sums of the phases for a strip of visible units and a panel of hidden units.
struct strip {
    float data[STRIP][PANEL], chains[STRIP][PANEL];
} __attribute__((aligned(64)));

// The end of the strip in which visible unit i is, or of all of them.
INLINE extent strip_end(extent i, extent end) {
    extent next = (i / STRIP + 1) * STRIP;
    return next < end ? next : end;
}

// Sums some columns of the means of the rows in which each of so many visible units from first on
// is on. Units come in their order: those beside each other are on in the same rows.
INLINE void sum_ones(float *z, const struct phase *p, extent first, extent rows, const float *w, const int vectors) {
    float unused[PART];
    for (extent n = 0; n < rows; n += ABREAST) {
        float *to[ABREAST];
        const int32_t *list[ABREAST];
        int32_t count[ABREAST];
        UNROLL for (int r = 0; r < ABREAST; r++) {
            int some = n + r < rows;
            extent i = some ? first + n + r : first;
            to[r] = some ? z + (n + r) * PANEL : unused;
            list[r] = p->index + i * p->columns;
            count[r] = some ? p->count[i] : 0;
        }
        vec sum[ABREAST][PART / LANES] = {{{0}}};
        add_lists(sum, w, list, count, vectors, 1);
        store_sums(to, sum, vectors * LANES, vectors);
    }
}

// Sums a phase for the visible units from first on and the hidden units from j on.
static void sum_phase(float (*sums)[PANEL], const struct phase *p, extent first, extent rows, extent visible, extent j,
                      extent columns) {
    const float *panel = p->hidden + j * p->panel_rows;
    if (!p->count) {
        sum_dense(sums[0], PANEL, p->visible + first, 1, visible, panel, NULL, rows, p->rows, columns);
        return;
    }
    for (extent k = 0; k < columns; k += PART) {
        extent some = columns - k < PART ? columns - k : PART;
        BY_VECTORS(some, sum_ones, sums[0] + k, p, first, rows, panel + k)
    }
}

static void sum_strip(struct strip *s, const struct phase *data, const struct phase *chains, extent first, extent rows,
                      extent visible, extent j, extent columns) {
    sum_phase(s->data, data, first, rows, visible, j, columns);
    sum_phase(s->chains, chains, first, rows, visible, j, columns);
}

// Some of the columns of row n of the difference of the averages.
INLINE vec difference(const struct strip *s, extent n, extent k, float data_scale, float chains_scale) {
    return load(s->data[n] + k) * data_scale - load(s->chains[n] + k) * chains_scale;
}

static void gradient(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden) {
    struct strip s;
    float data_scale = 1.0f / (float)data->rows, chains_scale = 1.0f / (float)chains->rows;
    for (extent j = 0; j < hidden; j += PANEL) {
        extent columns = hidden - j < PANEL ? hidden - j : PANEL;
        for (extent i = lo, end; i < hi; i = end) {
            end = strip_end(i, hi);
            sum_strip(&s, data, chains, i, end - i, visible, j, columns);
            for (extent n = 0; n < end - i; n++) {
                for (extent k = 0; k < columns; k += LANES) {
                    store_some(g + (i + n) * hidden + j + k, difference(&s, n, k, data_scale, chains_scale), columns - k);
                }
            }
        }
    }
}
