// The small steps of an update: the clock, and what biases and offsets need. vector.go is the
// definition; the bits are its. One element a thread.
#include "grid.h"

// out is the clock one update later; out may be the clock.
KERNEL tick(int *out, const int *clock) {
    if (blockIdx.x != 0 || threadIdx.x != 0) return;
    out[CLOCK_UPDATE] = clock[CLOCK_UPDATE] + 1;
    out[CLOCK_POSITION] = clock[CLOCK_POSITION] + 1;
    out[CLOCK_EPOCH] = clock[CLOCK_EPOCH];
}

// out is x, but where the pattern is not NaN it is the pattern.
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

// out is offset + rate*(½(data + chains) - offset); out may be the offset.
KERNEL blend(float *out, const float *offset, const float *data, const float *chains, float rate, int size) {
    EACH(at, size) {
        float c = offset[at];
        float mean = 0.5f * (data[at] + chains[at]);
        out[at] = c + rate * (mean - c);
    }
}

// out (size) is difference - (data - chains - offset * (δ·κ)) in float64, with data and
// chains the weighted means behind the size plain ones, and δ and κ (others) the
// difference and the offsets of the other layer.
KERNEL bias_gradient(float *out, const float *difference, const float *data, const float *chains,
                     const float *offset, const float *other_difference, const float *other_offset, int size,
                     int others) {
    __shared__ double dot;
    double part = folded(dot_part(other_difference, other_offset, others));
    if (threadIdx.x == 0) dot = part;
    __syncthreads();
    EACH(at, size) {
        double correction = (double)data[size + at] - (double)chains[size + at] - (double)offset[at] * dot;
        out[at] = (float)((double)difference[at] - correction);
    }
}
