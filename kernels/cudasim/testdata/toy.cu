// Kernels that keep the rules, for the simulator's own tests. The PTX beside this file is the
// output of nvcc -ptx -arch=compute_70 -fmad=false. The same holds for broken.cu.

// z = x + y
extern "C" __global__ void __launch_bounds__(256) toy_add(float *z, const float *x, const float *y, unsigned n) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) z[i] = x[i] + y[i];
}

// Sums 256 values per block: by shuffles within a warp, and by shared memory between warps.
extern "C" __global__ void __launch_bounds__(256) toy_sum(float *sums, const float *x) {
    __shared__ float part[8];
    float sum = x[blockIdx.x * 256 + threadIdx.x];
    for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xFFFFFFFFu, sum, step);
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x >= 32) return;
    sum = threadIdx.x < 8 ? part[threadIdx.x] : 0.0f;
    for (int step = 4; step > 0; step /= 2) sum += __shfl_down_sync(0xFFFFFFFFu, sum, step);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// Each block reverses the order of its 64 values.
extern "C" __global__ void __launch_bounds__(64) toy_reverse(float *x) {
    __shared__ float tile[64];
    tile[threadIdx.x] = x[blockIdx.x * 64 + threadIdx.x];
    __syncthreads();
    x[blockIdx.x * 64 + threadIdx.x] = tile[63 - threadIdx.x];
}

// Counts the values above 0.
extern "C" __global__ void toy_count(unsigned *count, const float4 *x, unsigned fours) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 v = i < fours ? x[i] : make_float4(0, 0, 0, 0);
    unsigned mine = (v.x > 0) + (v.y > 0) + (v.z > 0) + (v.w > 0);
    for (int step = 16; step > 0; step /= 2) mine += __shfl_xor_sync(0xFFFFFFFFu, mine, step);
    if (threadIdx.x % 32 == 0) atomicAdd(count, mine);
}

// Copies shared memory to the output. Only its first `written` floats are written before.
extern "C" __global__ void toy_fresh(float *x, unsigned written) {
    __shared__ float tile[64];
    if (threadIdx.x < written) tile[threadIdx.x] = 1;
    x[threadIdx.x] = tile[threadIdx.x];
}
