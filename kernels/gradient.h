// The plain gradient of the weights; gradient.go is the definition. A row of it is two
// fields without a bias: of the rows of the batch in which one visible unit is on, with
// the means of the hidden units as weights.

// A phase, and how to go through its lists for some visible units.
struct side {
    const struct phase *phase;
    struct lists lists;
    struct walk walk;
    float scale; // of its average
};

static void start_side(struct side *s, const struct phase *p, extent first, extent rows) {
    s->phase = p;
    s->scale = 1.0f / (float)p->rows;
    if (p->count) {
        s->lists.rows = 0;
        s->lists.bits = NULL;
        for (extent i = first; i < first + rows; i++) take_list(&s->lists, i - first, p->index + i * p->columns, p->count[i]);
        plan_walk(&s->walk, &s->lists, p->rows, 1); // pixels beside each other are on in the same rows
    }
}

// Sums a phase for the visible units from first on and the hidden units from j on.
static void sum_phase(struct sums *sums, const struct side *s, extent first, extent rows, extent visible, extent j,
                      extent columns) {
    const struct phase *p = s->phase;
    const float *panel = p->hidden + j * p->panel_rows;
    if (p->count) {
        sum_listed(sums->z[0], PANEL, &s->lists, &s->walk, panel, NULL, columns);
    } else {
        sum_dense(sums->z[0], PANEL, p->visible + first, 1, visible, panel, NULL, rows, p->rows, columns);
    }
}

// The difference of the averages of two phases, for at most BATCH visible units from
// first on and a panel of hidden units.
struct difference {
    extent first, rows, visible;
    struct side data, chains;
    struct sums data_sums, chains_sums;
};

static void start_difference(struct difference *d, const struct phase *data, const struct phase *chains, extent first,
                             extent rows, extent visible) {
    d->first = first;
    d->rows = rows;
    d->visible = visible;
    start_side(&d->data, data, first, rows);
    start_side(&d->chains, chains, first, rows);
}

static void sum_difference(struct difference *d, extent j, extent columns) {
    sum_phase(&d->data_sums, &d->data, d->first, d->rows, d->visible, j, columns);
    sum_phase(&d->chains_sums, &d->chains, d->first, d->rows, d->visible, j, columns);
}

// Writes so many columns of row n.
INLINE void store_difference(float *g, const struct difference *d, extent n, extent columns) {
    for (extent k = 0; k < columns; k += LANES) {
        vec data = load(d->data_sums.z[n] + k) * d->data.scale;
        store_some(g + k, data - load(d->chains_sums.z[n] + k) * d->chains.scale, columns - k);
    }
}

static void gradient(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden) {
    struct difference d;
    for (extent i = lo; i < hi; i += BATCH) {
        start_difference(&d, data, chains, i, hi - i < BATCH ? hi - i : BATCH, visible);
        for (extent j = 0; j < hidden; j += PANEL) {
            extent columns = hidden - j < PANEL ? hidden - j : PANEL;
            sum_difference(&d, j, columns);
            for (extent n = 0; n < d.rows; n++) store_difference(g + (i + n) * hidden + j, &d, n, columns);
        }
    }
}
