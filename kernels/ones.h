// Lists of ones; ones.go is the definition.

enum { WORD = 64 }; // bits

static inline extent words_of(extent columns) { return (columns + WORD - 1) / WORD; }

// Writes the places of the bits of a word, of which the first is j, to index and returns
// their number.
INLINE extent list_word(int32_t *index, uint64_t word, extent j) {
    extent count = 0;
    for (; word; word &= word - 1) index[count++] = (int32_t)(j + __builtin_ctzll(word));
    return count;
}

// Writes the places of the bits of a row of so many columns to index and returns their number.
static extent list_bits(int32_t *index, const uint64_t *bits, extent columns) {
    extent count = 0, j = 0;
#ifdef COMPRESS
    for (; j + LANES <= columns; j += LANES) count += COMPRESS(index + count, j, bits[j / WORD] >> j % WORD);
#endif
    for (; j < columns; j += WORD - j % WORD) {
        count += list_word(index + count, bits[j / WORD] >> j % WORD, j);
    }
    return count;
}

// The bits from lo to hi of a word, of which some may be outside of it.
INLINE uint64_t word_range(extent lo, extent hi) {
    return ~(uint64_t)0 << (lo > 0 ? lo : 0) & ~(uint64_t)0 >> (hi < WORD ? WORD - hi : 0);
}

static void transpose_ones(int32_t *restrict to_count, int32_t *restrict to_index, extent to_columns,
                           const uint64_t *restrict bits, extent rows, extent columns, extent lo, extent hi) {
    memset(to_count + lo, 0, (hi - lo) * sizeof *to_count);
    for (extent n = 0; n < rows; n++, bits += words_of(columns)) {
        for (extent first = lo / WORD * WORD; first < hi; first += WORD) {
            uint64_t rest = bits[first / WORD] & word_range(lo - first, hi - first);
            for (; rest; rest &= rest - 1) {
                extent j = first + __builtin_ctzll(rest);
                to_index[j * to_columns + to_count[j]++] = (int32_t)n;
            }
        }
    }
}
