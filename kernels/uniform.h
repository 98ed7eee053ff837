// Uniform numbers of a layer. philox.go is the definition.

// Returns the first of the four columns that the random words of a block are for. The others are 16,
// 32 and 48 further. A panel has as many columns as 16 blocks serve.
INLINE extent first_column(extent block) { return block / 16 * PANEL + block % 16; }

// BLOCKS is the number of vectors of blocks in a panel. DRAWN is how many of them are drawn at a
// time where there are enough, since the rounds of one depend on each other.
enum { BLOCKS = 16 / LANES, DRAWN = 4 };

// Draws the uniform numbers of `vectors` vectors of blocks. Each row has `some` of them, from
// `block` on. u[k][i] holds the LANES columns from first_column(block + k % some * LANES) + 16 *
// i of row n + k / some.
INLINE void draw_blocks(vec u[][4], struct draw d, extent n, extent block, const int vectors, const int some) {
    uvec word[DRAWN][4], lane;
    for (int l = 0; l < LANES; l++) lane[l] = (uint32_t)l;
    for (int k = 0; k < vectors; k++) {
        element_counter(word[k], d, (uint32_t)(n + k / some), lane + (uint32_t)(block + k % some * LANES));
    }
    for (uint32_t round = 0; round < 10; round++) {
        for (int k = 0; k < vectors; k++) element_round(word[k], d, round);
    }
    for (int k = 0; k < vectors; k++) {
        for (int i = 0; i < 4; i++) u[k][i] = element_uniform(word[k][i]);
    }
}
