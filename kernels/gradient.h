// The plain gradient of the weights; gradient.go is the definition. A row of it is two
// fields without a bias: of the rows of the batch in which one visible unit is on, with
// the means of the hidden units as weights.

// Sums one phase for the visible units from first on, a panel of hidden units wide.
static void sum_phase(struct sums *sums, const struct phase *p, extent first, extent some, extent visible,
                      extent hidden, extent j, extent width) {
    start_sums(sums, NULL, some, width);
    if (p->count) {
        sum_listed(sums, p->count + first, p->index + first * p->columns, p->columns, p->hidden + j, some, p->rows,
                   hidden, width);
    } else {
        sum_dense(sums, p->visible + first, 1, visible, p->hidden + j, some, p->rows, hidden, width);
    }
}

static void gradient(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden) {
    const float scale_data = 1.0f / (float)data->rows, scale_chains = 1.0f / (float)chains->rows;
    struct sums positive, negative;
    for (extent i = lo; i < hi; i += BATCH) {
        extent some = hi - i < BATCH ? hi - i : BATCH;
        for (extent j = 0; j < hidden; j += PANEL) {
            extent width = hidden - j < PANEL ? hidden - j : PANEL;
            sum_phase(&positive, data, i, some, visible, hidden, j, width);
            sum_phase(&negative, chains, i, some, visible, hidden, j, width);
            for (extent n = 0; n < some; n++) {
                for (extent k = 0; k < PANEL; k += LANES) {
                    vec difference = load(positive.z[n] + k) * scale_data - load(negative.z[n] + k) * scale_chains;
                    store_some(g + (i + n) * hidden + j + k, difference, width - k);
                }
            }
        }
    }
}
