// The small steps of an update in one launch: the vectors of biases and offsets, and the clock.
// steps_gpu.go lists the steps, and vector.go, ascend.go, adam.go and nesterov.go define them.
//
// One block makes all steps, one after the other. A step that needs the result of an earlier one,
// or overwrites what an earlier one reads, waits for all threads.
#include "moves.h"

#define STEP_THREADS 512 // of the block
#define STEPS_AT_MOST 32 // of a launch

// The steps, in the order of steps_gpu.go.
enum { BLEND, BIAS_GRADIENT, ASCEND, ADD, MOMENT, ADAM, NESTEROV, TICK };

// One step, as steps_gpu.go writes it. Addresses are relative to the table of steps, so that the
// compiler sees that they are in global memory.
struct step {
    int op, wait, size, others, site, flag;
    float a, b;
    long long out, in[7];
};

// What all steps of a launch share.
struct run {
    char *base; // the table of steps
    struct faults *faults;
    uint32_t update; // the update for which faults are recorded
};

ELEMENT float *operand(const struct run &r, long long at) { return (float *)(r.base + at); }

// Stores an element of a parameter.
ELEMENT void store(const struct run &r, const struct step &t, int i, float x) {
    operand(r, t.out)[i] = x;
    check(r.faults, t.site, r.update, i, x);
}

// Begins an update of a parameter. Operand number `clock` is the clock, and the operand before it
// the rates. Returns the row of rates, or null if an earlier update left a parameter NaN or infinite.
ELEMENT const float *rates_of(struct run &r, const struct step &t, int clock) {
    const int *at = (const int *)(r.base + t.in[clock]);
    r.update = (uint32_t)at[CLOCK_UPDATE];
    begin(r.faults, r.update);
    if (stopped(r.faults, r.update)) return nullptr;
    return operand(r, t.in[clock - 1]) + 2 * (extent)at[CLOCK_POSITION];
}

#define EACH_ELEMENT(i, t) for (int i = threadIdx.x; i < (t).size; i += STEP_THREADS)

// Makes a step. No other step uses its dot.
ELEMENT void make_step(struct run &r, const struct step &t, double &dot) {
    const float *in[7];
    for (int k = 0; k < 7; k++) in[k] = operand(r, t.in[k]);
    const float *rate;
    switch (t.op) {
    case BLEND:
        EACH_ELEMENT(i, t) operand(r, t.out)[i] = blended(in[0][i], in[1][i], in[2][i], t.a);
        break;
    case BIAS_GRADIENT:
        if (threadIdx.x < 32) { // a whole warp, for the shuffles of folded: both halves compute the product
            double sum = folded(dot_part(in[4], in[5], t.others));
            if (threadIdx.x == 0) dot = sum;
        }
        __syncthreads();
        EACH_ELEMENT(i, t) {
            operand(r, t.out)[i] = corrected(in[0][i], in[1][t.size + i], in[2][t.size + i], in[3][i], dot);
        }
        break;
    case ASCEND:
        rate = rates_of(r, t, 4);
        if (!rate) break;
        EACH_ELEMENT(i, t) store(r, t, i, moved(t.flag ? rate[1] : 1.0f, in[0][i], rate[0], in[2][i], in[1][i], t.a, t.b));
        break;
    case ADD:
        if (stopped(r.faults, r.update)) break;
        EACH_ELEMENT(i, t) store(r, t, i, in[0][i] + in[1][i]);
        break;
    case MOMENT:
        EACH_ELEMENT(i, t) operand(r, t.out)[i] = averaged(in[0][i], in[1][i], t.a, t.flag);
        break;
    case ADAM:
        rate = rates_of(r, t, 4);
        if (!rate) break;
        EACH_ELEMENT(i, t) store(r, t, i, moved_by_adam(in[0][i], in[1][i], in[2][i], rate[0], rate[1]));
        break;
    case NESTEROV:
        rate = rates_of(r, t, 4);
        if (!rate) break;
        EACH_ELEMENT(i, t) store(r, t, i, moved_by_nesterov(in[0][i], in[1][i], in[2][i], rate[1]));
        break;
    case TICK:
        if (threadIdx.x == 0) {
            int *out = (int *)(r.base + t.out);
            const int *clock = (const int *)(r.base + t.in[0]);
            out[CLOCK_UPDATE] = clock[CLOCK_UPDATE] + 1;
            out[CLOCK_POSITION] = clock[CLOCK_POSITION] + 1;
            out[CLOCK_EPOCH] = clock[CLOCK_EPOCH];
        }
    }
}

// Makes `count` steps, at most STEPS_AT_MOST.
extern "C" __global__ void __launch_bounds__(STEP_THREADS, 1) vector_steps(struct step *steps, int count, struct faults *faults) {
    __shared__ struct step all[STEPS_AT_MOST];
    __shared__ double dot[STEPS_AT_MOST];
    struct run r = {(char *)steps, faults, faults->now};
    if (threadIdx.x < count) all[threadIdx.x] = steps[threadIdx.x];
    __syncthreads();
    for (int k = 0; k < count; k++) {
        if (all[k].wait) __syncthreads();
        make_step(r, all[k], dot[k]);
    }
}
