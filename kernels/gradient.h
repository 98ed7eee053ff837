// The plain gradient of the weights, not centered. gradient.go is the definition. Row i of the gradient is the
// difference of two averages, over data and over chains. Each average is a sum like a field without a bias (field.h): of
// the means of the hidden units, over the rows of the batch in which visible unit i is on.

// The number of visible units in a strip: the sums of a strip fit the first-level cache, and a strip is as wide as
// a panel of the transpose.
enum { STRIP = PANEL };

// The sums of both phases, data and chains, for a strip of visible units and a panel of hidden units.
struct strip {
    float data[STRIP][PANEL], chains[STRIP][PANEL];
} __attribute__((aligned(64)));

// Returns the end of the strip that holds visible unit i, at most `end`.
INLINE extent strip_end(extent i, extent end) {
    extent next = (i / STRIP + 1) * STRIP;
    return next < end ? next : end;
}

// A vector of words of states.
typedef uint64_t words __attribute__((vector_size(4 * LANES)));
enum { LANE_WORDS = LANES / 2 };

#ifndef OTHER_WORDS // for any hardware: a vector whose lane l is lane l ^ half of x
INLINE words other_words(words x, int half) {
    words other;
    for (int l = 0; l < LANE_WORDS; l++) other[l] = x[l ^ half];
    return other;
}
#define OTHER_WORDS(x, half) other_words(x, half)
#endif

// Makes one step in transposing 64x64 bits, of six steps with half = 32, 16, …, 1: the bits are cut into squares of
// 2 * half rows and columns, and in each square the two quarters off its diagonal change places.
INLINE void transpose_step(words x[WORD / LANE_WORDS], const int half) {
    const uint64_t low = ~(uint64_t)0 / (((uint64_t)1 << half) + 1); // half of the bits, beginning with the lowest
    if (half >= LANE_WORDS) {
        const int apart = half / LANE_WORDS;
        for (int k = 0; k < WORD / LANE_WORDS; k++) {
            if (k & apart) continue;
            words changed = (x[k] >> half ^ x[k + apart]) & low;
            x[k] ^= changed << half;
            x[k + apart] ^= changed;
        }
        return;
    }
    words kept, left, right;
    for (int l = 0; l < LANE_WORDS; l++) {
        int second = (l & half) != 0;
        kept[l] = second ? ~low : low;
        left[l] = second ? 0 : half;
        right[l] = second ? half : 0;
    }
    for (int k = 0; k < WORD / LANE_WORDS; k++) {
        x[k] = (x[k] & kept) | (OTHER_WORDS(x[k], half) << left >> right & ~kept);
    }
}

// Writes the transpose of a square of bits to turned. The square has `rows` words, at most 64.
INLINE void transpose_words(int32_t *turned, const uint64_t *word, extent rows) {
    words x[WORD / LANE_WORDS] = {{0}};
    if (rows < WORD) {
        memcpy(x, word, rows * sizeof *word);
    } else {
        memcpy(x, word, sizeof x);
    }
    UNROLL for (int step = 5; step >= 0; step--) transpose_step(x, 1 << step);
    memcpy(turned, x, sizeof x);
}

// Lists, for each visible unit lo ≤ i < hi, the rows in which it is on. room[i - lo] is where the
// list of unit i begins in room. The transpose of a word of columns is stored in between.
static void list_phase(const struct phase *p, extent lo, extent hi) {
    if (!p->bits) return;
    int32_t *turned = p->room + (hi - lo + 1);
    int32_t *end = turned + 2 * WORD * ((p->rows + WORD - 1) / WORD);
    for (extent first = lo / WORD * WORD; first < hi; first += WORD) {
        const uint64_t *bits = p->bits + first / WORD * p->stride;
        extent left = lo > first ? lo : first, right = hi < first + WORD ? hi : first + WORD;
        for (extent n = 0; n < p->rows; n += WORD) transpose_words(turned + 2 * n, bits + n, p->rows - n);
        for (extent i = left; i < right; i++) {
            p->room[i - lo] = (int32_t)(end - p->room);
            for (extent n = 0; n < p->rows; n += WORD) {
                uint64_t word;
                memcpy(&word, turned + 2 * (n + i - first), sizeof word);
                end = list_word(end, word, n);
            }
        }
    }
    p->room[hi - lo] = (int32_t)(end - p->room);
}

// Writes the lists of both phases.
static void list_phases(const struct phase *data, const struct phase *chains, extent lo, extent hi) {
    list_phase(data, lo, hi);
    list_phase(chains, lo, hi);
}

// Sums, for each of `units` visible units, some columns of the hidden means over the rows in
// which the unit is on. The list of each unit begins at start in room. Units are taken in order
// because neighbouring units are often on in the same rows.
INLINE void sum_ones(float *z, const int32_t *room, const int32_t *start, extent units, const float *w,
                     const int vectors) {
    float unused[PART];
    for (extent n = 0; n < units; n += ABREAST) {
        float *to[ABREAST];
        const int32_t *list[ABREAST];
        int32_t count[ABREAST];
        UNROLL for (int r = 0; r < ABREAST; r++) {
            int some = n + r < units;
            extent k = some ? n + r : n;
            to[r] = some ? z + k * PANEL : unused;
            list[r] = room + start[k];
            count[r] = some ? start[k + 1] - start[k] : 0;
        }
        vec sum[ABREAST][PART / LANES] = {{{0}}};
        add_lists(sum, w, list, count, vectors, 1);
        store_sums(to, sum, vectors * LANES, vectors);
    }
}

// Replaces sums over the rows with the bit 1 by sums over all rows, each row multiplied by the
// worth of its state. The sums belong to `units` visible units from `first` on.
static void worth_sums(float (*sums)[PANEL], const struct phase *p, extent first, extent units, const float *panel) {
    vec total[PANEL / LANES] = {{0}};
    for (extent n = 0; n < p->rows; n++) {
        for (int k = 0; k < PANEL / LANES; k++) total[k] += load(panel + n * PANEL + k * LANES);
    }
    for (extent at = 0; at < p->units.count; at++) {
        struct group g = part_of(p->units.groups + at, first, first + units);
        float low = kind_low(g.kind), span = kind_high(g.kind) - low;
        if (low == 0.0f && span == 1.0f) continue;
        for (extent i = g.from - first; i < g.to - first; i++) {
            for (int k = 0; k < PANEL / LANES; k++) {
                store(sums[i] + k * LANES, span * load(sums[i] + k * LANES) + low * total[k]);
            }
        }
    }
}

// Sums a phase for `units` visible units from `first` on and for the hidden units from j on. The
// lists of the phase begin with visible unit lo.
static void sum_phase(float (*sums)[PANEL], const struct phase *p, extent lo, extent first, extent units,
                      extent visible, extent j, extent columns) {
    const float *panel = p->hidden + j * p->panel_rows;
    if (!p->bits) {
        sum_dense(sums[0], PANEL, p->visible + first, 1, visible, panel, NULL, units, p->rows, columns);
        return;
    }
    for (extent k = 0; k < columns; k += PART) {
        extent some = columns - k < PART ? columns - k : PART;
        BY_VECTORS(some, sum_ones, sums[0] + k, p->room, p->room + (first - lo), units, panel + k)
    }
    if (p->units.count) worth_sums(sums, p, first, units, panel);
}

// Computes sum_phase for data and chains.
static void sum_strip(struct strip *s, const struct phase *data, const struct phase *chains, extent lo, extent first,
                      extent units, extent visible, extent j, extent columns) {
    sum_phase(s->data, data, lo, first, units, visible, j, columns);
    sum_phase(s->chains, chains, lo, first, units, visible, j, columns);
}

// Returns the difference of the averages over data and chains, for visible unit n of the strip and a vector of hidden
// units from column k of the panel on.
INLINE vec difference(const struct strip *s, extent n, extent k, const struct phase *data, const struct phase *chains) {
    return load(s->data[n] + k) * data->scale - load(s->chains[n] + k) * chains->scale;
}

// Computes the rows lo to hi-1 of the gradient g (visible, hidden).
static void gradient(float *g, const struct phase *data, const struct phase *chains, extent lo, extent hi,
                     extent visible, extent hidden) {
    struct strip s;
    list_phases(data, chains, lo, hi);
    for (extent j = 0; j < hidden; j += PANEL) {
        extent columns = hidden - j < PANEL ? hidden - j : PANEL;
        for (extent i = lo, end; i < hi; i = end) {
            end = strip_end(i, hi);
            sum_strip(&s, data, chains, lo, i, end - i, visible, j, columns);
            for (extent n = 0; n < end - i; n++) {
                for (extent k = 0; k < columns; k += LANES) {
                    store_some(g + (i + n) * hidden + j + k, difference(&s, n, k, data, chains), columns - k);
                }
            }
        }
    }
}
