// Reports, counters and settings.
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "simulator.h"

namespace cudasim {

static std::recursive_mutex lock;
static thread_local const char *call_name = "";
static thread_local std::string work_name; // the work that a call runs

Call::Call(const char *name) : outer(call_name) {
    lock.lock();
    call_name = name;
    count(name, 1);
}

Call::~Call() {
    call_name = outer;
    lock.unlock();
}

void perform(const Work &work) {
    std::string outer = work_name;
    work_name = work.name;
    work.run();
    check_red_zones();
    work_name = outer;
}

std::string setting(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static void print(const char *format, va_list values) {
    char text[1024];
    std::string at = running();
    if (at.empty()) at = work_name.empty() || work_name == call_name ? call_name : call_name + (": " + work_name);
    int n = snprintf(text, sizeof text, "cudasim: %s: ", at.c_str());
    n += vsnprintf(text + n, sizeof text - n, format, values);
    if (n > (int)sizeof text - 2) n = sizeof text - 2;
    text[n++] = '\n';
    if (write(2, text, n) < 0) abort();
}

CUresult violation(CUresult code, const char *format, ...) {
    va_list values;
    va_start(values, format);
    print(format, values);
    va_end(values);
    if (setting("CUDASIM_VIOLATIONS", "abort") == "return") return code;
    abort();
}

void fatal(const char *format, ...) {
    va_list values;
    va_start(values, format);
    print(format, values);
    va_end(values);
    abort();
}

// The counters are lines of a mapped file, so that they can be read at any time and outlive the
// process.
static const size_t line = 72, lines = 1024;

static char *counters() {
    static char *table = [] {
        std::string folder = setting("CUDASIM_COUNTS", "");
        if (folder.empty()) return (char *)nullptr;
        std::string path = folder + "/" + std::to_string(getpid());
        int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (file < 0 || ftruncate(file, line * lines)) {
            fprintf(stderr, "cudasim: %s: cannot be written\n", path.c_str());
            abort();
        }
        void *p = mmap(nullptr, line * lines, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (p == MAP_FAILED) abort();
        close(file);
        memset(p, '\n', line * lines);
        return (char *)p;
    }();
    return table;
}

void count(const std::string &name, int64_t more) {
    struct Counter { char *at; int64_t value; };
    static std::map<std::string, Counter> known;
    char *table = counters();
    if (!table) return;
    if (known.size() == lines && !known.count(name)) fatal("more than %zu counters", lines);
    auto [it, fresh] = known.try_emplace(name, Counter{nullptr, 0});
    Counter &c = it->second;
    if (fresh) c.at = table + line * (known.size() - 1);
    c.value += more;
    char text[line + 1];
    snprintf(text, sizeof text, "%-50.50s %20lld\n", name.c_str(), (long long)c.value);
    memcpy(c.at, text, line);
}

// Reports a fault in simulated memory. Then the previous handler takes over: Go prints the stack
// of the goroutine that read device memory.
static struct sigaction previous;

static void on_fault(int number, siginfo_t *info, void *machine) {
    std::string place = where(info->si_addr);
    std::string kernel = running();
    if (!kernel.empty()) fatal("%s", place.empty() ? "wild pointer" : place.c_str());
    if (!place.empty()) {
        std::string text = "cudasim: host access to " + place + "\n";
        if (write(2, text.data(), text.size()) < 0) abort();
    }
    if (previous.sa_flags & SA_SIGINFO && previous.sa_sigaction) {
        previous.sa_sigaction(number, info, machine);
    } else {
        signal(number, SIG_DFL); // the instruction faults once more
    }
}

void install_fault_handler() {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &previous);
}

} // namespace cudasim

extern "C" void cudasim_unknown(const char *name) {
    cudasim::Call call(name);
    cudasim::fatal("is not simulated");
}
