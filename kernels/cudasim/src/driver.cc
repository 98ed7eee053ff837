// The driver's version, its devices, contexts and handles.
#include <cstring>

#include <sys/syscall.h>
#include <unistd.h>

#include "simulator.h"

namespace cudasim {

std::string left_behind(Context *context);

static std::map<const void *, Object *> objects; // all objects ever created
static std::map<int, Object *> alive_objects; // by their numbers
static thread_local std::vector<Context *> stack; // the last one is current
static bool initialised;

int this_thread() { return syscall(SYS_gettid); }

Object::Object(const char *kind, Context *context) : kind(kind), context(context), number((int)objects.size()) {
    objects[this] = this;
    alive_objects[number] = this;
    count(std::string("live.") + kind, 1);
}

void Object::end() {
    alive = false;
    alive_objects.erase(number);
    count(std::string("live.") + kind, -1);
}

Context::Context(int thread) : Object("context", nullptr), thread(thread) { context = this; }

Object *find(const void *handle) {
    auto it = objects.find(handle);
    return it == objects.end() ? nullptr : it->second;
}

std::vector<Object *> living(Context *context) {
    std::vector<Object *> all;
    for (auto &[number, o] : alive_objects) {
        if (o->context == context && o != context) all.push_back(o);
    }
    return all;
}

static Context *any_context() {
    for (auto &[number, o] : alive_objects) {
        if (!strcmp(o->kind, "context")) return static_cast<Context *>(o);
    }
    return nullptr;
}

Context *current() {
    if (!initialised) violation(CUDA_ERROR_NOT_INITIALIZED, "before cuInit");
    if (!stack.empty() && stack.back() && stack.back()->alive) return stack.back();
    Context *other = any_context();
    if (!stack.empty() && stack.back()) {
        violation(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the current context is destroyed");
    } else if (other && other->thread != this_thread()) {
        violation(CUDA_ERROR_INVALID_CONTEXT, "no context is current on OS thread %d (one was made on OS thread %d): lock the OS thread", this_thread(), other->thread);
    } else {
        violation(CUDA_ERROR_INVALID_CONTEXT, "no context is current");
    }
    return nullptr;
}

Object *checked(const void *handle, const char *kind) {
    Context *context = current();
    Object *o = find(handle);
    if (!context) return nullptr;
    if (!o || strcmp(o->kind, kind)) {
        violation(CUDA_ERROR_INVALID_HANDLE, "%p is no %s", handle, kind);
    } else if (!o->alive) {
        violation(CUDA_ERROR_INVALID_HANDLE, "the %s is destroyed", kind);
    } else if (o->context != context) {
        violation(CUDA_ERROR_INVALID_CONTEXT, "the %s is of another context", kind);
    } else {
        return o;
    }
    return nullptr;
}

int capability() {
    std::string text = setting("CUDASIM_CAPABILITY", "8.0");
    return 10 * (text[0] - '0') + (text[2] - '0');
}

// The primary contexts of the devices, with the number of their users.
static std::map<CUdevice, std::pair<Context *, int>> primary;

bool is_primary(const Context *context) {
    for (auto &[device, of] : primary) {
        if (of.first == context) return true;
    }
    return false;
}

static int devices() { return std::stoi(setting("CUDASIM_DEVICES", "1")); }

} // namespace cudasim

using namespace cudasim;

extern "C" {

CUresult cuInit(unsigned) {
    Call call("cuInit");
    if (devices() == 0) return CUDA_ERROR_NO_DEVICE;
    if (!initialised) {
        install_fault_handler();
        count("parent", getppid());
    }
    initialised = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
    Call call("cuDriverGetVersion");
    *version = CUDA_VERSION;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *n) {
    Call call("cuDeviceGetCount");
    *n = devices();
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    Call call("cuDeviceGet");
    if (ordinal < 0 || ordinal >= devices()) return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid(CUuuid *id, CUdevice device) {
    Call call("cuDeviceGetUuid");
    memset(id, 0, sizeof *id);
    id->bytes[15] = (char)device;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int room, CUdevice) {
    Call call("cuDeviceGetName");
    strncpy(name, "CUDA simulator", room);
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice) {
    Call call("cuDeviceGetAttribute");
    const std::map<int, int> values = {
        {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, capability() / 10},
        {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, capability() % 10},
        {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4},
        {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
        {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 48 << 10},
        {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
    };
    auto it = values.find(attribute);
    if (it == values.end()) return violation(CUDA_ERROR_INVALID_VALUE, "attribute %d is not simulated", attribute);
    *value = it->second;
    return CUDA_SUCCESS;
}

CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice) {
    Call call("cuDeviceComputeCapability");
    *major = capability() / 10;
    *minor = capability() % 10;
    return CUDA_SUCCESS;
}

CUresult cuCtxCreate(CUcontext *out, unsigned, CUdevice device) {
    Call call("cuCtxCreate");
    if (!initialised) return violation(CUDA_ERROR_NOT_INITIALIZED, "before cuInit");
    if (device < 0 || device >= devices()) return violation(CUDA_ERROR_INVALID_DEVICE, "device %d", device);
    auto context = new Context(this_thread());
    stack.push_back(context);
    *out = (CUcontext)context;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *out, CUdevice device) {
    Call call("cuDevicePrimaryCtxRetain");
    if (!initialised) return violation(CUDA_ERROR_NOT_INITIALIZED, "before cuInit");
    if (device < 0 || device >= devices()) return violation(CUDA_ERROR_INVALID_DEVICE, "device %d", device);
    auto &[context, users] = primary[device];
    if (users++ == 0) context = new Context(this_thread());
    *out = (CUcontext)context;
    return CUDA_SUCCESS;
}

static CUresult destroy(Context *context) {
    std::string left = left_behind(context);
    for (Object *x : living(context)) left += std::string(", ") + x->kind;
    if (!left.empty()) return violation(CUDA_ERROR_INVALID_CONTEXT, "leaks %s", left.c_str() + 2);
    context->end();
    if (!stack.empty() && stack.back() == context) stack.pop_back();
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice device) {
    Call call("cuDevicePrimaryCtxRelease");
    auto it = primary.find(device);
    if (it == primary.end() || it->second.second == 0) return violation(CUDA_ERROR_INVALID_CONTEXT, "device %d has no primary context", device);
    return --it->second.second > 0 ? CUDA_SUCCESS : destroy(it->second.first);
}

CUresult cuCtxDestroy(CUcontext handle) {
    Call call("cuCtxDestroy");
    Object *o = find(handle);
    if (!o || !o->alive || strcmp(o->kind, "context")) return violation(CUDA_ERROR_INVALID_CONTEXT, "%p is no living context", handle);
    if (is_primary(static_cast<Context *>(o))) return violation(CUDA_ERROR_INVALID_CONTEXT, "a primary context is released, not destroyed");
    return destroy(static_cast<Context *>(o));
}

CUresult cuCtxSetCurrent(CUcontext handle) {
    Call call("cuCtxSetCurrent");
    Object *o = handle ? find(handle) : nullptr;
    if (handle && (!o || !o->alive || strcmp(o->kind, "context"))) {
        return violation(CUDA_ERROR_INVALID_CONTEXT, "%p is no living context", handle);
    }
    if (!stack.empty()) stack.pop_back();
    if (o) stack.push_back(static_cast<Context *>(o));
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *handle) {
    Call call("cuCtxGetCurrent");
    *handle = stack.empty() ? nullptr : (CUcontext)stack.back();
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    Call call("cuCtxSynchronize");
    if (!current()) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(true)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    finish_streams(false);
    return CUDA_SUCCESS;
}

#define ERRORS(X)                                                                                                      \
    X(SUCCESS) X(ERROR_INVALID_VALUE) X(ERROR_OUT_OF_MEMORY) X(ERROR_NOT_INITIALIZED) X(ERROR_NO_DEVICE)               \
    X(ERROR_INVALID_DEVICE) X(ERROR_INVALID_CONTEXT) X(ERROR_INVALID_HANDLE) X(ERROR_INVALID_PTX) X(ERROR_NOT_FOUND)   \
    X(ERROR_CONTEXT_IS_DESTROYED) X(ERROR_NO_BINARY_FOR_GPU) X(ERROR_STREAM_CAPTURE_UNSUPPORTED)                       \
    X(ERROR_STREAM_CAPTURE_INVALIDATED) X(ERROR_STREAM_CAPTURE_IMPLICIT) X(ERROR_STREAM_CAPTURE_WRONG_THREAD)          \
    X(ERROR_ILLEGAL_STATE) X(ERROR_NOT_READY)

CUresult cuGetErrorName(CUresult code, const char **name) {
    Call call("cuGetErrorName");
    switch (code) {
#define NAME(x)                                                                                                        \
    case CUDA_##x: *name = "CUDA_" #x; return CUDA_SUCCESS;
        ERRORS(NAME)
    default: *name = nullptr; return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuGetErrorString(CUresult code, const char **text) { return cuGetErrorName(code, text); }

} // extern "C"
