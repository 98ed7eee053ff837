// Means of columns and inner products of rows. reduce.go is the definition, and the bits are the
// same.
#include "grid.h"

#define TILE 128                    // columns of a tile, four for each lane of a warp
#define SLICES_AT_ONCE (THREADS / 32) // slices that a block adds up, one for each warp

// One side of a layer: the values x (rows, columns) and, unless it is null, s (rows). mean
// (columns) receives the averages of the columns of x. With s, the next `columns` floats receive
// the averages of x[n,j]*s[n]. half is null, or a copy of x in bfloat16 that holds it exactly and is
// read instead.
struct side {
    float *mean;
    const float *x;
    const uint16_t *half;
    const float *s;
    int rows;
    __device__ __forceinline__ int slices() const { return (rows + SLICE - 1) / SLICE; }
};

// Loads four columns from a place of a matrix, or of its copy in bfloat16.
ELEMENT void load_columns(float x[4], const float *p, int some, bool whole) { load_four(x, p, some, whole); }
ELEMENT void load_columns(float x[4], const uint16_t *p, int, bool) { load_halves(x, p); }

// Writes the sums over `height` rows of x in four columns: plain sums to sum (columns), and sums
// weighted by s (height), unless it is null, behind them. The rows of x are `stride` apart. Sixteen
// are loaded at a time, since the additions of a column wait for each other. Rows past the last one
// are 0, which changes no sum. `some` and `whole` are as in load_four, for x and for sum.
template <class T>
ELEMENT void sum_slice(float *sum, const T *x, int stride, const float *s, int height, int columns, int some, bool whole) {
    enum { AT_ONCE = 16 };
    float plain[4] = {0, 0, 0, 0}, weighted[4] = {0, 0, 0, 0};
    for (int from = 0; from < height; from += AT_ONCE) {
        float row[AT_ONCE][4], weight[AT_ONCE];
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
            bool in = from + i < height;
#pragma unroll
            for (int c = 0; c < 4; c++) row[i][c] = 0;
            if (in) load_columns(row[i], x + (from + i) * stride, some, whole);
        }
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) weight[i] = s && from + i < height ? s[from + i] : 0.0f;
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
#pragma unroll
            for (int c = 0; c < 4; c++) {
                plain[c] += row[i][c];
                weighted[c] += weight[i] * row[i][c];
            }
        }
    }
    store_four(sum, plain, some, whole);
    if (s) store_four(sum + columns, weighted, some, whole);
}

// Returns the sum of the slices of a column. sum points into (slices, 2, columns), at the column in
// the first slice. Other blocks wrote the slices, so they are read past the first cache, which might
// hold older numbers.
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
    for (int l = 0; l < 8; l++) part[l] += part[l + 8];
#pragma unroll
    for (int l = 0; l < 4; l++) part[l] += part[l + 4];
    return (part[0] + part[2]) + (part[1] + part[3]);
}

// The means of a layer over data and chains, and unless it is null, their difference (columns).
// Without chains, chains.rows is 0. layer_item describes sum and done.
struct layer {
    struct side data, chains;
    float *difference, *sum;
    unsigned *done;
    int columns;
    __device__ __forceinline__ int tiles() const { return (columns + TILE - 1) / TILE; }
    __device__ __forceinline__ int slices() const { return data.slices() + chains.slices(); }
    __device__ __forceinline__ int groups() const { return (slices() + SLICES_AT_ONCE - 1) / SLICES_AT_ONCE; }
};

// Returns the mean of one column of a side, whose sums of slices begin at sum, and stores it.
ELEMENT float store_mean(const struct side &side, const float *sum, int column, int weighted, int columns) {
    if (weighted && !side.s) return 0;
    float mean = fold_slices(sum + weighted * columns + column, side.slices(), columns) * (1.0f / (float)side.rows);
    side.mean[weighted * columns + column] = mean;
    return mean;
}

// Computes an item of a layer: the sums of one tile over eight slices, one slice a warp. They go
// to sum (slices, 2, columns). done counts the items that are finished, for each tile. The last
// block of a tile adds up the slices, and sets the count to 0 again. Thus no block waits. The first
// fence makes the sums visible before the count, and the second keeps the reads of sums behind it.
ELEMENT void layer_item(const struct layer &l, int item, bool &last) {
    int tile = item / l.groups(), slice = item % l.groups() * SLICES_AT_ONCE + threadIdx.x / 32;
    int j = tile * TILE + threadIdx.x % 32 * 4;
    if (slice < l.slices() && j < l.columns) {
        bool data = slice < l.data.slices();
        const float *x = data ? l.data.x : l.chains.x, *s = data ? l.data.s : l.chains.s;
        const uint16_t *half = data ? l.data.half : l.chains.half;
        int first = (data ? slice : slice - l.data.slices()) * SLICE, rows = data ? l.data.rows : l.chains.rows;
        int height = rows - first < SLICE ? rows - first : SLICE, some = l.columns - j;
        float *sum = l.sum + (extent)slice * 2 * l.columns + j;
        bool whole = whole_rows(l.columns, x);
        if (s) s += first;
        if (half) {
            sum_slice(sum, half + half_at(first, j, l.columns), groups(l.columns) * 64, s, height, l.columns, some, whole);
        } else {
            sum_slice(sum, x + (extent)first * l.columns + j, l.columns, s, height, l.columns, some, whole);
        }
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        last = atomicAdd(l.done + tile, 1u) == (unsigned)l.groups() - 1;
        if (last) l.done[tile] = 0;
    }
    __syncthreads();
    int column = tile * TILE + threadIdx.x % TILE;
    int weighted = threadIdx.x / TILE; // half of the threads have the plain means, the others the weighted ones
    if (!last || column >= l.columns) return;
    __threadfence();
    float data = store_mean(l.data, l.sum, column, weighted, l.columns);
    if (l.chains.rows == 0) return;
    float chains = store_mean(l.chains, l.sum + (extent)l.data.slices() * 2 * l.columns, column, weighted, l.columns);
    if (l.difference && !weighted) l.difference[column] = data - chains;
}

// A layer as arguments of a kernel, which are all numbers and addresses (ptx_gpu.go).
#define LAYER(l)                                                                                              \
    float *l##_data_mean, const float *l##_data, const uint16_t *l##_data_half, const float *l##_data_weights,      \
        int l##_data_rows, float *l##_chains_mean, const float *l##_chains, const uint16_t *l##_chains_half,   \
        const float *l##_chains_weights, int l##_chains_rows,                                                  \
        float *l##_difference, float *l##_sum, unsigned *l##_done, int l##_columns
#define AS_LAYER(l)                                                                                               \
    {{l##_data_mean, l##_data, l##_data_half, l##_data_weights, l##_data_rows},                                 \
     {l##_chains_mean, l##_chains, l##_chains_half, l##_chains_weights, l##_chains_rows}, l##_difference, l##_sum, \
     l##_done, l##_columns}

// Computes the means of two layers. The second may have no columns.
KERNEL layer_means(LAYER(first), LAYER(second)) {
    __shared__ bool last;
    struct layer first = AS_LAYER(first), second = AS_LAYER(second);
    int items = first.tiles() * first.groups(), all = items + second.tiles() * second.groups();
    for (int item = blockIdx.x; item < all; item += gridDim.x) {
        if (item < items) {
            layer_item(first, item, last);
        } else {
            layer_item(second, item - items, last);
        }
    }
}

// CenteredDot of reduce.go: out (rows) is (x-c)·c for each row of x (rows, columns), with c (columns).
// half is null, or a copy of x in bfloat16 that holds it exactly and is read instead.
struct dots {
    float *out;
    const float *x;
    const uint16_t *half;
    const float *c;
    int rows, columns;
};

#define ROWS_OF_BLOCK (THREADS / LANES - 1)

ELEMENT int blocks_of(const struct dots &d) { return (d.rows + ROWS_OF_BLOCK - 1) / ROWS_OF_BLOCK; }

// Computes fifteen rows of out. Sixteen lanes share a row, and each computes one of the sixteen
// partial sums of x·c. The first sixteen lanes of the block compute c·c.
ELEMENT void dots_item(const struct dots &d, int item, double &square) {
    int group = threadIdx.x / LANES, n = item * ROWS_OF_BLOCK + group - 1;
    bool mine = group == 0 || n < d.rows;
    double part = 0;
    if (mine && group > 0 && d.half) {
        part = dot_part(d.half + half_at(n, 0, d.columns), d.c, d.columns);
    } else if (mine) {
        part = dot_part(group > 0 ? d.x + (extent)n * d.columns : d.c, d.c, d.columns);
    }
    double dot = folded(part);
    if (threadIdx.x == 0) square = dot;
    __syncthreads();
    if (group > 0 && mine && threadIdx.x % LANES == 0) d.out[n] = (float)(dot - square);
    __syncthreads();
}

#define DOTS(d) float *d##_out, const float *d##_x, const uint16_t *d##_half, const float *d##_c, int d##_rows, int d##_columns
#define AS_DOTS(d) {d##_out, d##_x, d##_half, d##_c, d##_rows, d##_columns}

// Computes up to four CenteredDots. The later ones may have no rows.
KERNEL centered_dots(DOTS(a), DOTS(b), DOTS(c), DOTS(d)) {
    __shared__ double square;
    struct dots all[4] = {AS_DOTS(a), AS_DOTS(b), AS_DOTS(c), AS_DOTS(d)};
    int end = blocks_of(all[0]) + blocks_of(all[1]) + blocks_of(all[2]) + blocks_of(all[3]);
    for (int block = blockIdx.x; block < end; block += gridDim.x) {
        int item = block;
        struct dots mine = all[0];
#pragma unroll
        for (int i = 1; i < 4; i++) {
            if (item >= blocks_of(mine)) {
                item -= blocks_of(mine);
                mine = all[i];
            }
        }
        dots_item(mine, item, square);
    }
}
