// One pass through the units of a layer with couplings among them: sweep.go is the definition.
//
// One block computes a row. The fields of the row are in the room. Every thread draws every unit from the same
// fields. Where the unit changes, each thread moves the fields of its columns, and all threads wait for each other
// before and after that. They also wait around the draw of the next random numbers, one a thread. A row of couplings
// is read once per change.
#include "grid.h"

// A unit of the layer: its first column, the column of its random number, and its kind.
struct swept {
    uint32_t first, drawn, kind;
};

// Returns the i-th unit to be drawn.
ELEMENT struct swept unit_at(const struct swept *table, int i, int units, int backward) {
    return table[backward ? units - 1 - i : i];
}

// The fields of a row: y and, unless it is null, base at weights beta and rest = 1 - beta (path.go).
struct fields {
    const float *y, *base;
    float beta, rest;
};

ELEMENT float field_of(const struct fields &f, int j) {
    return f.base ? f.beta * f.y[j] + f.rest * f.base[j] : f.beta * f.y[j];
}

// Returns e^(field - most) of column j of a unit whose largest field is `most`.
ELEMENT float term_of(const struct fields &f, float most, int j) {
    return element_exp(element_clamp(field_of(f, j) - most));
}

// Returns the state of a unit of q columns from column j on, given a uniform number.
ELEMENT int chosen(const struct fields &f, int j, int q, float u) {
    float most = LOWEST, total = 0.0f, sum = 0.0f;
    int state = 0;
    for (int a = 0; a < q; a++) most = LARGER(field_of(f, j + a), most);
    for (int a = 0; a < q; a++) total += term_of(f, most, j + a);
    float level = u * total;
    for (int a = 0; a < q - 1; a++) {
        sum += term_of(f, most, j + a);
        state += !(level < sum);
    }
    return state;
}

// Adds to the fields of this thread's columns the effect of changes of columns `from` and `to` by -down and up, in
// rising order of the two. A negative column stands for none.
ELEMENT void follow(float *y, const float *couplings, int columns, int from, float down, int to, float up) {
    for (int j = threadIdx.x; j < columns; j += blockDim.x) {
        float x = y[j];
        if (from >= 0 && (to < 0 || from < to)) x = x + -down * couplings[(extent)from * columns + j];
        if (to >= 0) x = x + up * couplings[(extent)to * columns + j];
        if (from >= 0 && to >= 0 && from > to) x = x + -down * couplings[(extent)from * columns + j];
        y[j] = x;
    }
}

// s (rows, columns) are the states after the sweep, and half the same in bfloat16; v the states before it,
// with the fields z. No two of them overlap. table has `units` units, drawn from the last to the first if
// backward. Where free (rows, columns) is 0, a unit keeps its state. room (rows, columns) holds the fields. half and
// free may be null. Row n has the random numbers of row first_row+n. The other operands are as in activate of
// activate.cu.
KERNEL sweep_rows(float *s, uint16_t *half, float *room, const float *v, const float *z, const float *couplings,
                  const float *free, const struct swept *table, const float *base, const float *betas, const float *levels,
                  const int *clock, int ahead, uint32_t key0, uint32_t key1, uint32_t stream, uint32_t first_row, uint32_t step, int backward,
                  int units, int rows, int columns) {
    __shared__ float uniform[THREADS];
    struct draw d = {key0, key1, stream, first_row, (uint32_t)clock[CLOCK_UPDATE], step};
    for (int n = blockIdx.x; n < rows; n += gridDim.x) {
        extent row = (extent)n * columns;
        float *y = room + row;
        for (int j = threadIdx.x; j < columns; j += blockDim.x) {
            y[j] = z[row + j];
            s[row + j] = v[row + j];
        }
        float beta = !base ? 1.0f : levels ? betas[(int)levels[n]] : betas[clock[CLOCK_UPDATE] + ahead];
        struct fields f = {y, base, beta, 1.0f - beta};
        for (int begin = 0; begin < units; begin += blockDim.x) {
            __syncthreads();
            if (begin + (int)threadIdx.x < units) {
                uint32_t word[4], column = unit_at(table, begin + threadIdx.x, units, backward).drawn;
                element_words(word, d, (uint32_t)n, column / 64 * 16 + column % 16);
                uniform[threadIdx.x] = element_uniform(word[column % 64 / 16]);
            }
            __syncthreads();
            for (int k = 0; k < (int)blockDim.x && begin + k < units; k++) {
                struct swept unit = unit_at(table, begin + k, units, backward);
                int first = (int)unit.first, from = -1, to = -1;
                if (free && free[row + first] == 0.0f) continue;
                float down, up;
                int q = kind_width(unit.kind);
                if (kind_several(unit.kind)) {
                    down = up = 1.0f;
                    to = chosen(f, first, q, uniform[k]);
                    from = q - 1;
                    for (int a = q - 1; a >= 0; a--) from = v[row + first + a] != 0.0f ? a : from;
                    if (to == from) continue;
                    from += first;
                    to += first;
                } else {
                    down = up = kind_high(unit.kind) - kind_low(unit.kind);
                    bool bit = uniform[k] < kind_chance(unit.kind, field_of(f, first));
                    if (bit == (v[row + first] != kind_low(unit.kind))) continue;
                    if (bit) to = first;
                    else from = first;
                }
                __syncthreads();
                follow(y, couplings, columns, from, down, to, up);
                if (threadIdx.x == 0) {
                    if (from >= 0) s[row + from] = kind_several(unit.kind) ? 0.0f : kind_low(unit.kind);
                    if (to >= 0) s[row + to] = kind_several(unit.kind) ? 1.0f : kind_high(unit.kind);
                }
                __syncthreads();
            }
        }
        __syncthreads();
        if (half) {
            for (int j = threadIdx.x; j < columns; j += blockDim.x) half[half_at(n, j, columns)] = (uint16_t)(bits_of(s[row + j]) >> 16);
        }
    }
}
