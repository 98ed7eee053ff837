// Fields by way of those before; change.go is the definition.

// The rows of a batch that are computed anew, and those that follow from the fields before:
// what they add, and what they take off.
struct change {
    struct lists anew, add, take;
    struct walk walk; // anew
};

// Decides on the way to row n of the fields. The lists of what changed are made only if they
// are short enough to be used.
INLINE void plan_row(struct change *p, const struct changes *c, extent n, extent row, extent in) {
    const uint64_t *was = c->was_bits + n * words_of(in), *x = c->bits + n * words_of(in);
    extent changes = 0;
    for (extent i = 0; i < words_of(in); i++) changes += __builtin_popcountll(x[i] ^ was[i]);
    if (4 * changes >= 3 * (extent)c->count[n]) {
        take_list(&p->anew, row, c->index + n * in, c->count[n]);
        return;
    }
    int32_t *on = c->on_index + n * in, *off = c->off_index + n * in;
    extent more = 0, fewer = 0;
    for (extent i = 0; i < words_of(in); i++) {
        more += list_word(on + more, x[i] & ~was[i], i * WORD);
        fewer += list_word(off + fewer, was[i] & ~x[i], i * WORD);
    }
    take_list(&p->add, row, on, (int32_t)more);
    take_list(&p->take, row, off, (int32_t)fewer);
}

static void plan_change(struct change *p, const struct changes *c, extent first, extent rows, extent in) {
    p->anew.rows = p->add.rows = p->take.rows = 0;
    for (extent n = 0; n < rows; n++) plan_row(p, c, first + n, n, in);
    plan_walk(&p->walk, &p->anew, in, 0);
}

// Writes some columns of the fields that follow from those before.
INLINE void change_part(float *z, const float *before, extent stride, const struct change *p, const float *w,
                        extent columns, const int vectors) {
    float unused[PART] = {0};
    for (extent n = 0; n < p->add.rows; n += ABREAST) {
        float *to[ABREAST];
        const float *from[ABREAST];
        const int32_t *on[ABREAST], *off[ABREAST];
        int32_t more[ABREAST], fewer[ABREAST];
        for (int r = 0; r < ABREAST; r++) {
            int some = n + r < p->add.rows;
            extent k = some ? n + r : n;
            to[r] = some ? z + p->add.row[k] * stride : unused;
            from[r] = some ? before + p->add.row[k] * stride : unused;
            on[r] = p->add.index[k];
            off[r] = p->take.index[k];
            more[r] = some ? p->add.count[k] : 0;
            fewer[r] = some ? p->take.count[k] : 0;
        }
        vec sum[ABREAST][PART / LANES];
        load_sums(sum, from, columns, vectors);
        add_lists(sum, w, on, more, vectors, 1);
        add_lists(sum, w, off, fewer, vectors, -1);
        store_sums(to, sum, columns, vectors);
    }
}

static void changed_field(float *z, const float *before, const struct changes *c, const float *w, const float *b,
                          extent rows, extent in, extent out) {
    struct change change;
    for (extent n = 0; n < rows; n += BATCH, z += BATCH * out, before += BATCH * out) {
        plan_change(&change, c, n, rows - n < BATCH ? rows - n : BATCH, in);
        for (extent j = 0; j < out; j += PART) {
            extent columns = out - j < PART ? out - j : PART;
            const float *part = w + j / PANEL * PANEL * in + j % PANEL;
            BY_VECTORS(columns, change_part, z + j, before + j, out, &change, part, columns)
            sum_listed(z + j, out, &change.anew, &change.walk, part, b + j, columns);
        }
    }
}
