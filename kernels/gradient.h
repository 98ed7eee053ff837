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

// Writes the sums times scale, the data's average, or subtracts the chains' from it.
INLINE void store_average(float *g, extent stride, const struct sums *sums, float scale, extent rows, extent width,
                          const int subtract) {
    for (extent n = 0; n < rows; n++, g += stride) {
        for (extent k = 0; k < width; k += LANES) {
            vec average = load(sums->z[n] + k) * scale;
            if (subtract) average = load_some(g + k, width - k) - average;
            store_some(g + k, average, width - k);
        }
    }
}

static void gradient(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden) {
    struct sums sums;
    for (extent i = lo; i < hi; i += BATCH) {
        extent some = hi - i < BATCH ? hi - i : BATCH;
        for (extent j = 0; j < hidden; j += PANEL) {
            extent width = hidden - j < PANEL ? hidden - j : PANEL;
            float *to = g + i * hidden + j;
            sum_phase(&sums, data, i, some, visible, hidden, j, width);
            store_average(to, hidden, &sums, 1.0f / (float)data->rows, some, width, 0);
            sum_phase(&sums, chains, i, some, visible, hidden, j, width);
            store_average(to, hidden, &sums, 1.0f / (float)chains->rows, some, width, 1);
        }
    }
}
