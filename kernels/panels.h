// Copies of a matrix to panels: PANEL neighbouring columns, stored row by row, panel after panel. panels.go is the
// definition. The transpose is computed in squares of sixteen rows and columns, which fill whole cache lines on
// both sides.
enum { PANEL = 64, SQUARE = 16 }; // PANEL is PanelWidth of panels.go

// Returns the address of element (n, j).
INLINE float *place(struct grid g, extent n, extent j) { return g.data + n * g.row + j / PANEL * g.panel + j % PANEL; }

// Transposes LANES rows and four columns of src (.., columns) to four rows of dst (.., rows).
INLINE void transpose_quads(float *dst, extent rows, const float *src, extent columns) {
    vec a = LOAD_QUADS(src, 4 * columns), b = LOAD_QUADS(src + columns, 4 * columns);
    vec c = LOAD_QUADS(src + 2 * columns, 4 * columns), d = LOAD_QUADS(src + 3 * columns, 4 * columns);
    vec ac_low = INTERLEAVE_LOW(a, c), ac_high = INTERLEAVE_HIGH(a, c);
    vec bd_low = INTERLEAVE_LOW(b, d), bd_high = INTERLEAVE_HIGH(b, d);
    store(dst, INTERLEAVE_LOW(ac_low, bd_low));
    store(dst + rows, INTERLEAVE_HIGH(ac_low, bd_low));
    store(dst + 2 * rows, INTERLEAVE_LOW(ac_high, bd_high));
    store(dst + 3 * rows, INTERLEAVE_HIGH(ac_high, bd_high));
}

// Transposes SQUARE rows and columns of src (.., columns) to dst (.., rows).
INLINE void transpose_square(float *dst, extent rows, const float *src, extent columns) {
    for (extent i = 0; i < SQUARE; i += LANES) {
        for (extent j = 0; j < SQUARE; j += 4) transpose_quads(dst + j * rows + i, rows, src + i * columns + j, columns);
    }
}

// Copies the rows lo to hi-1 of src (rows, columns) to panels.
static void pack(float *dst, const float *src, extent lo, extent hi, extent rows, extent columns) {
    for (extent j = 0; j < columns; j += PANEL) {
        extent width = columns - j < PANEL ? columns - j : PANEL;
        float *to = dst + j * rows + lo * PANEL;
        const float *from = src + lo * columns + j;
        for (extent i = lo; i < hi; i++, to += PANEL, from += columns) {
            if (width == PANEL) { // a constant size, which the compiler inlines
                memcpy(to, from, PANEL * sizeof *to);
            } else {
                memcpy(to, from, width * sizeof *to);
            }
        }
    }
}

// Transposes the rows lo to hi-1 and columns left to right-1 of src to panels that have `rows` rows. Row i of
// panel j / PANEL of src lies at i * row + j / PANEL * stride. left and right are multiples of SQUARE, or the end of
// src.
INLINE void transpose_at(float *dst, const float *src, extent row, extent stride, extent lo, extent hi, extent left,
                         extent right, extent rows) {
    for (extent i = lo; i < hi; i += SQUARE - i % SQUARE) {
        float *panel = dst + i / PANEL * PANEL * rows + i % PANEL;
        for (extent j = left; j < right; j += SQUARE) {
            const float *from = src + j / PANEL * stride + j % PANEL;
            if (i % SQUARE == 0 && i + SQUARE <= hi && j + SQUARE <= rows) {
                transpose_square(panel + j * PANEL, PANEL, from + i * row, row);
                continue;
            }
            for (extent k = i; k < i + SQUARE - i % SQUARE && k < hi; k++) {
                for (extent l = j; l < j + SQUARE && l < rows; l++) panel[l * PANEL + k - i] = from[k * row + l - j];
            }
        }
    }
}

// Copies the transpose of the rows lo to hi-1 of src (.., rows) to panels that have `rows` rows.
static void pack_transposed(float *dst, const float *src, extent lo, extent hi, extent rows) {
    transpose_at(dst, src, rows, PANEL, lo, hi, 0, rows, rows);
}
