// Device memory, pinned memory, copies and fills.
//
// A device address lies in a range that is never readable. The bytes are mapped a second time, at
// a constant distance, for the simulator and the kernels. Every allocation ends at the end of a
// page, up to the rounding to 256 bytes, and has closed pages on both sides. The rest of its
// pages holds a pattern, which is checked later. No address is used twice.
#include <algorithm>
#include <cstring>
#include <set>

#include <sys/mman.h>

#include "simulator.h"

namespace cudasim {

static const size_t page = 4096, range = (size_t)1 << 40, grain = 256;
static const int red = 0xA5;    // around an allocation
static const int fresh = 0xFF;  // in a new allocation: NaN for float and bfloat16, -1 for integers

struct Allocation {
    CUdeviceptr start;
    size_t size;
    Context *context;
    bool alive;
    size_t pages_start, room; // of its pages, from the start of the range
    int number;
    int reads = 0, writes = 0; // copies in flight from and to pinned memory
};

static std::map<CUdeviceptr, Allocation> allocations;
static std::set<Allocation *> living_allocations;
static std::map<uintptr_t, Allocation> pinned;
static size_t used; // of the device's memory, in bytes

static char *closed_range() {
    void *p = mmap(nullptr, range, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) fatal("no room for the device's addresses");
    return (char *)p;
}
static char *device() { static char *base = closed_range(); return base; }
static char *bytes() { static char *base = closed_range(); return base; }

static char *view_of(CUdeviceptr p) { return bytes() + (p - (CUdeviceptr)device()); }

bool is_device_address(const void *p) { return (char *)p >= device() && (char *)p < device() + range; }

// Returns the allocation at or before an address; the same for pinned memory.
template <class Map> static Allocation *before(Map &map, typename Map::key_type p) {
    auto it = map.upper_bound(p);
    return it == map.begin() ? nullptr : &std::prev(it)->second;
}

static std::string describe(const Allocation &a) {
    char text[120];
    const char *more = !a.alive ? ", freed" : a.writes ? ", to which a copy is in flight" : a.reads ? ", from which a copy is in flight" : "";
    snprintf(text, sizeof text, "allocation %d of %zu bytes at 0x%llx%s", a.number, a.size, a.start, more);
    return text;
}

static std::string place(CUdeviceptr p) {
    char text[200];
    Allocation *a = before(allocations, p);
    if (!a) {
        snprintf(text, sizeof text, "device address 0x%llx before every allocation", p);
    } else if (p < a->start + a->size) {
        snprintf(text, sizeof text, "device address 0x%llx, byte %llu of %s", p, p - a->start, describe(*a).c_str());
    } else {
        snprintf(text, sizeof text, "device address 0x%llx, %llu bytes behind %s", p, p - a->start - a->size,
                 describe(*a).c_str());
    }
    return text;
}

std::string where(const void *address) {
    auto p = (char *)address;
    if (is_device_address(p)) return place((CUdeviceptr)p);
    if (p >= bytes() && p < bytes() + range) return place((CUdeviceptr)(device() + (p - bytes())));
    Allocation *a = before(pinned, (uintptr_t)p);
    if (a && p < (char *)a->start + a->size) return "pinned " + describe(*a);
    return "";
}

void *view(CUdeviceptr p, size_t n, const char *role) {
    Context *context = current();
    if (!context) return nullptr;
    const char *wrong = nullptr;
    Allocation *a = is_device_address((void *)p) ? before(allocations, p) : nullptr;
    if (!a) {
        violation(CUDA_ERROR_INVALID_VALUE, "%s: 0x%llx is no device address", role, p);
        return nullptr;
    }
    if (!a->alive && p < a->start + a->size) {
        wrong = "use after free";
    } else if (p > a->start + a->size || n > a->start + a->size - p) {
        wrong = "out of bounds";
    } else if (a->context != context) {
        wrong = "memory of another context";
    }
    if (!wrong) return view_of(p);
    violation(CUDA_ERROR_INVALID_VALUE, "%s: %s: %zu bytes at %s", role, wrong, n, place(p).c_str());
    return nullptr;
}

std::vector<CUdeviceptr> living() {
    std::vector<CUdeviceptr> starts;
    for (Allocation *a : living_allocations) starts.push_back(a->start);
    return starts;
}

void *allocation_view(CUdeviceptr *p, size_t *size) {
    Allocation *a = before(allocations, *p);
    *p = a->start;
    *size = a->size;
    return view_of(a->start);
}

static void check_red_zone(const char *from, const char *to) {
    static const std::string intact(page, (char)red); // no zone is longer
    if (!memcmp(from, intact.data(), to - from)) return;
    while (*from == (char)red) from++;
    fatal("wrote to %s", place((CUdeviceptr)(device() + (from - bytes()))).c_str());
}

static void check_red_zones(const Allocation &a) {
    char *pages = bytes() + a.pages_start;
    check_red_zone(pages, view_of(a.start));
    check_red_zone(view_of(a.start) + a.size, pages + a.room);
}

void check_red_zones() {
    for (Allocation *a : living_allocations) check_red_zones(*a);
}

static size_t memory_size() {
    std::string text = setting("CUDASIM_MEMORY", "2G");
    size_t unit = 0, n = std::stoull(text, &unit);
    switch (unit < text.size() ? text[unit] : ' ') {
    case 'G': n <<= 10; [[fallthrough]];
    case 'M': n <<= 10; [[fallthrough]];
    case 'K': n <<= 10;
    }
    return n;
}

static size_t rounded(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

// Returns what n bytes count as of the device's memory: a multiple of 512 bytes (chosen).
static size_t charged(size_t n) { return rounded(n, 512); }

static CUresult allocate(CUdeviceptr *p, size_t n, Context *context) {
    static size_t next = page;
    static int number;
    size_t room = rounded(n, page);
    if (n > memory_size() || used + charged(n) > memory_size()) return CUDA_ERROR_OUT_OF_MEMORY;
    if (next + room + page > range) fatal("no addresses left");
    Allocation a = {0, n, context, true, next, room, ++number};
    a.start = (CUdeviceptr)device() + next + room - rounded(n, grain);
    next += room + page;
    if (mprotect(bytes() + a.pages_start, room, PROT_READ | PROT_WRITE)) return CUDA_ERROR_OUT_OF_MEMORY;
    memset(bytes() + a.pages_start, red, room);
    memset(view_of(a.start), fresh, n);
    used += charged(n);
    count("live.allocations", 1);
    living_allocations.insert(&(allocations[a.start] = a));
    *p = a.start;
    return CUDA_SUCCESS;
}

static void release(Allocation &a) {
    check_red_zones(a);
    living_allocations.erase(&a);
    a.alive = false;
    used -= charged(a.size);
    count("live.allocations", -1);
    madvise(bytes() + a.pages_start, a.room, MADV_DONTNEED);
    mprotect(bytes() + a.pages_start, a.room, PROT_NONE);
}

// Returns a description of what a context leaves behind, for the report at its end.
std::string left_behind(Context *context) {
    std::string text;
    for (auto &[start, a] : allocations) {
        if (a.alive && a.context == context) text += ", " + describe(a);
    }
    for (auto &[start, a] : pinned) {
        if (a.alive && a.context == context) text += ", pinned " + describe(a);
    }
    return text;
}

// The kinds of host memory in a copy.
enum class Host { wrong, pageable, pinned };

static Host host_kind(const void *p, size_t n) {
    Allocation *a = before(pinned, (uintptr_t)p + n - 1);
    auto start = (uintptr_t)p;
    if (!p || is_device_address(p)) {
        violation(CUDA_ERROR_INVALID_VALUE, "%p is no host address", p);
    } else if (!a || start >= a->start + a->size) {
        return Host::pageable;
    } else if (!a->alive || start < a->start || start + n > a->start + a->size) {
        violation(CUDA_ERROR_INVALID_VALUE, "out of bounds or after free: %zu bytes at %p of pinned %s", n, p, describe(*a).c_str());
    } else {
        return Host::pinned;
    }
    return Host::wrong;
}

// Closes pinned memory to the host while copies are in flight. The source of a copy must not be
// written. The target must be neither read nor written.
static void guard(const Allocation &a) {
    int access = a.writes ? PROT_NONE : a.reads ? PROT_READ : PROT_READ | PROT_WRITE;
    mprotect((void *)a.start, a.size, access);
}

// Submits a copy from or to pinned memory, which is in flight until it has run. With
// CUDASIM_COPIES=early it runs at once, as early as CUDA permits. Otherwise it runs late, like
// other work. The copies of a graph are not tracked.
static CUresult submit_pinned(CUstream stream, const char *name, const void *host, size_t n, int Allocation::*flights,
                              std::function<void()> copy) {
    auto run = [=] {
        if (host_kind(host, n) == Host::pinned) copy();
    };
    if (is_capturing(stream)) return submit(stream, name, run);
    Allocation *a = before(pinned, (uintptr_t)host);
    auto fly = [=](int more) {
        a->*flights += more;
        guard(*a);
    };
    fly(1);
    CUresult code = submit(stream, name, [=] {
        mprotect((void *)a->start, a->size, PROT_READ | PROT_WRITE);
        run();
        fly(-1);
    });
    if (code != CUDA_SUCCESS) {
        fly(-1);
        return code;
    }
    if (setting("CUDASIM_COPIES", "late") == "early") finish_stream(stream);
    return CUDA_SUCCESS;
}

static CUresult refuse_pageable() {
    return violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a captured copy with host memory that is not pinned");
}

static CUresult fill(CUstream stream, CUdeviceptr to, unsigned value, size_t size, size_t n, const char *name) {
    if (to % size) return violation(CUDA_ERROR_INVALID_VALUE, "0x%llx is not aligned to %zu bytes", to, size);
    if (!view(to, n * size, "destination")) return CUDA_ERROR_INVALID_VALUE;
    return submit(stream, name, [=] {
        auto p = (char *)view(to, n * size, "destination");
        for (size_t i = 0; i < n; i++) memcpy(p + i * size, &value, size);
        count("bytes.set", n * size);
    });
}

static CUresult copy_device(CUstream stream, CUdeviceptr to, CUdeviceptr from, size_t n, const char *name) {
    if (!view(to, n, "destination") || !view(from, n, "source")) return CUDA_ERROR_INVALID_VALUE;
    if (std::max(to, from) < std::min(to, from) + n) {
        return violation(CUDA_ERROR_INVALID_VALUE, "source and destination overlap");
    }
    return submit(stream, name, [=] {
        memcpy(view(to, n, "destination"), view(from, n, "source"), n);
        count("bytes.device_to_device", n);
    });
}

} // namespace cudasim

using namespace cudasim;

extern "C" {

CUresult cuMemAlloc(CUdeviceptr *p, size_t n) {
    Call call("cuMemAlloc");
    Context *context = current();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (n == 0) return violation(CUDA_ERROR_INVALID_VALUE, "0 bytes");
    return allocate(p, n, context);
}

CUresult cuMemFree(CUdeviceptr p) {
    Call call("cuMemFree");
    Context *context = current();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    auto it = allocations.find(p);
    if (it == allocations.end()) {
        return violation(CUDA_ERROR_INVALID_VALUE, "0x%llx is not the start of an allocation", p);
    }
    Allocation &a = it->second;
    if (!a.alive) return violation(CUDA_ERROR_INVALID_VALUE, "double free of %s", describe(a).c_str());
    if (a.context != context) return violation(CUDA_ERROR_INVALID_VALUE, "memory of another context");
    finish_streams(false);
    release(a);
    return CUDA_SUCCESS;
}

CUresult cuMemGetInfo(size_t *available, size_t *total) {
    Call call("cuMemGetInfo");
    if (!current()) return CUDA_ERROR_INVALID_CONTEXT;
    *total = memory_size();
    *available = *total - std::min(*total, used);
    return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem(size_t *total, CUdevice) {
    Call call("cuDeviceTotalMem");
    *total = memory_size();
    return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **p, size_t n, unsigned flags) {
    Call call("cuMemHostAlloc");
    static int number;
    Context *context = current();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (n == 0 || flags) return violation(CUDA_ERROR_INVALID_VALUE, "%zu bytes, flags %u", n, flags);
    *p = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (*p == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
    memset(*p, fresh, n);
    pinned[(uintptr_t)*p] = {(CUdeviceptr)*p, n, context, true, 0, 0, ++number};
    count("live.pinned", 1);
    return CUDA_SUCCESS;
}

CUresult cuMemAllocHost(void **p, size_t n) { return cuMemHostAlloc(p, n, 0); }

CUresult cuMemFreeHost(void *p) {
    Call call("cuMemFreeHost");
    if (!current()) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    auto it = pinned.find((uintptr_t)p);
    if (it == pinned.end()) return violation(CUDA_ERROR_INVALID_VALUE, "%p is no pinned block", p);
    if (!it->second.alive) return violation(CUDA_ERROR_INVALID_VALUE, "double free of pinned %s", describe(it->second).c_str());
    finish_streams(false);
    it->second.alive = false;
    mprotect(p, it->second.size, PROT_NONE);
    count("live.pinned", -1);
    return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t n) {
    Call call("cuMemcpyHtoD");
    if (!view(to, n, "destination") || host_kind(from, n) == Host::wrong) return CUDA_ERROR_INVALID_VALUE;
    if (!may_run_in_capture(true)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    finish_streams(true);
    memcpy(view(to, n, "destination"), from, n);
    count("bytes.host_to_device", n);
    return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoH(void *to, CUdeviceptr from, size_t n) {
    Call call("cuMemcpyDtoH");
    if (!view(from, n, "source") || host_kind(to, n) == Host::wrong) return CUDA_ERROR_INVALID_VALUE;
    if (!may_run_in_capture(true)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    finish_streams(true);
    memcpy(to, view(from, n, "source"), n);
    count("bytes.device_to_host", n);
    return CUDA_SUCCESS;
}

// Pageable memory is read before the call returns. Pinned memory is read when the work
// runs.
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t n, CUstream stream) {
    Call call("cuMemcpyHtoDAsync");
    Host kind = host_kind(from, n);
    if (!view(to, n, "destination") || kind == Host::wrong) return CUDA_ERROR_INVALID_VALUE;
    auto copy = [=](const void *source) {
        memcpy(view(to, n, "destination"), source, n);
        count("bytes.host_to_device", n);
    };
    if (kind == Host::pinned) {
        return submit_pinned(stream, "cuMemcpyHtoDAsync", from, n, &Allocation::reads, [=] { copy(from); });
    }
    if (is_capturing(stream)) return refuse_pageable();
    std::vector<char> staged((const char *)from, (const char *)from + n);
    return submit(stream, "cuMemcpyHtoDAsync", [=] { copy(staged.data()); });
}

// A copy to pageable memory is over when the call returns.
CUresult cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t n, CUstream stream) {
    Call call("cuMemcpyDtoHAsync");
    Host kind = host_kind(to, n);
    if (!view(from, n, "source") || kind == Host::wrong) return CUDA_ERROR_INVALID_VALUE;
    auto copy = [=] {
        memcpy(to, view(from, n, "source"), n);
        count("bytes.device_to_host", n);
    };
    if (kind == Host::pinned) return submit_pinned(stream, "cuMemcpyDtoHAsync", to, n, &Allocation::writes, copy);
    if (is_capturing(stream)) return refuse_pageable();
    CUresult code = submit(stream, "cuMemcpyDtoHAsync", copy);
    finish_stream(stream);
    return code;
}

CUresult cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, size_t n) {
    Call call("cuMemcpyDtoD");
    return copy_device(nullptr, to, from, n, "cuMemcpyDtoD");
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream stream) {
    Call call("cuMemcpyDtoDAsync");
    return copy_device(stream, to, from, n, "cuMemcpyDtoDAsync");
}

CUresult cuMemsetD8(CUdeviceptr to, unsigned char value, size_t n) {
    Call call("cuMemsetD8");
    return fill(nullptr, to, value, 1, n, "cuMemsetD8");
}

CUresult cuMemsetD32(CUdeviceptr to, unsigned value, size_t n) {
    Call call("cuMemsetD32");
    return fill(nullptr, to, value, 4, n, "cuMemsetD32");
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t n, CUstream stream) {
    Call call("cuMemsetD8Async");
    return fill(stream, to, value, 1, n, "cuMemsetD8Async");
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t n, CUstream stream) {
    Call call("cuMemsetD32Async");
    return fill(stream, to, value, 4, n, "cuMemsetD32Async");
}

} // extern "C"
