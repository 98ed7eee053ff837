// The transpose, in squares of sixteen that meet whole cache lines on both sides;
// transpose.go is the definition.
enum { SQUARE = 16 };

INLINE void transpose_square(float *dst, const float *src, extent rows, extent columns) {
    float square[SQUARE][SQUARE];
    for (extent i = 0; i < SQUARE; i++) {
        for (extent j = 0; j < SQUARE; j++) square[j][i] = src[i * columns + j];
    }
    for (extent j = 0; j < SQUARE; j++) memcpy(dst + j * rows, square[j], sizeof square[j]);
}

static void transpose(float *dst, const float *src, extent lo, extent hi, extent rows, extent columns) {
    for (extent i = lo; i < hi; i += SQUARE) {
        for (extent j = 0; j < columns; j += SQUARE) {
            if (i + SQUARE <= hi && j + SQUARE <= columns) {
                transpose_square(dst + j * rows + i, src + i * columns + j, rows, columns);
                continue;
            }
            for (extent k = i; k < i + SQUARE && k < hi; k++) {
                for (extent l = j; l < j + SQUARE && l < columns; l++) dst[l * rows + k] = src[k * columns + l];
            }
        }
    }
}
