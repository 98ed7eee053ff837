// What the parts of the simulated driver share. One lock is held through every call
// of the driver, so nothing below it needs another.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "entry.h"

namespace cudasim {

// A call of the driver: it takes the lock, is counted, and names itself in reports.
struct Call {
    explicit Call(const char *name);
    ~Call();
    const char *outer;
};

// The lines `cudasim: CALL: ...` of a broken rule. The process ends there, with its
// stack, unless CUDASIM_VIOLATIONS=return, when the caller gets the code that CUDA
// would return.
CUresult violation(CUresult code, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same for what a kernel does, where there is nothing to return to.
[[noreturn]] void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Adds to a number that tests read in the file of CUDASIM_COUNTS (README.md).
void count(const std::string &name, int64_t more);

// setting is an environment variable, or what stands for it.
std::string setting(const char *name, const char *otherwise);

// Everything with a handle. Objects stay after their end so that later use is named.
struct Context;
struct Object {
    const char *kind;
    Context *context;
    int number; // in the order of their beginning
    bool alive = true;
    Object(const char *kind, Context *context);
    virtual ~Object() = default;
    void end();
};

Object *find(const void *handle); // NULL if none was ever there
std::vector<Object *> living(Context *);

struct Context : Object {
    int thread; // that made it
    explicit Context(int thread);
};

int capability(); // of the device: 10 * major + minor
int this_thread();
// The calling thread's current context; a violation and NULL if it has none.
Context *current();
void install_fault_handler();

// The object behind a handle: alive, of its kind and of the current context;
// otherwise a violation and NULL.
Object *checked(const void *handle, const char *kind);
template <class T> T *checked(const void *handle, const char *kind) {
    return static_cast<T *>(checked(handle, kind));
}

// One piece of work of a stream or node of a graph.
struct Work {
    std::string name;
    std::function<void()> run;
};
void perform(const Work &work); // runs it and looks at the red zones
using Nodes = std::vector<std::shared_ptr<Work>>;

// Queues the work, or adds it to the graph that is being captured.
CUresult submit(CUstream stream, const std::string &name, std::function<void()> run);
void finish_stream(CUstream stream);
void finish_streams(bool blocking_only);
// A call that CUDA refuses while the calling thread captures, or that would break any
// capture (whole): false after the violation, which has spoiled the capture.
bool may_run_in_capture(bool whole);
bool is_capturing(CUstream stream);

// Device memory. A device address is never readable; the same byte of the other view
// is, and kernels get pointers into that one.
bool is_device_address(const void *p);
// The readable bytes of [p, p+n), or NULL after a violation: a range must be in one
// living allocation of the current context.
void *view(CUdeviceptr p, size_t n, const char *role);
void *allocation_view(CUdeviceptr *p, size_t *size); // of all that surrounds *p, which becomes its start
void check_red_zones();
std::string where(const void *address); // "" outside of simulated memory

// Running kernels.
struct Dim { unsigned x, y, z; };
void run_grid(const cudasim_entry *entry, void **arguments, Dim grid, Dim block, bool reverse);
std::string running(); // "kernel NAME: block (..) thread (..)" on this OS thread, or ""

// The compiled kernel of a name, or NULL.
const cudasim_entry *compiled(const std::string &name);

} // namespace cudasim
