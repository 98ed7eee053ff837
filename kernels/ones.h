// Lists of ones; ones.go is the definition.
static void transpose_ones(int32_t *restrict to_count, int32_t *restrict to_index, extent to_columns,
                           const uint64_t *restrict bits, extent stride, extent rows, extent lo, extent hi) {
    memset(to_count + lo, 0, (hi - lo) * sizeof *to_count);
    for (extent first = lo / WORD * WORD; first < hi; first += WORD) {
        const uint64_t *word = bits + first / WORD * stride;
        for (extent n = 0; n < rows; n++) {
            uint64_t rest = word[n] & word_range(lo - first, hi - first);
            for (; rest; rest &= rest - 1) {
                extent j = first + __builtin_ctzll(rest);
                to_index[j * to_columns + to_count[j]++] = (int32_t)n;
            }
        }
    }
}
