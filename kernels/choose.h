// Units of several columns: their means and states, for as many units at a time as a vector has lanes, and their
// cumulants, unit by unit. choose.go and unit_categorical.go are the definitions.

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

// Returns the largest of q numbers, leaving out NaN.
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

// Writes the uniform numbers of row n in the 64 columns from 64 * group on.
static void uniforms(float u[PANEL], struct draw d, extent n, extent group) {
    vec drawn[BLOCKS][4];
    draw_blocks(drawn, d, n, group * 16, BLOCKS, BLOCKS);
    for (int k = 0; k < BLOCKS; k++) {
        for (int i = 0; i < 4; i++) store(u + k * LANES + 16 * i, drawn[k][i]);
    }
}

// A vector of units that follow each other in row n, one in each lane: the first columns of the units,
// their number of columns, and the path of the row.
struct several {
    extent n, first[LANES], columns;
    float beta, rest;
};

// Returns column i of each unit of a matrix. `whole` is true if a row of z is in one piece.
INLINE vec column_of(struct grid z, const struct several *s, extent i, const int whole) {
    vec x;
    for (int l = 0; l < LANES; l++) {
        x[l] = whole ? z.data[s->n * z.row + s->first[l] + i] : *place(z, s->n, s->first[l] + i);
    }
    return x;
}

// Writes the fields of the units to x. Returns the largest field of each.
INLINE vec fields_of(vec *x, const struct activation *a, const struct several *s, const int whole) {
    struct grid base = {(float *)a->base, 0, PANEL}; // one row, which with a stride of 0 stands for every row
    vec most = ALL_REAL(-INFINITY);
    for (extent i = 0; i < s->columns; i++) {
        vec field = s->beta * column_of(a->field, s, i, whole);
        if (a->base) field = field + s->rest * column_of(base, s, i, 1);
        x[i] = field;
        most = LARGER(field, most);
    }
    return most;
}

// Computes the means of the units of the first `some` lanes. Returns, given a uniform number for each unit,
// the column of the unit, from 0 on, that has the bit 1.
INLINE uvec choose_units(const struct activation *a, const struct several *s, vec uniform, int some) {
    vec x[s->columns], sums[s->columns]; // at most 512 KiB of the stack
    vec most = a->field.panel == PANEL ? fields_of(x, a, s, 1) : fields_of(x, a, s, 0);
    vec total = {0};
    for (extent i = 0; i < s->columns; i++) {
        x[i] = element_exp(element_clamp(x[i] - most));
        total += x[i];
        sums[i] = total;
    }
    if (a->mean.data) {
        for (extent i = 0; i < s->columns; i++) {
            vec mean = x[i] / total;
            for (int l = 0; l < some; l++) *place(a->mean, s->n, s->first[l] + i) = mean[l];
        }
    }
    vec level = uniform * total;
    uvec state = {0};
    for (extent i = 0; i < s->columns - 1; i++) state -= (uvec)~(level < sums[i]); // a true lane is -1
    return state;
}

// Computes the units of a group in row n.
static void choose_group(const struct activation *a, struct group g, extent n) {
    const extent q = kind_width(g.kind), units = (g.to - g.from) / q;
    struct several s = {.n = n, .columns = q, .beta = a->betas ? a->betas[n] : a->beta};
    s.rest = 1.0f - s.beta;
    if (a->bits) {
        for (extent j = g.from / WORD * WORD; j < g.to; j += WORD) {
            a->bits[j / WORD * a->stride + n] &= ~word_range(g.from - j, g.to - j);
        }
    }
    float u[PANEL];
    extent drawn = -1; // the panel of u
    for (extent k = 0; k < units; k += LANES) {
        int some = units - k < LANES ? (int)(units - k) : LANES;
        vec uniform = {0};
        for (int l = 0; l < LANES; l++) {
            extent unit = l < some ? k + l : units - 1, column = g.from + unit; // lanes without a unit repeat the last
            s.first[l] = g.from + unit * q;
            if (a->bits && column / PANEL != drawn) uniforms(u, a->draw, n, drawn = column / PANEL);
            if (a->bits) uniform[l] = u[column % PANEL];
        }
        uvec state = choose_units(a, &s, uniform, some);
        if (!a->bits) continue;
        for (int l = 0; l < some; l++) {
            extent j = s.first[l] + state[l];
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
    return m + element_log(ALL_REAL(total))[0];
}
