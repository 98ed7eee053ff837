// Units of several columns: their means, states and cumulants, unit by unit. choose.go and
// unit_categorical.go are the definitions.

#include <math.h>

enum { MOST_COLUMNS = 4096 }; // of a unit; MostColumns of kind.go

// Copies `columns` columns of row n from column j on, which may be in several panels.
static void read_columns(float *x, struct grid z, extent n, extent j, extent columns) {
    while (columns > 0) {
        extent some = columns < PANEL - j % PANEL ? columns : PANEL - j % PANEL;
        memcpy(x, place(z, n, j), some * sizeof *x);
        x += some;
        j += some;
        columns -= some;
    }
}

static void write_columns(const float *x, struct grid z, extent n, extent j, extent columns) {
    while (columns > 0) {
        extent some = columns < PANEL - j % PANEL ? columns : PANEL - j % PANEL;
        memcpy(place(z, n, j), x, some * sizeof *x);
        x += some;
        j += some;
        columns -= some;
    }
}

// Returns the largest of q numbers that are not NaN.
INLINE float largest(const float *x, extent q) {
    vec most = ALL_REAL(-INFINITY);
    extent a = 0;
    for (; a + LANES <= q; a += LANES) most = LARGER(load(x + a), most);
    float m = most[0];
    for (int l = 1; l < LANES; l++) m = most[l] > m ? most[l] : m;
    for (; a < q; a++) m = x[a] > m ? x[a] : m;
    return m;
}

// Replaces the fields x of a unit by the terms e^(x-m), with m the largest field. The room after x
// up to a whole vector is written as well. Returns m.
INLINE float terms_of(float *x, extent q) {
    float m = largest(x, q);
    for (extent a = 0; a < q; a += LANES) store(x + a, element_exp(element_clamp(load(x + a) - m)));
    return m;
}

// Writes the running sums of the terms x. Returns the whole sum.
INLINE float running_sums(float *sums, const float *x, extent q) {
    float total = 0.0f;
    for (extent a = 0; a < q; a++) {
        total += x[a];
        sums[a] = total;
    }
    return total;
}

// Returns the state that a uniform number chooses.
INLINE extent chosen(const float *sums, float level, extent q) {
    int32_t state = 0;
    for (extent a = 0; a < q - 1; a++) state += !(level < sums[a]);
    return state;
}

// Writes the uniform numbers of row n in the 64 columns from 64 * group on.
static void uniforms(float u[PANEL], struct draw d, extent n, extent group) {
    vec drawn[BLOCKS][4];
    draw_blocks(drawn, d, n, group * 16, BLOCKS, BLOCKS);
    for (int k = 0; k < BLOCKS; k++) {
        for (int i = 0; i < 4; i++) store(u + k * LANES + 16 * i, drawn[k][i]);
    }
}

// Computes the units of a group in row n.
static void choose_group(const struct activation *a, struct group g, extent n) {
    float x[MOST_COLUMNS + LANES], sums[MOST_COLUMNS], u[PANEL];
    const extent q = kind_width(g.kind);
    float beta = a->betas ? a->betas[n] : a->beta, rest = 1.0f - beta;
    if (a->bits) {
        for (extent j = g.from / WORD * WORD; j < g.to; j += WORD) {
            a->bits[j / WORD * a->stride + n] &= ~word_range(g.from - j, g.to - j);
        }
    }
    extent column = g.from;
    for (extent at = g.from; at < g.to; at += q, column++) {
        if (a->bits && (column == g.from || column % PANEL == 0)) uniforms(u, a->draw, n, column / PANEL);
        read_columns(x, a->field, n, at, q);
        for (extent i = 0; i < q; i++) x[i] = a->base ? beta * x[i] + rest * a->base[at + i] : beta * x[i];
        terms_of(x, q);
        float total = running_sums(sums, x, q);
        if (a->mean.data) {
            for (extent i = 0; i < q; i += LANES) store(x + i, load(x + i) / total);
            write_columns(x, a->mean, n, at, q);
        }
        if (a->bits) {
            extent j = at + chosen(sums, u[column % PANEL] * total, q);
            a->bits[j / WORD * a->stride + n] |= (uint64_t)1 << j % WORD;
        }
    }
}

// Computes the units of several columns in some rows. Returns the number of ones.
static extent choose(const struct activation *a, extent first, extent rows) {
    extent ones = 0;
    for (extent i = 0; i < a->units.count; i++) {
        struct group g = a->units.groups[i];
        if (!kind_several(g.kind)) continue;
        for (extent n = first; n < first + rows; n++) choose_group(a, g, n);
        if (a->bits) ones += rows * ((g.to - g.from) / kind_width(g.kind));
    }
    return ones;
}

// Returns the cumulant of the unit in the columns from j on of row n, with fields times beta.
static float several_cumulant(uint32_t kind, struct grid z, float beta, extent n, extent j) {
    float x[MOST_COLUMNS + LANES], total = 0.0f;
    extent q = kind_width(kind);
    read_columns(x, z, n, j, q);
    for (extent i = 0; i < q; i++) x[i] = beta * x[i];
    float m = terms_of(x, q);
    for (extent i = 0; i < q; i++) total += x[i];
    return m + categorical_log(ALL_REAL(total))[0];
}
