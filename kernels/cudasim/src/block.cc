// Runs the blocks of a grid.
//
// The CUDA threads of a block take turns on one OS thread. They run one after the other, as in a
// plain loop, until a barrier or a shuffle stops one. The stopped thread keeps its stack, and the
// loop continues on another stack. So a kernel without barriers costs as much as a loop.
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include "simulator.h"

__thread cudasim_thread cudasim_self;

namespace cudasim {

static const size_t stack_size = 128 << 10, page = 4096;
static const uint64_t spread = 4096; // threads of a grid above which a second OS thread pays

// Saves the registers that a function must preserve, and continues on another stack.
extern "C" void cudasim_switch(void **from, void *to);
asm(R"(
.hidden cudasim_switch
cudasim_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
)");

struct Fiber {
    void *stack_pointer;
    unsigned thread; // the CUDA thread that it runs
};

struct Thread {
    enum State { fresh, ready, at_barrier, at_exchange, done } state;
    Fiber *fiber;
    const char *file; // source file of the line at which it waits
    int line;
    unsigned mask;
    unsigned long long word; // the word given to the warp

    bool waits_with(const Thread &t) const {
        return state == t.state && line == t.line && mask == t.mask && (file == t.file || !strcmp(file, t.file));
    }
};

// One OS thread's share of a grid.
struct Worker {
    const cudasim_entry *entry = nullptr;
    void **arguments;
    bool reverse;
    unsigned threads, next; // of the block; the next CUDA thread that has not started
    void *scheduler;        // stack pointer of the scheduler
    Fiber *fiber;           // the fiber that runs
    std::vector<Fiber *> idle;
    std::vector<Thread> all;
    std::vector<std::array<unsigned long long, 32>> words; // for each warp, the words of its last exchange

    void run(Dim block);
    void resume(Fiber *f);
    void wait();
    unsigned index(unsigned i) const { return reverse ? threads - 1 - i : i; }
    bool release_warp(unsigned warp);
    bool release_barrier();
    [[noreturn]] void stuck();
    [[noreturn]] void loop();
};
static __thread Worker *worker __attribute__((tls_model("initial-exec"))); // non-NULL while a kernel runs here

static Dim dim(cudasim_dim d) { return {d.x, d.y, d.z}; }

static std::string text(Dim d) {
    return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}

std::string running() {
    if (!worker) return "";
    return std::string("kernel ") + worker->entry->name + ": block " + text(dim(cudasim_self.block)) + " thread " +
           text(dim(cudasim_self.thread));
}

static void name_self(unsigned t) {
    cudasim_dim b = cudasim_self.block_dim;
    cudasim_self.thread = {t % b.x, t / b.x % b.y, t / b.x / b.y};
    cudasim_self.lane = t % 32;
}

// The loop of a fiber: it runs the threads of the block that have not started.
void Worker::loop() {
    for (;;) {
        while (next < threads) {
            unsigned t = fiber->thread = index(next++);
            all[t].fiber = fiber;
            all[t].state = Thread::ready;
            name_self(t);
            entry->call(arguments);
            all[fiber->thread].state = Thread::done;
        }
        idle.push_back(fiber);
        cudasim_switch(&fiber->stack_pointer, scheduler);
    }
}

static void begin_fiber() { worker->loop(); }

static Fiber *new_fiber() {
    auto base = (char *)mmap(nullptr, page + stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || mprotect(base, page, PROT_NONE)) fatal("no room for the stack of a thread");
    auto top = (void **)(base + page + stack_size);
    top[-2] = (void *)begin_fiber; // entered as by a call: 16-byte aligned before the return address
    return new Fiber{top - 8, 0};
}

void Worker::resume(Fiber *f) {
    fiber = f;
    name_self(f->thread);
    cudasim_switch(&scheduler, f->stack_pointer);
}

void Worker::wait() { cudasim_switch(&fiber->stack_pointer, scheduler); }

// Releases the lanes of a warp whose partners have all arrived. Returns whether there are any.
bool Worker::release_warp(unsigned warp) {
    bool any = false;
    unsigned first = warp * 32, lanes = std::min(32u, threads - first);
    unsigned present = lanes == 32 ? ~0u : (1u << lanes) - 1;
    for (unsigned lane = 0; lane < lanes; lane++) {
        Thread &a = all[first + lane];
        if (a.state != Thread::at_exchange) continue;
        bool complete = true;
        for (unsigned other = 0; other < lanes; other++) {
            Thread &b = all[first + other];
            if (!((a.mask & present) >> other & 1)) continue;
            complete &= b.waits_with(a);
        }
        if (!complete) continue;
        unsigned mask = a.mask & present;
        for (unsigned other = 0; other < lanes; other++) {
            if (!(mask >> other & 1)) continue;
            words[warp][other] = all[first + other].word;
            all[first + other].state = Thread::ready;
        }
        any = true;
    }
    return any;
}

// Releases all threads once all have reached the same __syncthreads.
bool Worker::release_barrier() {
    for (Thread &t : all) {
        if (t.state != Thread::at_barrier || !t.waits_with(all[0])) return false;
    }
    for (Thread &t : all) t.state = Thread::ready;
    return true;
}

static std::string place(const Thread &t) {
    if (t.state == Thread::done) return "has returned";
    return "waits at " + std::string(t.file) + ":" + std::to_string(t.line);
}

// Reports a deadlock: names a waiting thread, and one that does not reach the same line.
void Worker::stuck() {
    unsigned a = 0, b = 0;
    while (all[a].state == Thread::done) a++;
    while (b + 1 < threads && all[b].waits_with(all[a])) b++;
    name_self(a);
    std::string first = place(all[a]), second = place(all[b]);
    name_self(b);
    std::string other = text(dim(cudasim_self.thread));
    name_self(a);
    fatal("%s, while thread %s %s", first.c_str(), other.c_str(), second.c_str());
}

void Worker::run(Dim block) {
    threads = block.x * block.y * block.z;
    next = 0;
    all.assign(threads, Thread{Thread::fresh, nullptr, "", 0, 0, 0});
    words.resize((threads + 31) / 32);
    while (next < threads) {
        if (idle.empty()) idle.push_back(new_fiber());
        Fiber *f = idle.back();
        idle.pop_back();
        resume(f);
    }
    for (;;) {
        bool moved = false;
        for (unsigned w = 0; w < words.size(); w++) moved |= release_warp(w);
        if (!moved && !release_barrier()) break;
        for (unsigned i = 0; i < threads; i++) {
            Thread &t = all[index(i)];
            if (t.state == Thread::ready) resume(t.fiber);
        }
    }
    for (Thread &t : all) {
        if (t.state != Thread::done) stuck();
    }
}

// Shared memory is thread-local. It is the block of thread-local data that a kernel's library has
// on this OS thread.
struct Shared {
    char *inside, *start;
    size_t size;
};

static Shared shared_memory(const cudasim_entry *entry) {
    Shared s = {(char *)entry->shared(), nullptr, 0};
    dl_iterate_phdr([](dl_phdr_info *info, size_t, void *data) {
        auto s = (Shared *)data;
        auto start = (char *)info->dlpi_tls_data;
        for (int i = 0; i < info->dlpi_phnum; i++) {
            size_t size = info->dlpi_phdr[i].p_memsz;
            if (info->dlpi_phdr[i].p_type != PT_TLS || !start || s->inside < start || s->inside >= start + size) continue;
            s->start = start;
            s->size = size;
        }
        return 0;
    }, &s);
    return s;
}

// A grid, and the number of its blocks that have been handed out.
struct Grid {
    const cudasim_entry *entry;
    void **arguments;
    Dim grid, block;
    bool reverse;
    std::atomic<uint64_t> next{0};

    uint64_t blocks() const { return (uint64_t)grid.x * grid.y * grid.z; }
    void work();
};

void Grid::work() {
    static thread_local Worker own;
    own.entry = entry;
    own.arguments = arguments;
    own.reverse = reverse;
    Shared shared = shared_memory(entry);
    cudasim_self.block_dim = {block.x, block.y, block.z};
    cudasim_self.grid_dim = {grid.x, grid.y, grid.z};
    worker = &own;
    for (uint64_t n; (n = next++) < blocks();) {
        uint64_t b = reverse ? blocks() - 1 - n : n;
        cudasim_self.block = {unsigned(b % grid.x), unsigned(b / grid.x % grid.y), unsigned(b / grid.x / grid.y)};
        if (shared.size) memset(shared.start, 0xFF, shared.size);
        own.run(block);
    }
    worker = nullptr;
}

// The second OS thread. It lives as long as the process. It blocks every signal except the faults
// of a kernel, and has a stack for their handler.
class Helper {
    std::mutex lock;
    std::condition_variable changed;
    Grid *job = nullptr;
    bool begun = false;

    void live() {
        static char handler_stack[64 << 10];
        stack_t stack = {};
        stack.ss_sp = handler_stack;
        stack.ss_size = sizeof handler_stack;
        sigaltstack(&stack, nullptr);
        for (;;) {
            std::unique_lock<std::mutex> held(lock);
            changed.wait(held, [&] { return job != nullptr; });
            held.unlock();
            job->work();
            held.lock();
            job = nullptr;
            changed.notify_all();
        }
    }

  public:
    void begin(Grid *g) {
        if (!begun) std::thread([this] { live(); }).detach();
        begun = true;
        std::lock_guard<std::mutex> held(lock);
        job = g;
        changed.notify_all();
    }
    void wait() {
        std::unique_lock<std::mutex> held(lock);
        changed.wait(held, [&] { return job == nullptr; });
    }
};

void run_grid(const cudasim_entry *entry, void **arguments, Dim grid, Dim block, bool reverse) {
    static Helper *helper = new Helper; // never deleted: its thread outlives main
    static const bool two = setting("CUDASIM_THREADS", "2") != "1";
    Grid g = {entry, arguments, grid, block, reverse};
    sigset_t all, before;
    sigfillset(&all);
    for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&all, own);
    pthread_sigmask(SIG_BLOCK, &all, &before); // handlers must not see the stacks of fibers
    bool help = two && g.blocks() > 1 && g.blocks() * block.x * block.y * block.z >= spread;
    if (help) helper->begin(&g);
    g.work();
    if (help) helper->wait();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace cudasim

using namespace cudasim;

static void stop(Thread::State state, unsigned mask, const char *file, int line) {
    Thread &t = worker->all[worker->fiber->thread];
    t.file = file;
    t.line = line;
    t.mask = mask;
    t.state = state;
    worker->wait();
}

void cudasim_barrier(const char *file, int line) { stop(Thread::at_barrier, ~0u, file, line); }

const unsigned long long *cudasim_exchange(unsigned mask, unsigned long long word, const char *file, int line) {
    unsigned self = worker->fiber->thread;
    if (!(mask >> self % 32 & 1)) fatal("%s:%d: the mask %08x leaves out the calling lane", file, line, mask);
    worker->all[self].word = word;
    stop(Thread::at_exchange, mask, file, line);
    return worker->words[self / 32].data();
}
