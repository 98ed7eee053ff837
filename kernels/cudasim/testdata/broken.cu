// Kernels that each break a rule, which the simulator must report.

// Writes one element too many.
extern "C" __global__ void broken_bound(float *x, int n) {
    if (threadIdx.x <= n) x[threadIdx.x] = 1;
}

// Reads far outside of its operand.
extern "C" __global__ void broken_pointer(float *x, int at) { x[0] = x[at]; }

// Accesses shared memory out of bounds.
extern "C" __global__ void broken_shared(float *x) {
    __shared__ float tile[32];
    tile[threadIdx.x + 1] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = tile[threadIdx.x];
}

// Reads four floats from an address that is only a multiple of 4 bytes.
extern "C" __global__ void broken_alignment(float *x) {
    float4 v = *reinterpret_cast<const float4 *>(x + 1);
    x[0] = v.x;
}

// Half of the threads do not reach the barrier.
extern "C" __global__ void broken_barrier(float *x) {
    if (threadIdx.x < 32) __syncthreads();
    x[threadIdx.x] = 0;
}

// The threads wait at two different barriers.
extern "C" __global__ void broken_branch(float *x) {
    if (threadIdx.x < 32) {
        __syncthreads();
    } else {
        x[threadIdx.x] = 1;
        __syncthreads();
    }
}

// Reads a value that another thread writes, without a barrier.
extern "C" __global__ void broken_race(float *x) {
    x[threadIdx.x] = threadIdx.x;
    x[threadIdx.x + 64] = x[63 - threadIdx.x];
}

// A lane calls a shuffle whose mask excludes the lane.
extern "C" __global__ void broken_mask(float *x) {
    x[threadIdx.x] = __shfl_xor_sync(0x0000FFFFu, x[threadIdx.x], 1);
}

// Half of a warp does not reach the shuffle.
extern "C" __global__ void broken_shuffle(float *x) {
    if (threadIdx.x < 16) x[threadIdx.x] = __shfl_xor_sync(0xFFFFFFFFu, x[threadIdx.x], 1);
}
