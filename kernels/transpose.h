// Transposes of states; transpose.go is the definition.

// Transposes so many words as a square of bits: halves change places, then halves of these.
INLINE void transpose_words(uint64_t word[WORD]) {
    uint64_t low = ~(uint64_t)0 >> WORD / 2; // bits of each half that come first
    for (int half = WORD / 2; half; half /= 2, low ^= low << half) {
        for (int k = 0; k < WORD; k += 2 * half) {
            for (int l = k; l < k + half; l++) {
                uint64_t changed = (word[l] >> half ^ word[l + half]) & low;
                word[l] ^= changed << half;
                word[l + half] ^= changed;
            }
        }
    }
}

static void transpose_states(uint64_t *restrict to, extent to_stride, const uint64_t *restrict bits, extent stride,
                             extent rows, extent lo, extent hi) {
    for (extent first = lo / WORD * WORD; first < hi; first += WORD) {
        const uint64_t *from = bits + first / WORD * stride;
        extent left = lo > first ? lo : first, right = hi < first + WORD ? hi : first + WORD;
        for (extent n = 0; n < rows; n += WORD) {
            uint64_t word[WORD] = {0};
            memcpy(word, from + n, (rows - n < WORD ? rows - n : WORD) * sizeof *word);
            transpose_words(word);
            memcpy(to + n / WORD * to_stride + left, word + left - first, (right - left) * sizeof *word);
        }
    }
}
