// The common part of all .cu files: the arithmetic of one element on the device, and the loops of
// a grid over its items. No result depends on the size of the grid, because one thread, or a
// fixed group of sixteen neighbouring threads, computes each item.
#ifndef HARMONIUM_GRID_H
#define HARMONIUM_GRID_H

#define ELEMENT static __device__ __forceinline__
#include "kind.h"

#define THREADS 256 // per block, in every kernel

#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)

typedef long long extent; // counts elements

// Loops over n items, one item per thread.
#define EACH(item, n)                                                                                  \
    for (extent item = (extent)blockIdx.x * blockDim.x + threadIdx.x, item##_end = (n); item < item##_end; \
         item += (extent)gridDim.x * blockDim.x)

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

// Adds up the sixteen partial sums of a row in halves, as fold of reduce.go does. Only lane 0
// receives the result.
ELEMENT double folded(double part) {
    for (int half = LANES / 2; half > 0; half /= 2) part += __shfl_down_sync(0xFFFFFFFFu, part, half, LANES);
    return part;
}

// Returns this lane's part of the inner product of two rows: RowDot of reduce.go.
ELEMENT double dot_part(const float *x, const float *c, int columns) {
    double part = 0;
    for (int j = threadIdx.x % LANES; j < columns; j += LANES) part += (double)x[j] * (double)c[j];
    return part;
}

// Returns the kind of the unit in a column. kinds (columns) may be null for the default kind.
ELEMENT int kind_at(const uint8_t *kinds, int column) { return kinds ? kinds[column] : 0; }

// Returns this lane's part of the cumulant sum of a row: CumulantSum of cumulant.go.
ELEMENT double cumulant_part(const float *z, const uint8_t *kinds, float beta, int columns) {
    double part = 0;
    for (int j = threadIdx.x % LANES; j < columns; j += LANES) {
        part += (double)kind_cumulant(kind_at(kinds, j), beta * z[j]);
    }
    return part;
}

// Returns the worth of a bit of a unit.
ELEMENT float worth(int kind, int bit) { return bit ? kind_high(kind) : kind_low(kind); }

// An item of a drawn matrix: the four columns j, j+16, j+32 and j+48 of a row, which one call of
// Philox serves (see Draw in philox.go). Sixteen neighbouring threads read and write whole
// segments of 64 bytes.
struct four {
    extent row;
    uint32_t block; // index of the block of random words
    int column;     // the first of the four columns
};

ELEMENT int groups(int columns) { return (columns + 63) / 64; }

ELEMENT four four_of(extent item, int columns) {
    uint32_t lane = item % 16;
    extent group = item / 16;
    extent row = group / groups(columns);
    uint32_t q = (uint32_t)(group - row * groups(columns));
    four f = {row, q * 16 + lane, (int)(q * 64 + lane)};
    return f;
}

#define EACH_FOUR(item, rows, columns) EACH(item, (extent)(rows) * groups(columns) * 16)

// Returns the worth of a state in bfloat16, which holds it exactly.
ELEMENT uint16_t half_state(float state) { return (uint16_t)(bits_of(state) >> 16); }

#endif
