// The plain gradient of the weights, not centered. gradient.go is the definition. Row i of the gradient is the
// difference of two averages, over data and over chains. Each average is a sum like a field without a bias (field.h): of
// the means of the hidden units, over the rows of the batch in which visible unit i is on. The lists of these rows need
// the states by units, which are stored by rows: squares of 64 rows and 64 units are transposed.

// The number of visible units in a strip. The sums of a strip, 32 KiB, fit the first-level cache. Since a strip is as
// long as a panel is wide, update_part of ascend.h transposes the weights of a strip into one panel.
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

// A vector of LANE_WORDS words of states. A square of WORD rows is WORD / LANE_WORDS of these vectors: row r is lane
// r % LANE_WORDS of vector r / LANE_WORDS.
typedef uint64_t words __attribute__((vector_size(4 * LANES)));
enum { LANE_WORDS = LANES / 2 };

#ifndef OTHER_WORDS // on any hardware
// Returns the vector whose lane l is lane l ^ half of x.
INLINE words other_words(words x, int half) {
    words other;
    for (int l = 0; l < LANE_WORDS; l++) other[l] = x[l ^ half];
    return other;
}
#define OTHER_WORDS(x, half) other_words(x, half)
#endif

// Makes one step in transposing 64x64 bits, of six steps with half = 32, 16, …, 1. The bits are cut into squares of
// 2 * half rows and columns. In each square the quarter of the upper rows and high columns changes places with the
// quarter of the lower rows and low columns, where the low columns are the low bits of a word.
INLINE void transpose_step(words x[WORD / LANE_WORDS], const int half) {
    const uint64_t low = ~(uint64_t)0 / (((uint64_t)1 << half) + 1); // low columns: `half` ones, `half` zeros, …
    if (half >= LANE_WORDS) { // each upper row is in one vector, the row `half` below it in the same lane of another
        const int apart = half / LANE_WORDS;
        for (int k = 0; k < WORD / LANE_WORDS; k++) {
            if (k & apart) continue; // lower rows
            words differing = (x[k] >> half ^ x[k + apart]) & low;
            x[k] ^= differing << half;
            x[k + apart] ^= differing;
        }
        return;
    }
    // An upper row and the row `half` below it are lanes of one vector. An upper row keeps its low columns and takes
    // the low columns of the lower row, moved left; a lower row keeps its high columns and takes the high columns of
    // the upper row, moved right.
    words kept, left, right;
    for (int l = 0; l < LANE_WORDS; l++) {
        int lower = (l & half) != 0;
        kept[l] = lower ? ~low : low;
        left[l] = lower ? 0 : half;
        right[l] = lower ? half : 0;
    }
    for (int k = 0; k < WORD / LANE_WORDS; k++) {
        x[k] = (x[k] & kept) | (OTHER_WORDS(x[k], half) << left >> right & ~kept);
    }
}

// Writes the transpose of the square of the first WORD words to turned, in 2 * WORD numbers: bit n of word i is bit i
// of word n. If there are fewer than WORD rows, the missing ones count as zero.
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

// Lists, for each visible unit lo ≤ i < hi, the rows in which it is on. The room of the phase holds three parts: the
// positions in it at which the list of each unit begins and the last list ends, by i - lo; the transposed words of 64
// neighbouring units, which the words of the next 64 replace; and the lists. A phase without states has no lists.
static void list_phase(const struct phase *p, extent lo, extent hi) {
    if (!p->bits) return;
    int32_t *turned = p->room + (hi - lo + 1);
    int32_t *end = turned + 2 * WORD * ((p->rows + WORD - 1) / WORD); // of the lists so far
    for (extent first = lo / WORD * WORD; first < hi; first += WORD) {
        const uint64_t *bits = p->bits + first / WORD * p->stride;
        extent left = lo > first ? lo : first, right = hi < first + WORD ? hi : first + WORD;
        for (extent n = 0; n < p->rows; n += WORD) transpose_words(turned + 2 * n, bits + n, p->rows - n);
        for (extent i = left; i < right; i++) {
            p->room[i - lo] = (int32_t)(end - p->room);
            for (extent n = 0; n < p->rows; n += WORD) {
                uint64_t word; // bit k is the state of unit i in row n + k
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

// Writes to row k of z (units, PANEL), for each visible unit k < units, the sums of some columns of the hidden means w
// over the rows in which the unit is on. The columns fill `vectors` vectors. The list of unit k is room[start[k]] to
// room[start[k + 1] - 1]. ABREAST units at a time are taken in order, because neighbouring units are often on in the
// same rows. Where fewer are left, the sums of the others are of empty lists and go to unused.
INLINE void sum_ones(float *z, const int32_t *room, const int32_t *start, extent units, const float *w,
                     const int vectors) {
    float unused[PART];
    for (extent n = 0; n < units; n += ABREAST) {
        float *to[ABREAST];
        const int32_t *list[ABREAST];
        int32_t count[ABREAST];
        UNROLL for (int r = 0; r < ABREAST; r++) {
            int present = n + r < units;
            extent k = present ? n + r : n;
            to[r] = present ? z + k * PANEL : unused;
            list[r] = room + start[k];
            count[r] = present ? start[k + 1] - start[k] : 0;
        }
        vec sum[ABREAST][PART / LANES] = {{{0}}};
        add_lists(sum, w, list, count, vectors, 1);
        store_sums(to, sum, vectors * LANES, vectors);
    }
}

// Replaces sums over the rows with the bit 1 by sums over all rows, each row multiplied by the worth of its bit, as
// Gradient of gradient.go defines them. The sums belong to `units` visible units from `first` on; panel has the
// hidden means of their columns.
static void worth_sums(float (*sums)[PANEL], const struct phase *p, extent first, extent units, const float *panel) {
    vec total[PANEL / LANES] = {{0}};
    for (extent n = 0; n < p->rows; n++) {
        for (int k = 0; k < PANEL / LANES; k++) total[k] += load(panel + n * PANEL + k * LANES);
    }
    for (extent at = 0; at < p->units.count; at++) {
        struct group g = part_of(p->units.groups + at, first, first + units);
        float low = kind_low(g.kind), span = kind_high(g.kind) - low; // the worth of bit x is low + span * x
        if (low == 0.0f && span == 1.0f) continue;
        for (extent i = g.from - first; i < g.to - first; i++) {
            for (int k = 0; k < PANEL / LANES; k++) {
                store(sums[i] + k * LANES, span * load(sums[i] + k * LANES) + low * total[k]);
            }
        }
    }
}

// Writes the sums of a phase for `units` visible units from `first` on and for `columns` hidden units from j on, where
// j begins a panel. The lists of the phase begin with visible unit lo. `visible` is the number of all visible units.
static void sum_phase(float (*sums)[PANEL], const struct phase *p, extent lo, extent first, extent units,
                      extent visible, extent j, extent columns) {
    const float *panel = p->hidden + j * p->panel_rows;
    if (!p->bits) {
        sum_dense(sums[0], PANEL, p->visible + first, 1, visible, panel, NULL, units, p->rows, columns);
        return;
    }
    for (extent k = 0; k < columns; k += PART) {
        extent part = columns - k < PART ? columns - k : PART;
        BY_VECTORS(part, sum_ones, sums[0] + k, p->room, p->room + (first - lo), units, panel + k)
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

// Computes the rows lo to hi-1 of the gradient g (visible, hidden): for each panel of hidden units, strip by strip.
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
