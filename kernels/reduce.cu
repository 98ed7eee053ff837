// Means of columns and inner products of rows. reduce.go is the definition, and the bits are the
// same.
#include "grid.h"

#define TILE 128                    // columns of a tile, four for each lane of a warp
#define SLICES_AT_ONCE (THREADS / 32) // slices that a block adds up, one for each warp

// Returns the four columns from p on, or `some` of them and zeros. `whole` tells that rows begin
// at multiples of 16 bytes.
ELEMENT float4 load_columns(const float *p, int some, bool whole) {
    if (whole) return *(const float4 *)p;
    float4 x = {p[0], some > 1 ? p[1] : 0.0f, some > 2 ? p[2] : 0.0f, some > 3 ? p[3] : 0.0f};
    return x;
}

ELEMENT void store_columns(float *p, float4 x, int some, bool whole) {
    if (whole) {
        *(float4 *)p = x;
        return;
    }
    p[0] = x.x;
    if (some > 1) p[1] = x.y;
    if (some > 2) p[2] = x.z;
    if (some > 3) p[3] = x.w;
}

ELEMENT void add_columns(float4 &sum, float4 x) {
    sum.x += x.x;
    sum.y += x.y;
    sum.z += x.z;
    sum.w += x.w;
}

ELEMENT void add_scaled_columns(float4 &sum, float s, float4 x) {
    sum.x += s * x.x;
    sum.y += s * x.y;
    sum.z += s * x.z;
    sum.w += s * x.w;
}

// Writes the sums over one slice of the rows of x (rows, columns) in four columns from j on:
// plain sums to sum (columns), and sums weighted by s (rows), unless it is null, behind them.
// Sixteen rows are loaded at a time, since the additions of a column wait for each other.
ELEMENT void sum_slice(float *sum, const float *x, const float *s, int slice, int rows, int columns, int j, bool whole) {
    enum { AT_ONCE = 16 };
    int first = slice * SLICE, height = rows - first < SLICE ? rows - first : SLICE, some = columns - j;
    x += (extent)first * columns + j;
    if (s) s += first;
    float4 plain = {0, 0, 0, 0}, weighted = {0, 0, 0, 0};
    for (int from = 0; from < height; from += AT_ONCE) {
        float4 row[AT_ONCE];
        float weight[AT_ONCE];
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
            bool in = from + i < height;
            row[i] = in ? load_columns(x + (from + i) * columns, some, whole) : make_float4(0, 0, 0, 0);
            weight[i] = in && s ? s[from + i] : 0.0f;
        }
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
            add_columns(plain, row[i]);
            add_scaled_columns(weighted, weight[i], row[i]);
        }
    }
    store_columns(sum + j, plain, some, whole);
    if (s) store_columns(sum + columns + j, weighted, some, whole);
}

// Returns the sum of the slices of a column. sum (slices, 2, columns) begins with the first one
// of the column. Other blocks wrote them, so they are read past the first cache.
ELEMENT float fold_slices(const float *sum, int slices, int columns) {
    float part[PARTS];
#pragma unroll
    for (int i = 0; i < PARTS; i++) part[i] = 0;
    for (int from = 0; from < slices; from += PARTS) {
#pragma unroll
        for (int i = 0; i < PARTS; i++) {
            if (from + i < slices) part[i] += __ldcg(sum + (extent)(from + i) * 2 * columns);
        }
    }
#pragma unroll
    for (int half = PARTS / 2; half > 0; half /= 2) {
#pragma unroll
        for (int l = 0; l < half; l++) part[l] += part[l + half];
    }
    return part[0];
}

// mean (columns) receives the averages of the columns of x (rows, columns). Unless s (rows) is
// null, the next `columns` floats receive the averages of x[n,j]*s[n].
//
// A block computes the sums of one tile of 128 columns over eight slices, one slice a warp. They
// go to sum (slices, 2, columns). done counts the blocks that have finished, for each tile. The
// last block of a tile adds up the slices, and sets the count to 0 again. Thus no block waits.
KERNEL column_means(float *mean, const float *__restrict__ x, const float *__restrict__ s, float *sum, unsigned *done,
                    int rows, int columns) {
    __shared__ bool last;
    int slices = (rows + SLICE - 1) / SLICE, tiles = (columns + TILE - 1) / TILE;
    int groups = (slices + SLICES_AT_ONCE - 1) / SLICES_AT_ONCE;
    bool whole = columns % 4 == 0 && (uintptr_t)x % 16 == 0;
    for (int item = blockIdx.x; item < tiles * groups; item += gridDim.x) {
        int tile = item / groups, slice = item % groups * SLICES_AT_ONCE + threadIdx.x / 32;
        int j = tile * TILE + threadIdx.x % 32 * 4;
        if (slice < slices && j < columns) sum_slice(sum + (extent)slice * 2 * columns, x, s, slice, rows, columns, j, whole);
        __threadfence();
        __syncthreads();
        if (threadIdx.x == 0) {
            last = atomicAdd(done + tile, 1u) == (unsigned)groups - 1;
            if (last) done[tile] = 0;
        }
        __syncthreads();
        int column = tile * TILE + threadIdx.x % TILE, weighted = threadIdx.x / TILE;
        if (!last || column >= columns || (weighted && !s)) continue;
        __threadfence();
        mean[weighted * columns + column] = fold_slices(sum + weighted * columns + column, slices, columns) * (1.0f / (float)rows);
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
