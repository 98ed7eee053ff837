// Lists of ones; ones.go is the definition.

// Writes the columns of the ones of a row to index and returns their number.
static extent list_row(int32_t *index, const float *s, extent columns) {
    extent count = 0, j = 0;
#ifdef COMPRESS
    for (; j + LANES <= columns; j += LANES) count += COMPRESS(index + count, j, load(s + j));
#endif
    for (; j < columns; j++) {
        index[count] = (int32_t)j;
        count += s[j] != 0;
    }
    return count;
}

static void transpose_ones(int32_t *restrict to_count, int32_t *restrict to_index, extent to_columns,
                           const int32_t *restrict count, const int32_t *restrict index, extent rows, extent columns) {
    memset(to_count, 0, columns * sizeof *to_count);
    for (extent n = 0; n < rows; n++, index += columns) {
        for (extent k = 0; k < count[n]; k++) {
            extent j = index[k];
            to_index[j * to_columns + to_count[j]++] = (int32_t)n;
        }
    }
}
