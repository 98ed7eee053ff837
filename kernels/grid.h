// The common part of all .cu files: the arithmetic of one element on the device, the loops of a
// grid over its items, and loads and stores of four columns at a time. No result depends on the
// size of the grid, because one thread, or a fixed group of sixteen neighbouring threads, computes
// each item.
#ifndef HARMONIUM_GRID_H
#define HARMONIUM_GRID_H

#define ELEMENT static __device__ __forceinline__
#include "kind.h"

#define THREADS 256 // per block: fewer in sweep.cu for few columns, more in steps.cu

#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)

typedef long long extent; // counts elements

// Loops over n items, one item per thread. n is below 2³¹, as is the number of values of every
// matrix but a data set, so that indices have 32 bits.
#define EACH(item, n)                                                                            \
    for (uint32_t item = blockIdx.x * blockDim.x + threadIdx.x, item##_end = (uint32_t)(n); item < item##_end; \
         item += gridDim.x * blockDim.x)

// Loops over rows, sixteen lanes per row. All threads of a block make the same number of rounds,
// because the lanes exchange data. A thread whose row is not below the number of rows computes
// nothing.
#define LANES 16
#define EACH_ROW(row, rows)                                                             \
    for (extent row##_first = (extent)blockIdx.x * (THREADS / LANES), row;              \
         row##_first < (rows) && (row = row##_first + threadIdx.x / LANES, true); \
         row##_first += (extent)gridDim.x * (THREADS / LANES))

// The order of a sum over the rows of a batch; see slices.go.
enum { SLICE = 64, PARTS = 16 };

// The elements of a clock; see vector.go.
enum { CLOCK_UPDATE = 0, CLOCK_POSITION = 1, CLOCK_EPOCH = 2 };

// Returns the level, among `count` levels, with which a level may be exchanged in the clock's update,
// or -1 for none: Partner of ladder.go.
ELEMENT int partner(int level, int count, const int *clock) {
    int other = level % 2 == clock[CLOCK_UPDATE] % 2 ? level + 1 : level - 1;
    return other < count ? other : -1;
}

// Adds up the sixteen partial sums of a row in halves, as fold of reduce.go does. Only lane 0
// receives the result.
ELEMENT double folded(double part) {
    for (int half = LANES / 2; half > 0; half /= 2) part += __shfl_down_sync(0xFFFFFFFFu, part, half, LANES);
    return part;
}

// Returns a value of a matrix in float32, or of its copy in bfloat16.
ELEMENT float value_of(float x) { return x; }
ELEMENT float value_of(uint16_t half) { return real_of((uint32_t)half << 16); }

// Returns this lane's part of the inner product of two rows: RowDot of reduce.go. The products
// past the last column are 0, which changes no sum.
template <class T>
ELEMENT double dot_part(const T *__restrict__ x, const float *__restrict__ c, int columns) {
    enum { AT_ONCE = 16 }; // products whose operands are loaded together, since the additions wait for each other
    double part = 0;
    for (int j = threadIdx.x % LANES; j < columns; j += AT_ONCE * LANES) {
        float a[AT_ONCE], b[AT_ONCE];
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
            bool in = j + i * LANES < columns;
            a[i] = in ? value_of(x[j + i * LANES]) : 0.0f;
            b[i] = in ? c[j + i * LANES] : 0.0f;
        }
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) part += (double)a[i] * (double)b[i];
    }
    return part;
}

#define LOWEST real_of(0xFF800000u) // minus infinity

// A column of a unit of several columns, after the first one, has this in place of a kind.
enum { KIND_REST = 0xFF };

// Returns the kind of the unit in a column. kinds (columns) may be null for the default kind.
ELEMENT uint32_t kind_at(const uint32_t *kinds, int column) { return kinds ? kinds[column] : 0; }

// Returns log Σ e^x over the fields x = beta z of the q columns of a unit.
ELEMENT float categorical_cumulant(const float *z, float beta, int q) {
    float most = LOWEST, total = 0.0f;
#pragma unroll 1
    for (int a = 0; a < q; a++) most = LARGER(beta * z[a], most);
#pragma unroll 1
    for (int a = 0; a < q; a++) total += element_exp(element_clamp(beta * z[a] - most));
    return most + element_log(total);
}

// Returns the cumulant of the unit that begins with a column, given its fields z times beta, or 0 for
// the rest of a unit. It is 0 for a unit with real states, too: reals.cu adds its cumulant.
ELEMENT float unit_cumulant(uint32_t kind, const float *z, float beta) {
    if (kind < KINDS) return kind_cumulant(kind, beta * *z);
    return kind_several(kind) ? categorical_cumulant(z, beta, kind_width(kind)) : 0.0f;
}

// Returns this lane's part of the cumulant sum of a row: CumulantSum of cumulant.go.
ELEMENT double cumulant_part(const float *z, const uint32_t *kinds, float beta, int columns) {
    double part = 0;
    for (int j = threadIdx.x % LANES; j < columns; j += LANES) {
        part += (double)unit_cumulant(kind_at(kinds, j), z + j, beta);
    }
    return part;
}

// Returns the worth of a bit of a unit.
ELEMENT float worth(int kind, int bit) { return bit ? kind_high(kind) : kind_low(kind); }

// Loads four columns from p on, or the first `some` of them and zeros. `whole` tells that they are
// at a multiple of 16 bytes, and all there.
ELEMENT void load_four(float x[4], const float *p, int some, bool whole) {
    if (whole) {
        float4 v = *(const float4 *)p;
        x[0] = v.x;
        x[1] = v.y;
        x[2] = v.z;
        x[3] = v.w;
        return;
    }
    for (int c = 0; c < 4; c++) x[c] = c < some ? p[c] : 0.0f;
}

ELEMENT void store_four(float *p, const float x[4], int some, bool whole) {
    if (whole) {
        *(float4 *)p = make_float4(x[0], x[1], x[2], x[3]);
        return;
    }
    for (int c = 0; c < 4; c++) {
        if (c < some) p[c] = x[c];
    }
}

// Reports whether all rows of a matrix begin at multiples of 16 bytes. All pointers may be null.
ELEMENT bool whole_rows(int columns, const float *x, const float *y = nullptr, const float *z = nullptr) {
    return columns % 4 == 0 && (((uintptr_t)x | (uintptr_t)y | (uintptr_t)z) & 15) == 0;
}

// Loads the kinds of four columns, or of the first `some`. kinds (columns) may be null for the default kind.
ELEMENT void load_kinds(int kind[4], const uint32_t *kinds, int column, int some) {
    for (int c = 0; c < 4; c++) kind[c] = kinds && c < some ? kinds[column + c] : 0;
}

// An item of a drawn matrix: sixteen columns of a row, in four groups of four neighbours that are
// 16 columns apart. Four calls of Philox serve them (see Draw in philox.go): word i of block+c is for
// column+16*i+c. Four neighbouring threads share a row's segments of 64 bytes.
struct sixteen {
    int row;
    uint32_t block; // the first of four blocks of random words
    int column;     // the first column
};

// Returns the number of groups of 64 columns, which are four items each.
ELEMENT int groups(int columns) { return (columns + 63) / 64; }

ELEMENT sixteen sixteen_of(uint32_t item, int columns) {
    uint32_t lane = item % 4, group = item / 4, row = group / (uint32_t)groups(columns);
    uint32_t q = group - row * (uint32_t)groups(columns);
    return {(int)row, q * 16 + lane * 4, (int)(q * 64 + lane * 4)};
}

#define EACH_SIXTEEN(item, rows, columns) EACH(item, (uint32_t)(rows) * groups(columns) * 4)

// Draws the words of sixteen columns: word[c][i] is for column+16*i+c.
ELEMENT void sixteen_words(uint32_t word[4][4], struct draw d, uint32_t row, uint32_t block) {
    for (int c = 0; c < 4; c++) element_words(word[c], d, row, block + c);
}

// Returns the place of an element in a copy in bfloat16. The rows of a copy begin at multiples of 64
// elements, so that four columns from a multiple of four on are 8 bytes at a multiple of 8. Behind
// the last column are numbers without meaning.
ELEMENT extent half_at(int row, int column, int columns) { return (extent)row * (groups(columns) * 64) + column; }

// Returns x in bfloat16, rounded to nearest, ties to even. NaN stays NaN.
ELEMENT uint32_t half_of(float x) {
    uint32_t bits = bits_of(x), rounded = (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
    return (bits & 0x7FFFFFFFu) > 0x7F800000u ? bits >> 16 | 0x40 : rounded;
}

ELEMENT void store_halves(uint16_t *p, const uint32_t half[4]) {
    *(uint2 *)p = make_uint2(half[0] | half[1] << 16, half[2] | half[3] << 16);
}

// Loads four columns from a place of a copy in bfloat16.
ELEMENT void load_halves(float x[4], const uint16_t *p) {
    uint2 v = *(const uint2 *)p;
    x[0] = real_of(v.x << 16);
    x[1] = real_of(v.x & 0xFFFF0000u);
    x[2] = real_of(v.y << 16);
    x[3] = real_of(v.y & 0xFFFF0000u);
}

// Stores the worth of four states in bfloat16, which holds it exactly.
ELEMENT void store_states(uint16_t *p, const float state[4]) {
    uint32_t half[4];
    for (int c = 0; c < 4; c++) half[c] = bits_of(state[c]) >> 16;
    store_halves(p, half);
}

// Stores a number at a place of a copy in bfloat16. Unless it is null, low receives the rest that the
// copy leaves, in bfloat16.
ELEMENT void store_one(uint16_t *high, uint16_t *low, extent at, float x) {
    uint32_t half = half_of(x);
    high[at] = (uint16_t)half;
    if (low) low[at] = (uint16_t)half_of(x - real_of(half << 16));
}

// Stores four numbers at a place of a copy in bfloat16. Unless it is null, low receives the rest that
// the copy leaves, in bfloat16.
ELEMENT void store_copy(uint16_t *high, uint16_t *low, extent at, const float x[4]) {
    uint32_t half[4];
    for (int c = 0; c < 4; c++) half[c] = half_of(x[c]);
    store_halves(high + at, half);
    if (!low) return;
    for (int c = 0; c < 4; c++) half[c] = half_of(x[c] - real_of(half[c] << 16));
    store_halves(low + at, half);
}

#endif
