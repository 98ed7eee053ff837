// The small steps of an update: the clock, and the vectors of biases and offsets. vector.go is
// the definition, and the bits are the same. One thread computes one element.
#include "moves.h"

// out is the clock one update later. out may be the clock.
KERNEL tick(int *out, const int *clock) {
    if (blockIdx.x != 0 || threadIdx.x != 0) return;
    out[CLOCK_UPDATE] = clock[CLOCK_UPDATE] + 1;
    out[CLOCK_POSITION] = clock[CLOCK_POSITION] + 1;
    out[CLOCK_EPOCH] = clock[CLOCK_EPOCH];
}

// out is the pattern where that is not NaN, else x.
KERNEL clamp(float *out, const float *x, const float *pattern, extent size) {
    EACH(at, size) {
        float fixed = pattern[at];
        out[at] = fixed == fixed ? fixed : x[at];
    }
}

// out is data - chains.
KERNEL difference(float *out, const float *data, const float *chains, int size) {
    EACH(at, size) out[at] = data[at] - chains[at];
}

// out is offset + rate*(½(data + chains) - offset). out may be the offset.
KERNEL blend(float *out, const float *offset, const float *data, const float *chains, float rate, int size) {
    EACH(at, size) out[at] = blended(offset[at], data[at], chains[at], rate);
}

// out (size) is difference - (data - chains - offset * (δ·κ)), computed in float64. data and
// chains are the weighted means, which follow `size` plain means. δ and κ (others) are the
// difference and the offsets of the other layer. One block computes all, since every element needs
// the product, which each sixteen of its threads compute.
KERNEL bias_gradient(float *out, const float *difference, const float *data, const float *chains,
                     const float *offset, const float *other_difference, const float *other_offset, int size,
                     int others) {
    __shared__ double dot;
    double part = folded(dot_part(other_difference, other_offset, others));
    if (threadIdx.x == 0) dot = part;
    __syncthreads();
    EACH(at, size) out[at] = corrected(difference[at], data[size + at], chains[size + at], offset[at], dot);
}
