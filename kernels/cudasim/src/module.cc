// Modules and kernels. The PTX declares the kernels and their parameters. The code that runs is
// compiled by g++ from the same source.
#include <cstring>
#include <set>

#include <dirent.h>
#include <dlfcn.h>

#include "simulator.h"

namespace cudasim {

static const size_t most_shared = 48 << 10;

// The part of a function's PTX against which a launch is checked.
struct Shape {
    std::vector<size_t> parameters; // sizes of the parameters
    size_t shared = 0;
    unsigned most_threads = 1024;
    unsigned needed_threads = 0; // 0 for any number
};

struct Function : Object {
    std::string name;
    Shape shape;
    const cudasim_entry *entry;
    Function(Context *c, const std::string &name, const Shape &shape, const cudasim_entry *entry)
        : Object("kernel", c), name(name), shape(shape), entry(entry) {}
};

struct Module : Object {
    std::map<std::string, Shape> shapes;
    std::map<std::string, Function *> functions;
    Module(Context *c) : Object("module", c) {}
};

static void load_library(const std::string &path, std::map<std::string, const cudasim_entry *> &all) {
    void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) fatal("%s", dlerror());
    auto entry = (const cudasim_entry *)dlsym(library, "cudasim_entries");
    for (; entry && entry->name; entry++) {
        if (!all.emplace(entry->name, entry).second) fatal("two sources define kernel %s", entry->name);
    }
}

// Finds a kernel in the folder `kernels` beside this library.
const cudasim_entry *compiled(const std::string &name) {
    static const std::map<std::string, const cudasim_entry *> all = [] {
        std::map<std::string, const cudasim_entry *> found;
        Dl_info self;
        dladdr((void *)compiled, &self);
        std::string path = self.dli_fname, folder = path.substr(0, path.rfind('/')) + "/kernels/";
        DIR *listing = opendir(folder.c_str());
        if (!listing) fatal("%s: no such folder", folder.c_str());
        while (dirent *file = readdir(listing)) {
            if (strstr(file->d_name, ".so")) load_library(folder + file->d_name, found);
        }
        closedir(listing);
        return found;
    }();
    auto it = all.find(name);
    return it == all.end() ? nullptr : it->second;
}

static std::string without_comments(const char *text) {
    std::string out;
    for (const char *p = text; *p; p++) {
        if (p[0] == '/' && p[1] == '/') {
            while (p[1] && p[1] != '\n') p++;
        } else {
            out += *p;
        }
    }
    return out;
}

// Returns the bytes of a declaration such as `.align 4 .b8 name[24]` or `.u64 name`.
static size_t declared_size(const std::string &declaration) {
    size_t size = 0, array = declaration.find('[');
    for (size_t at = declaration.find('.'); at != std::string::npos; at = declaration.find('.', at + 1)) {
        if (strchr("usfb", declaration[at + 1]) && isdigit(declaration[at + 2])) size = atoi(&declaration[at + 2]) / 8;
    }
    return array == std::string::npos ? size : size * atoi(&declaration[array + 1]);
}

static size_t shared_size(const std::string &text) {
    size_t total = 0;
    for (size_t at = text.find(".shared .align"); at != std::string::npos; at = text.find(".shared .align", at + 1)) {
        total += declared_size(text.substr(at, text.find(';', at) - at));
    }
    return total;
}

// Returns the product of the numbers after a directive, or `otherwise` without the directive.
static unsigned threads_of(const std::string &head, const char *directive, unsigned otherwise) {
    size_t at = head.find(directive);
    if (at == std::string::npos) return otherwise;
    unsigned x = 1, y = 1, z = 1;
    sscanf(head.c_str() + at + strlen(directive), "%u , %u , %u", &x, &y, &z);
    return x * y * z;
}

static std::map<std::string, Shape> parse(const std::string &text) {
    std::map<std::string, Shape> shapes;
    for (size_t at = text.find(".entry"); at != std::string::npos; at = text.find(".entry", at + 1)) {
        size_t open = text.find('(', at), close = text.find(')', open), body = text.find('{', close), end = body;
        for (int depth = 0; end < text.size(); end++) {
            depth += (text[end] == '{') - (text[end] == '}');
            if (depth == 0) break;
        }
        if (end >= text.size()) return {};
        Shape shape;
        std::string parameters = text.substr(open + 1, close - open - 1), head = text.substr(close, body - close);
        for (size_t p = parameters.find(".param"); p != std::string::npos; p = parameters.find(".param", p + 1)) {
            size_t stop = parameters.find(',', p);
            shape.parameters.push_back(declared_size(parameters.substr(p + 6, stop == std::string::npos ? stop : stop - p - 6)));
        }
        shape.shared = shared_size(text.substr(body, end - body));
        shape.most_threads = threads_of(head, ".maxntid", 1024);
        shape.needed_threads = threads_of(head, ".reqntid", 0);
        std::string name = text.substr(at + 6, open - at - 6);
        shapes[name.substr(name.find_first_not_of(" \t\n"), name.find_last_not_of(" \t\n") - name.find_first_not_of(" \t\n") + 1)] = shape;
    }
    return shapes;
}

// Returns the compiled kernel if its parameters match the PTX.
static const cudasim_entry *matching(const std::string &name, const Shape &shape) {
    const cudasim_entry *entry = compiled(name);
    if (!entry) {
        violation(CUDA_ERROR_NOT_FOUND, "kernel %s is in the PTX but in no source", name.c_str());
        return nullptr;
    }
    bool same = entry->count == shape.parameters.size();
    for (size_t i = 0; same && i < entry->count; i++) same = entry->parameters[i].size == shape.parameters[i];
    if (same) return entry;
    violation(CUDA_ERROR_INVALID_PTX, "kernel %s takes other parameters in its PTX than in its source: generate the PTX again", name.c_str());
    return nullptr;
}

// The arguments of a launch, copied when the launch is made.
struct Arguments {
    const Function *function;
    std::vector<std::vector<char>> values;
};

static bool holds_address(const std::vector<char> &cell, CUdeviceptr *p) {
    memcpy(p, cell.data(), sizeof *p);
    return *p != 0;
}

// Checks a pointer argument: it must be a device address inside a living allocation, aligned to
// the type it points to. NULL is passed on to the kernel.
static bool check_pointer(const Arguments &a, size_t i) {
    const cudasim_parameter &parameter = a.function->entry->parameters[i];
    CUdeviceptr p;
    if (!parameter.pointer || !holds_address(a.values[i], &p)) return true;
    std::string role = "kernel " + a.function->name + ": argument " + std::to_string(i);
    if (!view(p, 1, role.c_str())) return false;
    if (p % parameter.pointee == 0) return true;
    violation(CUDA_ERROR_INVALID_VALUE, "%s: 0x%llx is not aligned to %zu bytes", role.c_str(), p, parameter.pointee);
    return false;
}

// Checks a 32-bit argument. If its cell holds a device address, the arguments are in the wrong
// order. The whole cell is read, since launches here keep every argument in 64 bits.
static bool check_scalar(const Arguments &a, size_t i, const void *cell) {
    const cudasim_parameter &parameter = a.function->entry->parameters[i];
    void *p;
    if (parameter.pointer || parameter.size != 4 || (uintptr_t)cell % sizeof p) return true;
    memcpy(&p, cell, sizeof p);
    if (!is_device_address(p)) return true;
    violation(CUDA_ERROR_INVALID_VALUE, "kernel %s: argument %zu takes 32 bits, and is given device address %p",
              a.function->name.c_str(), i, p);
    return false;
}

// A copy of everything that a launch could write to: the allocations of its pointer arguments, and
// all allocations if one of them is a table.
struct Snapshot {
    struct Piece { CUdeviceptr at; char *bytes; std::vector<char> copy; };
    std::vector<Piece> pieces;
    std::set<char *> seen; // their starts

    explicit Snapshot(const Arguments &a) {
        for (size_t i = 0; i < a.values.size(); i++) {
            CUdeviceptr p;
            if (!a.function->entry->parameters[i].pointer || !holds_address(a.values[i], &p)) continue;
            add(p);
            if (!a.function->entry->parameters[i].table) continue;
            for (CUdeviceptr start : living()) add(start);
        }
    }
    void add(CUdeviceptr p) {
        size_t size;
        auto bytes = (char *)allocation_view(&p, &size);
        if (seen.insert(bytes).second) pieces.push_back({p, bytes, {bytes, bytes + size}});
    }
    void restore() {
        for (Piece &p : pieces) memcpy(p.bytes, p.copy.data(), p.copy.size());
    }
};

// Runs a grid twice, the second time with blocks and threads in reverse order, and requires the
// same bytes. A missing barrier shows as a difference.
static void run_both_ways(const Arguments &a, void **arguments, Dim grid, Dim block) {
    Snapshot before(a);
    run_grid(a.function->entry, arguments, grid, block, false);
    Snapshot after(a);
    before.restore();
    run_grid(a.function->entry, arguments, grid, block, true);
    for (Snapshot::Piece &p : after.pieces) {
        for (size_t i = 0; i < p.copy.size(); i++) {
            if (p.bytes[i] == p.copy[i]) continue;
            fatal("the result depends on the order of the threads, first at device address 0x%llx", p.at + i);
        }
    }
}

static void run(const Arguments &a, Dim grid, Dim block) {
    auto values = a.values;
    std::vector<void *> pointers;
    for (size_t i = 0; i < values.size(); i++) {
        CUdeviceptr p;
        if (!check_pointer(a, i)) return;
        if (a.function->entry->parameters[i].pointer && holds_address(values[i], &p)) {
            void *bytes = view(p, 1, "argument");
            memcpy(values[i].data(), &bytes, sizeof bytes);
        }
        pointers.push_back(values[i].data());
    }
    count("kernels", 1);
    std::string order = setting("CUDASIM_ORDER", "forward");
    if (order == "both") return run_both_ways(a, pointers.data(), grid, block);
    run_grid(a.function->entry, pointers.data(), grid, block, order == "reverse");
}

static bool check_dimensions(const Function *f, Dim grid, Dim block, size_t dynamic) {
    uint64_t threads = (uint64_t)block.x * block.y * block.z;
    const char *wrong = nullptr;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0) wrong = "an empty grid or block";
    else if (grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535) wrong = "too large a grid";
    else if (block.x > 1024 || block.y > 1024 || block.z > 64 || threads > 1024) wrong = "more than 1024 threads in a block";
    else if (threads > f->shape.most_threads) wrong = "more threads than the launch bounds of the kernel";
    else if (f->shape.needed_threads && threads != f->shape.needed_threads) wrong = "not the block that the kernel requires";
    else if (f->shape.shared + dynamic > most_shared) wrong = "more than 48 KiB of shared memory";
    else if (dynamic) wrong = "dynamic shared memory, which is not simulated";
    if (!wrong) return true;
    violation(CUDA_ERROR_INVALID_VALUE, "kernel %s: %s: grid (%u,%u,%u), block (%u,%u,%u), %zu bytes shared", f->name.c_str(),
              wrong, grid.x, grid.y, grid.z, block.x, block.y, block.z, f->shape.shared + dynamic);
    return false;
}

static CUresult load(CUmodule *out, const void *image) {
    Context *context = current();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    std::string text = without_comments((const char *)image);
    size_t target = text.find(".target sm_");
    if (text.find(".version") == std::string::npos || target == std::string::npos ||
        text.find(".address_size 64") == std::string::npos) {
        return violation(CUDA_ERROR_INVALID_PTX, "the image is not PTX for 64 bits");
    }
    if (atoi(text.c_str() + target + 11) > capability()) return CUDA_ERROR_NO_BINARY_FOR_GPU;
    auto shapes = parse(text);
    if (shapes.empty()) return violation(CUDA_ERROR_INVALID_PTX, "the PTX has no whole kernel");
    auto module = new Module(context);
    module->shapes = shapes;
    *out = (CUmodule)module;
    return CUDA_SUCCESS;
}

} // namespace cudasim

using namespace cudasim;

extern "C" {

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    Call call("cuModuleLoadData");
    return load(module, image);
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned, CUjit_option *, void **) {
    Call call("cuModuleLoadDataEx");
    return load(module, image);
}

CUresult cuModuleGetFunction(CUfunction *out, CUmodule handle, const char *name) {
    Call call("cuModuleGetFunction");
    auto module = checked<Module>(handle, "module");
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    auto shape = module->shapes.find(name);
    if (shape == module->shapes.end()) return violation(CUDA_ERROR_NOT_FOUND, "no kernel %s in the module", name);
    Function *&f = module->functions[name];
    if (!f) {
        const cudasim_entry *entry = matching(name, shape->second);
        if (!entry) return CUDA_ERROR_NOT_FOUND;
        f = new Function(module->context, name, shape->second, entry);
    }
    *out = (CUfunction)f;
    return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule handle) {
    Call call("cuModuleUnload");
    auto module = checked<Module>(handle, "module");
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    finish_streams(false);
    for (auto &[name, f] : module->functions) {
        if (f) f->end();
    }
    module->end();
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned dynamic, CUstream stream, void **cells, void **extra) {
    Call call("cuLaunchKernel");
    auto f = checked<Function>(handle, "kernel");
    if (!f) return CUDA_ERROR_INVALID_HANDLE;
    Dim grid = {gx, gy, gz}, block = {bx, by, bz};
    if (!check_dimensions(f, grid, block, dynamic)) return CUDA_ERROR_INVALID_VALUE;
    if (extra) return violation(CUDA_ERROR_INVALID_VALUE, "kernel %s: extra is not simulated", f->name.c_str());
    Arguments a = {f, {}};
    for (size_t i = 0; i < f->entry->count; i++) {
        if (!cells || !cells[i]) return violation(CUDA_ERROR_INVALID_VALUE, "kernel %s: no argument %zu", f->name.c_str(), i);
        auto cell = (const char *)cells[i];
        a.values.emplace_back(cell, cell + f->entry->parameters[i].size);
        if (!check_pointer(a, i) || !check_scalar(a, i, cell)) return CUDA_ERROR_INVALID_VALUE;
    }
    return submit(stream, "kernel " + f->name, [a, grid, block] {
        if (!a.function->alive) fatal("unloaded before it ran");
        run(a, grid, block);
    });
}

} // extern "C"
