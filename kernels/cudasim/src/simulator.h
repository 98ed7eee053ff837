// Shared declarations of the simulated driver. Every call of the driver holds one lock, so
// nothing below needs another.
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

// A call of the driver. It takes the lock, is counted, and gives its name to reports.
struct Call {
    explicit Call(const char *name);
    ~Call();
    const char *outer; // name of the call that made this one, or ""
};

// Prints the line `cudasim: CALL: ...` for a broken rule and ends the process with a stack. With
// CUDASIM_VIOLATIONS=return it instead returns the code that CUDA would return.
CUresult violation(CUresult code, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Does the same for a rule that a kernel breaks, but never returns.
[[noreturn]] void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Adds to a number in the file of CUDASIM_COUNTS, which tests read (README.md).
void count(const std::string &name, int64_t more);

// Returns an environment variable, or `otherwise` if it is not set.
std::string setting(const char *name, const char *otherwise);

// The objects with a handle. They are kept after their end, so that a later use can be reported
// by name.
struct Context;
struct Object {
    const char *kind;
    Context *context;
    int number; // in the order of creation
    bool alive = true;
    Object(const char *kind, Context *context);
    virtual ~Object() = default;
    void end();
};

Object *find(const void *handle); // NULL if it never existed
std::vector<Object *> living(Context *);

struct Context : Object {
    int thread; // the thread that created it
    explicit Context(int thread);
};

bool is_primary(const Context *); // of its device
int capability(); // of the device: 10 * major + minor
int this_thread();
// Returns the calling thread's current context. Without one it reports a violation and returns
// NULL.
Context *current();
void install_fault_handler();

// Returns the object of a handle, which must be alive, of the given kind and of the current
// context. Otherwise it reports a violation and returns NULL.
Object *checked(const void *handle, const char *kind);
template <class T> T *checked(const void *handle, const char *kind) {
    return static_cast<T *>(checked(handle, kind));
}

// One piece of work in a stream, or of a graph.
struct Work {
    std::string name;
    std::function<void()> run;
};
void perform(const Work &work); // runs it and checks the red zones

// Queues work, or adds it to the graph that is being captured.
CUresult submit(CUstream stream, const std::string &name, std::function<void()> run);
void finish_stream(CUstream stream);
void finish_streams(bool blocking_only);
// Checks a call that CUDA refuses while the calling thread captures or, if `whole`, while any
// thread captures. During such a capture it reports a violation, invalidates the capture and
// returns false.
bool may_run_in_capture(bool whole);
bool is_capturing(CUstream stream);

// Device memory. A device address is never readable. The same byte of a second mapping, the view,
// is readable, and kernels get pointers into the view.
bool is_device_address(const void *p);
// Returns the readable bytes of [p, p+n), which must lie in one living allocation of the current
// context. Otherwise it reports a violation and returns NULL.
void *view(CUdeviceptr p, size_t n, const char *role);
std::vector<CUdeviceptr> living(); // the starts of all allocations
void *allocation_view(CUdeviceptr *p, size_t *size); // of the allocation around *p, which is set to its start
void check_red_zones();
std::string where(const void *address); // a description, or "" outside of simulated memory

// Running kernels.
struct Dim { unsigned x, y, z; };
void run_grid(const cudasim_entry *entry, void **arguments, Dim grid, Dim block, bool reverse);
std::string running(); // "kernel NAME: block (..) thread (..)" on this OS thread, or ""

// Returns the compiled kernel with a name, or NULL.
const cudasim_entry *compiled(const std::string &name);

} // namespace cudasim
