// States as bits. states.go is the definition. The words of a row are stride apart.
enum { WORD = 64 }; // bits

// Returns a word with ones from bit lo up to bit hi. Either may lie outside of the word.
INLINE uint64_t word_range(extent lo, extent hi) {
    if (lo >= WORD || hi <= 0) return 0;
    return ~(uint64_t)0 << (lo > 0 ? lo : 0) & ~(uint64_t)0 >> (hi < WORD ? WORD - hi : 0);
}

// Writes the places of the ones of a word to index, where the first bit has place j. Returns the
// end of the list. Elements after it may be overwritten, at most overrun of them (field.go).
INLINE int32_t *list_word(int32_t *index, uint64_t word, extent j) {
#if defined COMPRESS_BYTES
    uint8_t number __attribute__((vector_size(WORD))), place[WORD];
    for (int i = 0; i < WORD; i++) number[i] = (uint8_t)i;
    COMPRESS_BYTES(place, number, word);
    int count = __builtin_popcountll(word);
    for (int k = 0; k < 2 * LANES || k < count; k += LANES) { // no branch depends on the word up to 2 * LANES ones
        uvec some = (uvec)INTEGERS_FROM_BYTES(place + k) + (uint32_t)j;
        memcpy(index + k, &some, sizeof some);
    }
    index += count;
#elif defined COMPRESS
    if (!word) return index;
    uvec lane;
    for (int l = 0; l < LANES; l++) lane[l] = (uint32_t)l;
    for (int part = 0; part < WORD; part += LANES) {
        COMPRESS(index, lane + (uint32_t)(j + part), word >> part);
        index += __builtin_popcountll(word >> part & ~(uint64_t)0 >> (WORD - LANES));
    }
#else
    for (; word; word &= word - 1) *index++ = (int32_t)(j + __builtin_ctzll(word));
#endif
    return index;
}
