// The common part of the test programs: a context, a stream, the module of a PTX file, and
// an exit with one line if a call fails.
#include <cuda.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(call)                                                                     \
    do {                                                                                \
        int code = (call);                                                              \
        if (code) {                                                                     \
            printf("%s: code %d\n", #call, code);                                       \
            exit(3);                                                                    \
        }                                                                               \
    } while (0)

static CUcontext context;
static CUstream stream;
static CUmodule module;

// Opens the device and loads a module of this folder, if a name is given.
static void begin(const char *ptx) {
    CUdevice device;
    CHECK(cuInit(0));
    CHECK(cuDeviceGet(&device, 0));
    CHECK(cuCtxCreate(&context, 0, device));
    CHECK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    if (!ptx) return;
    char *image = calloc(1 << 20, 1);
    FILE *file = fopen(ptx, "r");
    if (!file || !fread(image, 1, (1 << 20) - 1, file)) exit(4);
    fclose(file);
    CHECK(cuModuleLoadData(&module, image));
    free(image);
}

static void end(void) {
    if (module) CHECK(cuModuleUnload(module));
    CHECK(cuStreamDestroy(stream));
    CHECK(cuCtxDestroy(context));
}

static CUfunction kernel(const char *name) {
    CUfunction f;
    CHECK(cuModuleGetFunction(&f, module, name));
    return f;
}

static CUdeviceptr allocate(size_t bytes) {
    CUdeviceptr p;
    CHECK(cuMemAlloc(&p, bytes));
    return p;
}
