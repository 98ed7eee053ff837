// Keeps the rules, and compares the results of the simulator with the correct ones. The
// argument names the case.
#include <cublas_v2.h>
#include <math.h>

#include "program.h"

#define WANT(condition, ...)                                                            \
    do {                                                                                \
        if (condition) break;                                                           \
        printf("%s: ", #condition);                                                     \
        printf(__VA_ARGS__);                                                            \
        exit(7);                                                                        \
    } while (0)

enum { N = 1000, BLOCKS = 40 };
static float x[BLOCKS * 256], y[BLOCKS * 256], z[BLOCKS * 256];

static CUdeviceptr upload(const void *from, size_t bytes) {
    CUdeviceptr p = allocate(bytes);
    CHECK(cuMemcpyHtoD(p, from, bytes));
    return p;
}

static void launch(const char *name, unsigned grid, unsigned threads, void **cells) {
    CHECK(cuLaunchKernel(kernel(name), grid, 1, 1, threads, 1, 1, 0, stream, cells, NULL));
}

static void synchronize(void) { CHECK(cuStreamSynchronize(stream)); }

static void copies(void) {
    for (int i = 0; i < N; i++) x[i] = i;
    CUdeviceptr a = upload(x, sizeof x), b = allocate(sizeof x);
    CHECK(cuMemcpyDtoDAsync(b, a, sizeof x, stream));
    CHECK(cuMemsetD32Async(b + 40, 0x3F800000, 10, stream)); // 1.0f
    CHECK(cuMemsetD8Async(b + 80, 0, 4, stream));
    synchronize();
    CHECK(cuMemcpyDtoH(z, b, sizeof z));
    for (int i = 0; i < N; i++) {
        float want = i == 20 ? 0 : i >= 10 && i < 20 ? 1 : i;
        WANT(z[i] == want, "element %d: got %g, want %g\n", i, z[i], want);
    }
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(b));
}

static void launches(void) {
    for (int i = 0; i < N; i++) x[i] = i, y[i] = 3 * i;
    long long n = N;
    CUdeviceptr a = upload(x, 4 * N), b = upload(y, 4 * N), c = allocate(4 * N);
    launch("toy_add", 4, 256, (void *[]){&c, &a, &b, &n});
    synchronize();
    CHECK(cuMemcpyDtoH(z, c, 4 * N));
    for (int i = 0; i < N; i++) WANT(z[i] == 4 * i, "element %d: got %g, want %d\n", i, z[i], 4 * i);
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(b));
    CHECK(cuMemFree(c));
}

static void barriers(void) {
    for (int i = 0; i < BLOCKS * 64; i++) x[i] = i;
    CUdeviceptr a = upload(x, sizeof x);
    launch("toy_reverse", BLOCKS, 64, (void *[]){&a});
    synchronize();
    CHECK(cuMemcpyDtoH(z, a, sizeof z));
    for (int i = 0; i < BLOCKS * 64; i++) {
        float want = i / 64 * 64 + 63 - i % 64;
        WANT(z[i] == want, "element %d: got %g, want %g\n", i, z[i], want);
    }
    CHECK(cuMemFree(a));
}

static void shuffles(void) { // every sum is an integer below 2^24 and therefore exact
    for (int i = 0; i < BLOCKS * 256; i++) x[i] = i % 1009;
    CUdeviceptr a = upload(x, sizeof x), sums = allocate(4 * BLOCKS);
    launch("toy_sum", BLOCKS, 256, (void *[]){&sums, &a});
    synchronize();
    CHECK(cuMemcpyDtoH(z, sums, 4 * BLOCKS));
    for (int block = 0; block < BLOCKS; block++) {
        float want = 0;
        for (int i = 0; i < 256; i++) want += x[block * 256 + i];
        WANT(z[block] == want, "block %d: got %g, want %g\n", block, z[block], want);
    }
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(sums));
}

static void atomics(void) {
    unsigned got, want = 0;
    for (int i = 0; i < BLOCKS * 256; i++) want += (x[i] = i % 3 - 1) > 0;
    long long fours = BLOCKS * 64;
    CUdeviceptr a = upload(x, sizeof x), counter = allocate(4);
    CHECK(cuMemsetD32Async(counter, 0, 1, stream));
    launch("toy_count", BLOCKS, 64, (void *[]){&counter, &a, &fours});
    synchronize();
    CHECK(cuMemcpyDtoH(&got, counter, 4));
    WANT(got == want, "got %u, want %u\n", got, want);
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(counter));
}

// Pageable memory is read before the call returns, and written before it returns.
static void pageable(void) {
    CUdeviceptr a = allocate(4);
    float value = 3;
    CHECK(cuMemcpyHtoDAsync(a, &value, 4, stream));
    value = 4;
    CHECK(cuMemcpyDtoHAsync(z, a, 4, stream));
    WANT(z[0] == 3, "got %g\n", z[0]);
    CHECK(cuMemFree(a));
}

// A captured graph does nothing until it is launched. Then it reads the present contents.
static void replay(void) {
    long long n = N;
    CUdeviceptr a = allocate(4 * N), sum = allocate(4 * N);
    CUgraph graph;
    CUgraphExec exec;
    float *pinned;
    CHECK(cuMemHostAlloc((void **)&pinned, 4 * N, 0));
    CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CHECK(cuMemsetD8Async(sum, 0, 4 * N, stream));
    launch("toy_add", 4, 256, (void *[]){&sum, &a, &sum, &n});
    launch("toy_add", 4, 256, (void *[]){&sum, &a, &sum, &n});
    CHECK(cuMemcpyDtoHAsync(pinned, sum, 4 * N, stream));
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    CHECK(cuGraphDestroy(graph));
    for (int round = 1; round < 4; round++) {
        for (int i = 0; i < N; i++) x[i] = round * i;
        CHECK(cuMemcpyHtoD(a, x, 4 * N));
        pinned[N - 1] = -1;
        CHECK(cuGraphLaunch(exec, stream));
        WANT(pinned[N - 1] == -1, "the graph ran before it was waited for\n");
        synchronize();
        for (int i = 0; i < N; i++) WANT(pinned[i] == 2 * round * i, "round %d, element %d: got %g\n", round, i, pinned[i]);
    }
    CHECK(cuGraphExecDestroy(exec));
    CHECK(cuMemFreeHost(pinned));
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(sum));
}

// Work in one stream waits for an event in another stream.
static void events(void) {
    CUstream other;
    CUevent event;
    float *pinned;
    CUdeviceptr a = allocate(4);
    CHECK(cuMemHostAlloc((void **)&pinned, 8, 0));
    CHECK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    CHECK(cuEventCreate(&event, 0));
    CHECK(cuMemsetD32Async(a, 0x3F800000, 1, stream));
    CHECK(cuEventRecord(event, stream));
    CHECK(cuMemsetD32Async(a, 0, 1, stream));
    CHECK(cuStreamWaitEvent(other, event, 0));
    CHECK(cuMemcpyDtoHAsync(pinned, a, 4, other));
    CHECK(cuStreamSynchronize(other));
    WANT(*pinned == 1, "got %g\n", *pinned);
    CHECK(cuEventSynchronize(event));
    CHECK(cuEventDestroy(event));
    CHECK(cuStreamDestroy(other));
    CHECK(cuMemFreeHost(pinned));
    CHECK(cuMemFree(a));
}

// A branch of a graph runs beside the others, in either order, between the events that bound it.
static void branches(void) {
    long long n = N;
    CUstream other;
    CUevent event;
    CUgraph graph;
    CUgraphExec exec;
    CUdeviceptr a = allocate(4 * N), b = allocate(4 * N), c = allocate(4 * N);
    CHECK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    CHECK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CHECK(cuMemsetD32Async(a, 0x3F800000, N, stream)); // 1.0f
    CHECK(cuEventRecord(event, stream));
    CHECK(cuStreamWaitEvent(other, event, 0));
    CHECK(cuLaunchKernel(kernel("toy_add"), 4, 1, 1, 256, 1, 1, 0, other, (void *[]){&b, &a, &a, &n}, NULL)); // 2
    launch("toy_add", 4, 256, (void *[]){&c, &a, &a, &n});                                                  // 2
    launch("toy_add", 4, 256, (void *[]){&c, &c, &a, &n});                                                  // 3
    CHECK(cuEventRecord(event, other));
    CHECK(cuStreamWaitEvent(stream, event, 0));
    launch("toy_add", 4, 256, (void *[]){&a, &b, &c, &n});
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    CHECK(cuGraphDestroy(graph));
    for (int round = 0; round < 2; round++) {
        CHECK(cuGraphLaunch(exec, stream));
        synchronize();
        CHECK(cuMemcpyDtoH(z, a, 4 * N));
        for (int i = 0; i < N; i++) WANT(z[i] == 5, "round %d, element %d: got %g, want 5\n", round, i, z[i]);
    }
    // Without the second wait the last kernel reads what the branch has not written, every second time.
    CHECK(cuMemsetD32Async(b, 0, N, stream));
    CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CHECK(cuEventRecord(event, stream));
    CHECK(cuStreamWaitEvent(other, event, 0));
    CHECK(cuMemsetD32Async(b, 0x40000000, N, other)); // 2.0f
    launch("toy_add", 4, 256, (void *[]){&c, &b, &b, &n});
    CHECK(cuEventRecord(event, other));
    CHECK(cuStreamWaitEvent(stream, event, 0));
    CHECK(cuMemsetD32Async(b, 0, N, stream));
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuGraphExecDestroy(exec));
    CHECK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    CHECK(cuGraphDestroy(graph));
    for (int round = 0; round < 2; round++) {
        CHECK(cuGraphLaunch(exec, stream));
        synchronize();
        CHECK(cuMemcpyDtoH(z, c, 4 * N));
        WANT(z[7] == (round ? 0 : 4), "round %d: got %g\n", round, z[7]);
    }
    CHECK(cuGraphExecDestroy(exec));
    CHECK(cuEventDestroy(event));
    CHECK(cuStreamDestroy(other));
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(b));
    CHECK(cuMemFree(c));
}

// Events in a graph take the time at every replay.
static void times(void) {
    CUevent before, after;
    CUgraph graph;
    CUgraphExec exec;
    float milliseconds;
    CUdeviceptr a = allocate(4 * N);
    CHECK(cuEventCreate(&before, 0));
    CHECK(cuEventCreate(&after, 0));
    CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CHECK(cuEventRecordWithFlags(before, stream, CU_EVENT_RECORD_EXTERNAL));
    CHECK(cuMemsetD32Async(a, 1, N, stream));
    CHECK(cuEventRecordWithFlags(after, stream, CU_EVENT_RECORD_EXTERNAL));
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    CHECK(cuGraphDestroy(graph));
    CHECK(cuGraphLaunch(exec, stream));
    WANT(cuEventElapsedTime(&milliseconds, before, after) == CUDA_ERROR_NOT_READY, "the graph has not run yet\n");
    for (int i = 0; i < 2; i++) {
        synchronize();
        CHECK(cuEventElapsedTime(&milliseconds, before, after));
        WANT(milliseconds > 0 && milliseconds < 10000, "got %g ms\n", milliseconds);
        CHECK(cuEventElapsedTime(&milliseconds, after, before));
        WANT(milliseconds < 0, "backwards: got %g ms\n", milliseconds);
        CHECK(cuGraphLaunch(exec, stream));
    }
    synchronize();
    CHECK(cuGraphExecDestroy(exec));
    CHECK(cuEventDestroy(before));
    CHECK(cuEventDestroy(after));
    CHECK(cuMemFree(a));
}

// Events outside of a graph take the time at which the work before them is done.
static void stretches(void) {
    CUevent before, after;
    float milliseconds;
    CUdeviceptr a = allocate(4 * N);
    CHECK(cuEventCreate(&before, 0));
    CHECK(cuEventCreate(&after, 0));
    CHECK(cuEventRecord(before, stream));
    CHECK(cuMemsetD32Async(a, 1, N, stream));
    CHECK(cuEventRecord(after, stream));
    WANT(cuEventElapsedTime(&milliseconds, before, after) == CUDA_ERROR_NOT_READY, "the fill has not run yet\n");
    CHECK(cuEventSynchronize(after));
    CHECK(cuEventElapsedTime(&milliseconds, before, after));
    WANT(milliseconds > 0 && milliseconds < 10000, "got %g ms\n", milliseconds);
    CHECK(cuEventDestroy(before));
    CHECK(cuEventDestroy(after));
    CHECK(cuMemFree(a));
}

// Each device has one primary context, which lives as long as it has users, and an identifier of its own.
static void primary(void) {
    CUcontext first, again, second, outer = context;
    CUuuid ids[2];
    CHECK(cuDevicePrimaryCtxRetain(&first, 0));
    CHECK(cuDevicePrimaryCtxRetain(&again, 0));
    CHECK(cuDevicePrimaryCtxRetain(&second, 1));
    WANT(first == again && first != second, "the contexts are %p, %p and %p\n", (void *)first, (void *)again, (void *)second);
    CHECK(cuDeviceGetUuid(&ids[0], 0));
    CHECK(cuDeviceGetUuid(&ids[1], 1));
    WANT(memcmp(&ids[0], &ids[1], sizeof ids[0]), "both devices have one identifier\n");
    CHECK(cuDevicePrimaryCtxRelease(0));
    CHECK(cuCtxSetCurrent(first));
    CHECK(cuMemFree(allocate(64)));
    CHECK(cuCtxSetCurrent(outer));
    CHECK(cuDevicePrimaryCtxRelease(0));
    CHECK(cuDevicePrimaryCtxRelease(1));
}

// Two halves of pinned and of device memory take turns. One stream copies to a half after
// another stream has read it, and the host fills a half after its copy is done.
static void chunks(void) {
    enum { CHUNKS = 7, SIZE = 64 };
    CUstream copies;
    CUevent arrived[2], read;
    float *pinned[2];
    CUdeviceptr device = allocate(2 * SIZE * 4), all = allocate(CHUNKS * SIZE * 4);
    CHECK(cuStreamCreate(&copies, CU_STREAM_NON_BLOCKING));
    CHECK(cuEventCreate(&read, CU_EVENT_DISABLE_TIMING));
    for (int i = 0; i < 2; i++) {
        CHECK(cuEventCreate(&arrived[i], CU_EVENT_DISABLE_TIMING));
        CHECK(cuMemHostAlloc((void **)&pinned[i], SIZE * 4, 0));
    }
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        int half = chunk % 2;
        CUdeviceptr to = device + half * SIZE * 4;
        CHECK(cuEventSynchronize(arrived[half]));
        for (int i = 0; i < SIZE; i++) pinned[half][i] = chunk * SIZE + i;
        CHECK(cuEventRecord(read, stream));
        CHECK(cuStreamWaitEvent(copies, read, 0));
        CHECK(cuMemcpyHtoDAsync(to, pinned[half], SIZE * 4, copies));
        CHECK(cuEventRecord(arrived[half], copies));
        CHECK(cuStreamWaitEvent(stream, arrived[half], 0));
        CHECK(cuMemcpyDtoDAsync(all + chunk * SIZE * 4, to, SIZE * 4, stream));
    }
    CHECK(cuMemcpyDtoHAsync(z, all, CHUNKS * SIZE * 4, stream));
    for (int i = 0; i < CHUNKS * SIZE; i++) WANT(z[i] == i, "element %d: got %g\n", i, z[i]);
    for (int i = 0; i < 2; i++) {
        CHECK(cuEventDestroy(arrived[i]));
        CHECK(cuMemFreeHost(pinned[i]));
    }
    CHECK(cuEventDestroy(read));
    CHECK(cuStreamDestroy(copies));
    CHECK(cuMemFree(device));
    CHECK(cuMemFree(all));
}

// The test sets CUDASIM_COPIES to early. A copy then overwrites memory before the work of
// another stream reads it, since the copy does not wait for that work.
static void early(void) {
    CUstream copies;
    float *pinned, one = 1;
    CUdeviceptr a = upload(&one, 4), b = allocate(4);
    CHECK(cuStreamCreate(&copies, CU_STREAM_NON_BLOCKING));
    CHECK(cuMemHostAlloc((void **)&pinned, 4, 0));
    *pinned = 2;
    CHECK(cuMemcpyDtoDAsync(b, a, 4, stream));
    CHECK(cuMemcpyHtoDAsync(a, pinned, 4, copies));
    CHECK(cuMemcpyDtoHAsync(z, b, 4, stream));
    WANT(z[0] == 2, "got %g\n", z[0]);
    CHECK(cuStreamDestroy(copies));
    CHECK(cuMemFreeHost(pinned));
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(b));
}

// Memory that was never written holds NaN, on the device and shared.
static void fresh(void) {
    long long written = 3;
    CUdeviceptr a = allocate(64 * 4);
    CHECK(cuMemcpyDtoH(z, a, 64 * 4));
    for (int i = 0; i < 64; i++) WANT(isnan(z[i]), "device memory, element %d: got %g\n", i, z[i]);
    launch("toy_fresh", 1, 64, (void *[]){&a, &written});
    synchronize();
    CHECK(cuMemcpyDtoH(z, a, 64 * 4));
    for (int i = 0; i < 64; i++) WANT(i < written ? z[i] == 1 : isnan(z[i]), "shared memory, element %d: got %g\n", i, z[i]);
    CHECK(cuMemFree(a));
}

// The test sets the memory to 1 MiB.
static void memory(void) {
    size_t available, total;
    CUdeviceptr a = allocate(512 << 10), b;
    CHECK(cuMemGetInfo(&available, &total));
    WANT(total == 1 << 20 && available == 512 << 10, "%zu of %zu bytes\n", available, total);
    int code = cuMemAlloc(&b, (512 << 10) + 1);
    WANT(code == CUDA_ERROR_OUT_OF_MEMORY, "code %d\n", code);
    CHECK(cuMemFree(a));
    CHECK(cuMemAlloc(&b, 1 << 20));
    CHECK(cuMemFree(b));
}

// With CUDASIM_VIOLATIONS=return a call that breaks a rule returns CUDA's code.
static void codes(void) {
    CUdeviceptr p = allocate(64);
    CUgraph graph;
    int code = cuMemcpyDtoH(z, p, 65);
    WANT(code == CUDA_ERROR_INVALID_VALUE, "code %d\n", code);
    CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    code = cuStreamSynchronize(stream);
    WANT(code == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "code %d\n", code);
    code = cuStreamEndCapture(stream, &graph);
    WANT(code == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED && !graph, "code %d\n", code);
    CHECK(cuMemFree(p));
}

static uint16_t half(float value) { // exact for small integers
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits >> 16;
}

// c = alpha op(a) op(b) + beta c, with gaps behind the columns of the matrices. The elements
// are small integers, so every sum is exact, also in bfloat16.
static void product(cublasHandle_t handle, int m, int n, int k, int turn_a, int turn_b, float beta, int bfloat16) {
    int lda = (turn_a ? k : m) + 3, ldb = (turn_b ? n : k) + 1, ldc = m + 2;
    int size_a = lda * (turn_a ? m : k), size_b = ldb * (turn_b ? k : n), size_c = ldc * n;
    float *a = malloc(4 * size_a), *b = malloc(4 * size_b), *c = malloc(4 * size_c), *got = malloc(4 * size_c), alpha = 2;
    uint16_t *half_a = malloc(2 * size_a), *half_b = malloc(2 * size_b);
    for (int i = 0; i < size_a; i++) half_a[i] = half(a[i] = i * 7 % 11 - 5);
    for (int i = 0; i < size_b; i++) half_b[i] = half(b[i] = i * 5 % 13 - 6);
    for (int i = 0; i < size_c; i++) c[i] = i % 17;
    CUdeviceptr da = bfloat16 ? upload(half_a, 2 * size_a) : upload(a, 4 * size_a);
    CUdeviceptr db = bfloat16 ? upload(half_b, 2 * size_b) : upload(b, 4 * size_b), dc = upload(c, 4 * size_c);
    cublasOperation_t op_a = turn_a ? CUBLAS_OP_T : CUBLAS_OP_N, op_b = turn_b ? CUBLAS_OP_T : CUBLAS_OP_N;
    if (bfloat16) {
        CHECK(cublasGemmEx(handle, op_a, op_b, m, n, k, &alpha, (void *)da, CUDA_R_16BF, lda, (void *)db, CUDA_R_16BF, ldb,
                           &beta, (void *)dc, CUDA_R_32F, ldc, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
    } else {
        CHECK(cublasSgemm_v2(handle, op_a, op_b, m, n, k, &alpha, (float *)da, lda, (float *)db, ldb, &beta, (float *)dc, ldc));
    }
    synchronize();
    CHECK(cuMemcpyDtoH(got, dc, 4 * size_c));
    for (int j = 0; j < n; j++) {
        for (int i = 0; i < ldc; i++) {
            float sum = 0;
            for (int l = 0; l < k && i < m; l++) sum += a[turn_a ? i * lda + l : l * lda + i] * b[turn_b ? l * ldb + j : j * ldb + l];
            float want = i < m ? alpha * sum + beta * c[j * ldc + i] : c[j * ldc + i];
            WANT(got[j * ldc + i] == want, "m %d n %d k %d op %d %d, element %d %d: got %g, want %g\n", m, n, k, turn_a,
                 turn_b, i, j, got[j * ldc + i], want);
        }
    }
    CHECK(cuMemFree(da));
    CHECK(cuMemFree(db));
    CHECK(cuMemFree(dc));
    free(a), free(b), free(c), free(got), free(half_a), free(half_b);
}

static void products(void) {
    // blas.cc computes tiles of 16 by 6 over 256 inner terms: exactly one tile, one more in each direction, and others.
    static const int shapes[][3] = {{16, 6, 256}, {17, 7, 257}, {1, 1, 1}, {5, 40, 3}, {100, 130, 300}, {33, 1, 600}};
    cublasHandle_t handle;
    CHECK(cublasCreate_v2(&handle));
    CHECK(cublasSetStream_v2(handle, stream));
    CUdeviceptr workspace = allocate(8192);
    CHECK(cublasSetWorkspace_v2(handle, (void *)workspace, 8192));
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int variant = 0; variant < 16; variant++) { // a bit each for op(a), op(b), beta and bfloat16
            product(handle, shapes[s][0], shapes[s][1], shapes[s][2], variant & 1, variant >> 1 & 1, variant >> 2 & 1, variant >> 3);
        }
    }
    CHECK(cublasDestroy_v2(handle));
    CHECK(cuMemFree(workspace));
}

// (1 + 2^-11) * 1 keeps its last bit in float32. In TF32 it is halfway between two numbers and is rounded up.
// With beta 0, the NaN of the new memory in C has no effect.
static void math_modes(void) {
    cublasHandle_t handle;
    float one = 1, zero = 0, value = 1 + 0x1p-11f;
    CUdeviceptr a = upload(&value, 4), b = upload(&one, 4), c = allocate(4);
    CHECK(cublasCreate_v2(&handle));
    CHECK(cublasSetStream_v2(handle, stream));
    static const struct { cublasMath_t mode; float want; } modes[] = {
        {CUBLAS_DEFAULT_MATH, 1 + 0x1p-11f}, {CUBLAS_TF32_TENSOR_OP_MATH, 1 + 0x1p-10f}, {CUBLAS_PEDANTIC_MATH, 1 + 0x1p-11f}};
    for (int i = 0; i < 3; i++) {
        CHECK(cublasSetMathMode(handle, modes[i].mode));
        CHECK(cublasSgemm_v2(handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, (float *)a, 1, (float *)b, 1, &zero, (float *)c, 1));
        synchronize();
        CHECK(cuMemcpyDtoH(&value, c, 4));
        WANT(value == modes[i].want, "mode %d: got %.9g, want %.9g\n", modes[i].mode, value, modes[i].want);
    }
    CHECK(cublasDestroy_v2(handle));
    CHECK(cuMemFree(a));
    CHECK(cuMemFree(b));
    CHECK(cuMemFree(c));
}

#define CASE(name) {#name, name}
static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {CASE(copies), CASE(launches), CASE(barriers), CASE(shuffles), CASE(atomics), CASE(pageable), CASE(replay), CASE(events), CASE(times), CASE(stretches), CASE(primary), CASE(branches), CASE(chunks), CASE(early),
             CASE(fresh), CASE(memory), CASE(codes), CASE(products), CASE(math_modes)};

int main(int count, char **arguments) {
    if (count < 2) return 5;
    begin("testdata/toy.ptx");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, arguments[1])) continue;
        cases[i].run();
        end();
        printf("passed\n");
        return 0;
    }
    return 6;
}
