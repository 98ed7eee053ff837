// Breaks the rule that the argument names. Each case must end the process with a line
// that reports the rule.
#include <cublas_v2.h>
#include <dlfcn.h>
#include <pthread.h>

#include "../../../ranks/nccl.h"
#include "program.h"

static float host[256];

// Launches a kernel with one block, a pointer and a number.
static void launch(const char *name, unsigned threads, CUdeviceptr x, long long n) {
    void *cells[] = {&x, &n};
    CHECK(cuLaunchKernel(kernel(name), 1, 1, 1, threads, 1, 1, 0, stream, cells, NULL));
    CHECK(cuStreamSynchronize(stream));
}

static void host_read(void) {
    volatile float *x = (float *)allocate(1024);
    host[0] = x[3];
}
static void host_read_freed_pinned(void) {
    void *p;
    CHECK(cuMemAllocHost(&p, 64));
    CHECK(cuMemFreeHost(p));
    host[0] = *(volatile float *)p;
}
// Allocates 64 bytes of pinned memory, with a copy from or to it in flight.
static float *in_flight(int back) {
    void *p;
    CUdeviceptr device = allocate(64);
    CHECK(cuMemAllocHost(&p, 64));
    memset(p, 0, 64);
    if (back) {
        CHECK(cuMemcpyDtoHAsync(p, device, 64, stream));
    } else {
        CHECK(cuMemcpyHtoDAsync(device, p, 64, stream));
    }
    return p;
}
static void pinned_overwritten(void) { in_flight(0)[3] = 1; }
static void pinned_read_early(void) { host[0] = *(volatile float *)in_flight(1); }
static void pinned_wrong_event(void) { // the event precedes the copy in the stream
    CUevent event;
    CHECK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    CHECK(cuEventRecord(event, stream));
    float *p = in_flight(0);
    CHECK(cuEventSynchronize(event));
    p[0] = 1;
}
static void copy_bounds(void) { CHECK(cuMemcpyHtoD(allocate(1000), host, 1001)); }
static void copy_offset(void) { CHECK(cuMemcpyDtoH(host, allocate(1000) + 996, 8)); }
static void copy_swapped(void) { CHECK(cuMemcpyHtoD((CUdeviceptr)host, (void *)allocate(64), 64)); }
static void copy_overlap(void) {
    CUdeviceptr p = allocate(64);
    CHECK(cuMemcpyDtoDAsync(p + 8, p, 16, stream));
}
static void copy_pinned_bounds(void) {
    void *p;
    CHECK(cuMemAllocHost(&p, 64));
    CHECK(cuMemcpyHtoDAsync(allocate(128), p, 65, stream));
}
static void copy_pinned_freed(void) {
    void *p;
    CHECK(cuMemAllocHost(&p, 64));
    CHECK(cuMemFreeHost(p));
    CHECK(cuMemcpyDtoHAsync(p, allocate(128), 64, stream));
}
static void fill_alignment(void) { CHECK(cuMemsetD32(allocate(64) + 2, 0, 4)); }
static void fill_bounds(void) { CHECK(cuMemsetD8Async(allocate(64), 0, 65, stream)); }
static void use_after_free(void) {
    CUdeviceptr p = allocate(64);
    CHECK(cuMemFree(p));
    CHECK(cuMemcpyDtoH(host, p, 4));
}
static void double_free(void) {
    CUdeviceptr p = allocate(64);
    CHECK(cuMemFree(p));
    CHECK(cuMemFree(p));
}
static void free_inside(void) { CHECK(cuMemFree(allocate(64) + 16)); }
static void allocate_nothing(void) { allocate(0); }
static void leak(void) {
    allocate(64);
    end();
}
static void leak_stream(void) { CHECK(cuCtxDestroy(context)); }
static void unfinished(void) { allocate(64); } // detected only at the end of the process
static void destroyed_stream(void) {
    CHECK(cuStreamDestroy(stream));
    CHECK(cuStreamSynchronize(stream));
}
static void no_context(void) {
    CHECK(cuCtxSetCurrent(NULL));
    allocate(64);
}
static void *allocate_elsewhere(void *unused) {
    allocate(64);
    return unused;
}
static void other_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, allocate_elsewhere, NULL);
    pthread_join(thread, NULL);
}
static void other_context(void) {
    CUcontext second;
    CUdeviceptr p = allocate(64);
    CHECK(cuCtxCreate(&second, 0, 0));
    CHECK(cuMemcpyHtoD(p, host, 64));
}
static void other_context_stream(void) {
    CUcontext second;
    CHECK(cuCtxCreate(&second, 0, 0));
    CHECK(cuStreamSynchronize(stream));
}
static void unknown_call(void) { CHECK(cuCtxResetPersistingL2Cache()); }

static void bad_image(void) { CHECK(cuModuleLoadData(&module, "\177ELF")); }
static void unknown_kernel(void) { kernel("toy_nothing"); }
static void kernel_without_source(void) {
    CHECK(cuModuleLoadData(&module, ".version 7.8\n.target sm_70\n.address_size 64\n"
                                    ".visible .entry toy_nothing(\n.param .u64 a\n)\n{\nret;\n}\n"));
    kernel("toy_nothing");
}
static void other_parameters(void) {
    CHECK(cuModuleLoadData(&module, ".version 7.8\n.target sm_70\n.address_size 64\n"
                                    ".visible .entry toy_add(\n.param .u64 a,\n.param .u32 b\n)\n{\nret;\n}\n"));
    kernel("toy_add");
}
static void launch_limits(unsigned grid, unsigned block, unsigned shared) {
    CUdeviceptr p = allocate(256 * 4);
    void *cells[] = {&p, &p, &p, &grid};
    CHECK(cuLaunchKernel(kernel("toy_add"), 1, grid, 1, block, 1, 1, shared, stream, cells, NULL));
}
static void too_many_threads(void) { launch_limits(1, 1025, 0); }
static void launch_bounds(void) { launch_limits(1, 512, 0); }
static void empty_grid(void) { launch_limits(0, 256, 0); }
static void too_large_grid(void) { launch_limits(65536, 256, 0); }
static void too_much_shared(void) { launch_limits(1, 256, 49 << 10); }
static void null_argument(void) {
    void *cells[] = {NULL};
    CHECK(cuLaunchKernel(kernel("toy_reverse"), 1, 1, 1, 64, 1, 1, 0, stream, cells, NULL));
}
static void host_argument(void) { launch("toy_reverse", 64, (CUdeviceptr)host, 0); }
static void freed_argument(void) {
    CUdeviceptr p = allocate(256);
    CHECK(cuMemFree(p));
    launch("toy_reverse", 64, p, 0);
}
static void misaligned_argument(void) { launch("toy_reverse", 64, allocate(260) + 2, 0); }
static void swapped_arguments(void) { launch("broken_bound", 32, 0, allocate(256)); }
static void freed_before_it_ran(void) {
    CUdeviceptr x = allocate(256), y = allocate(256);
    CUgraph graph;
    CUgraphExec exec;
    CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CHECK(cuMemcpyDtoDAsync(x, y, 256, stream));
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    CHECK(cuMemFree(y));
    CHECK(cuGraphLaunch(exec, stream));
    CHECK(cuStreamSynchronize(stream));
}

static void broken_bound(void) { launch("broken_bound", 64, allocate(32 * 4), 32); } // writes in the red zone
static void broken_page(void) { launch("broken_bound", 128, allocate(64 * 4), 64); } // and here in the closed page
static void broken_behind(void) { launch("broken_bound", 32, allocate(64) + 64, 31); } // the argument is the end
static void broken_pointer(void) { launch("broken_pointer", 1, allocate(64), 1 << 20); }
static void broken_shared(void) { launch("broken_shared", 32, allocate(32 * 4), 0); }
static void broken_alignment(void) { launch("broken_alignment", 1, allocate(64), 0); }
static void broken_barrier(void) { launch("broken_barrier", 64, allocate(64 * 4), 0); }
static void broken_branch(void) { launch("broken_branch", 64, allocate(64 * 4), 0); }
static void broken_race(void) { launch("broken_race", 64, allocate(128 * 4), 0); }
static void broken_mask(void) { launch("broken_mask", 32, allocate(32 * 4), 0); }
static void broken_shuffle(void) { launch("broken_shuffle", 32, allocate(32 * 4), 0); }

// The calls that a capture refuses.
static void capture(void) { CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)); }
static void capture_allocation(void) {
    capture();
    allocate(64);
}
static void capture_free(void) {
    CUdeviceptr p = allocate(64);
    capture();
    CHECK(cuMemFree(p));
}
static void capture_copy(void) {
    CUdeviceptr p = allocate(64);
    capture();
    CHECK(cuMemcpyHtoD(p, host, 64));
}
static void capture_pageable(void) {
    CUdeviceptr p = allocate(64);
    capture();
    CHECK(cuMemcpyHtoDAsync(p, host, 64, stream));
}
static void capture_synchronize(void) {
    capture();
    CHECK(cuStreamSynchronize(stream));
}
static void capture_context_synchronize(void) {
    capture();
    CHECK(cuCtxSynchronize());
}
static void capture_legacy(void) {
    CUdeviceptr p = allocate(64);
    capture();
    CHECK(cuMemsetD8(p, 0, 64));
}
static void capture_legacy_stream(void) { CHECK(cuStreamBeginCapture(NULL, CU_STREAM_CAPTURE_MODE_GLOBAL)); }
static void capture_twice(void) {
    capture();
    capture();
}
static CUevent forked(CUstream *other) { // lets another stream join a capture
    CUevent event;
    CHECK(cuStreamCreate(other, CU_STREAM_NON_BLOCKING));
    CHECK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    capture();
    CHECK(cuEventRecord(event, stream));
    CHECK(cuStreamWaitEvent(*other, event, 0));
    return event;
}
static void capture_unjoined(void) {
    CUgraph graph;
    CUstream other;
    CUdeviceptr p = allocate(64);
    forked(&other);
    CHECK(cuMemsetD8Async(p, 0, 64, other));
    CHECK(cuStreamEndCapture(stream, &graph));
}
static void capture_end_branch(void) {
    CUgraph graph;
    CUstream other;
    forked(&other);
    CHECK(cuStreamEndCapture(other, &graph));
}
static void capture_event_wait(void) {
    CUgraph graph;
    CUstream other;
    CUevent event = forked(&other);
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuEventSynchronize(event));
}
static void capture_late(void) {
    CUgraph graph;
    CUstream other;
    CUevent event = forked(&other);
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuStreamWaitEvent(other, event, 0));
}
static void event_outside(void) {
    CUevent event;
    CHECK(cuEventCreate(&event, 0));
    CHECK(cuEventRecordWithFlags(event, stream, CU_EVENT_RECORD_EXTERNAL));
}
static void event_not_recorded(void) {
    CUevent event;
    float milliseconds;
    CHECK(cuEventCreate(&event, 0));
    CHECK(cuEventElapsedTime(&milliseconds, event, event));
}
static void primary_destroyed(void) {
    CUcontext primary;
    CHECK(cuDevicePrimaryCtxRetain(&primary, 0));
    CHECK(cuCtxDestroy(primary));
}
static void primary_leak(void) {
    CUcontext primary;
    CHECK(cuDevicePrimaryCtxRetain(&primary, 0));
    CHECK(cuCtxSetCurrent(primary));
    allocate(64);
    CHECK(cuDevicePrimaryCtxRelease(0));
}
static void primary_unused(void) { CHECK(cuDevicePrimaryCtxRelease(0)); }
static void nccl_context(void) {
    char path[4096];
    struct nccl_id id = {{0}};
    struct nccl_config config = {sizeof config, NCCL_CONFIG_MAGIC, NCCL_CONFIG_VERSION, 0};
    struct nccl_library nccl;
    nccl_comm comm;
    snprintf(path, sizeof path, "%s/nccl/libnccl.so.2", getenv("CUDASIM_BUILD"));
    void *library = dlopen(path, RTLD_NOW);
    if (!library || !(nccl.ncclCommInitRankConfig = dlsym(library, "ncclCommInitRankConfig"))) exit(4);
    nccl.ncclCommInitRankConfig(&comm, 2, id, 0, &config);
}
static void event_without_time(void) {
    CUevent event;
    float milliseconds;
    CHECK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    CHECK(cuEventElapsedTime(&milliseconds, event, event));
}
static void capture_end(void) {
    CUgraph graph;
    CHECK(cuStreamEndCapture(stream, &graph));
}
static void *end_elsewhere(void *unused) {
    CUgraph graph;
    CHECK(cuCtxSetCurrent(context));
    CHECK(cuStreamEndCapture(stream, &graph));
    return unused;
}
static void capture_other_thread(void) {
    pthread_t thread;
    capture();
    pthread_create(&thread, NULL, end_elsewhere, NULL);
    pthread_join(thread, NULL);
}

// A product of 8 by 8 matrices, C at a distance from A.
static void multiply(cublasHandle_t handle, int distance, int stride) {
    float one = 1, zero = 0;
    CUdeviceptr p = allocate(4 * 64 * 4);
    float *a = (float *)p, *c = (float *)(p + distance);
    CHECK(cublasSgemm_v2(handle, CUBLAS_OP_N, CUBLAS_OP_N, 8, 8, 8, &one, a, stride, a, 8, &zero, c, 8));
}
static cublasHandle_t blas(void) {
    cublasHandle_t handle;
    CHECK(cublasCreate_v2(&handle));
    CHECK(cublasSetStream_v2(handle, stream));
    return handle;
}
static void blas_overlap(void) { multiply(blas(), 128, 8); }
static void blas_bounds(void) { multiply(blas(), 4 * 64 * 4 - 128, 8); }
static void blas_stride(void) { multiply(blas(), 512, 7); }
static void blas_alignment(void) { multiply(blas(), 514, 8); }
static void blas_workspace(void) {
    cublasHandle_t handle = blas();
    CUdeviceptr p = allocate(4 * 64 * 4);
    float one = 1;
    CHECK(cublasSetWorkspace_v2(handle, (void *)allocate(4096), 4096));
    CHECK(cublasSetStream_v2(handle, stream));
    capture();
    CHECK(cublasSgemm_v2(handle, CUBLAS_OP_N, CUBLAS_OP_N, 8, 8, 8, &one, (float *)p, 8, (float *)p, 8, &one, (float *)p + 64, 8));
}
static void blas_destroyed(void) {
    cublasHandle_t handle = blas();
    CHECK(cublasDestroy_v2(handle));
    multiply(handle, 512, 8);
}
static void blas_leak(void) {
    blas();
    end();
}

#define RULE(name) {#name, name}
static const struct {
    const char *name;
    void (*run)(void);
} rules[] = {
    RULE(host_read), RULE(host_read_freed_pinned), RULE(pinned_overwritten), RULE(pinned_read_early),
    RULE(pinned_wrong_event), RULE(copy_bounds), RULE(copy_offset), RULE(copy_swapped),
    RULE(copy_overlap), RULE(copy_pinned_bounds), RULE(copy_pinned_freed), RULE(fill_alignment), RULE(fill_bounds), RULE(use_after_free),
    RULE(double_free), RULE(free_inside), RULE(allocate_nothing), RULE(leak), RULE(leak_stream), RULE(unfinished), RULE(destroyed_stream),
    RULE(no_context), RULE(other_thread), RULE(other_context), RULE(other_context_stream), RULE(unknown_call),
    RULE(bad_image), RULE(unknown_kernel), RULE(kernel_without_source), RULE(other_parameters), RULE(too_many_threads),
    RULE(launch_bounds), RULE(empty_grid), RULE(too_large_grid), RULE(too_much_shared), RULE(null_argument),
    RULE(host_argument), RULE(freed_argument), RULE(misaligned_argument), RULE(swapped_arguments),
    RULE(freed_before_it_ran), RULE(broken_bound), RULE(broken_page), RULE(broken_behind), RULE(broken_pointer),
    RULE(broken_shared), RULE(broken_alignment), RULE(broken_barrier), RULE(broken_branch), RULE(broken_race),
    RULE(broken_mask), RULE(broken_shuffle), RULE(capture_allocation), RULE(capture_free), RULE(capture_copy), RULE(capture_pageable),
    RULE(capture_synchronize), RULE(capture_context_synchronize), RULE(capture_legacy), RULE(capture_legacy_stream),
    RULE(capture_twice), RULE(capture_unjoined), RULE(capture_end_branch), RULE(capture_event_wait), RULE(capture_late), RULE(event_outside), RULE(event_not_recorded), RULE(event_without_time), RULE(primary_destroyed), RULE(primary_leak), RULE(primary_unused), RULE(nccl_context), RULE(capture_end), RULE(capture_other_thread), RULE(blas_overlap), RULE(blas_bounds),
    RULE(blas_stride), RULE(blas_alignment), RULE(blas_workspace), RULE(blas_destroyed), RULE(blas_leak),
};

int main(int count, char **arguments) {
    if (count < 2) return 5;
    int broken = !strncmp(arguments[1], "broken_", 7) || !strcmp(arguments[1], "swapped_arguments");
    begin(broken ? "testdata/broken.ptx" : "testdata/toy.ptx");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(rules[i].name, arguments[1])) continue;
        rules[i].run();
        printf("not caught\n");
        return 0;
    }
    return 6;
}
