// Means of columns and inner products of rows. reduce.go is the definition, and the bits are the
// same.
#include "grid.h"

#define TILE_COLUMNS 32
#define TILE_ROWS 64

// mean (columns) receives the averages of the columns of x (rows, columns). Unless s (rows) is
// null, the next `columns` floats receive the averages of x[n,j]*s[n].
//
// One block computes 32 columns. Its threads fetch tiles of 64 rows, where each row is a segment
// of 128 bytes. One warp adds up the rows in rising order, and another one the weighted rows.
KERNEL column_means(float *mean, const float *x, const float *s, int rows, int columns) {
    __shared__ float tile[TILE_ROWS][TILE_COLUMNS];
    __shared__ float weight[TILE_ROWS];
    int lane = threadIdx.x % TILE_COLUMNS, warp = threadIdx.x / TILE_COLUMNS;
    float scale = 1.0f / (float)rows;
    for (int start = blockIdx.x * TILE_COLUMNS; start < columns; start += gridDim.x * TILE_COLUMNS) {
        int j = start + lane;
        float sum = 0;
        for (int first = 0; first < rows; first += TILE_ROWS) {
            int height = rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
            for (int n = warp; n < height && j < columns; n += THREADS / TILE_COLUMNS) {
                tile[n][lane] = x[(extent)(first + n) * columns + j];
            }
            if (s && threadIdx.x < height) weight[threadIdx.x] = s[first + threadIdx.x];
            __syncthreads();
            if (warp == 0 && j < columns) {
                for (int n = 0; n < height; n++) sum += tile[n][lane];
            }
            if (warp == 1 && j < columns && s) {
                for (int n = 0; n < height; n++) sum += weight[n] * tile[n][lane];
            }
            __syncthreads();
        }
        if (j < columns && (warp == 0 || (warp == 1 && s))) mean[warp * columns + j] = sum * scale;
    }
}

// out (rows) is (x-c)·c for each row of x (rows, columns), with c (columns). Sixteen lanes share
// a row, and each computes one of the sixteen partial sums.
KERNEL centered_dot(float *out, const float *x, const float *c, int rows, int columns) {
    double square = folded(dot_part(c, c, columns));
    EACH_ROW(n, rows) {
        double dot = folded(n < rows ? dot_part(x + n * columns, c, columns) : 0);
        if (n < rows && threadIdx.x % LANES == 0) out[n] = (float)(dot - square);
    }
}
