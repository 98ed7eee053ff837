// The functions that g++'s undefined-behaviour sanitizer calls in kernels. They report an index
// outside of an array of known size, a misaligned load or store, and an undefined shift or
// division.
#include "simulator.h"

struct Place {
    const char *file;
    unsigned line, column;
};

#define HANDLER(name, text)                                                                                            \
    extern "C" void __ubsan_handle_##name##_abort(const Place *p) {                                                    \
        cudasim::fatal("%s:%u:%u: %s", p->file, p->line, p->column, text);                                             \
    }
HANDLER(out_of_bounds, "index out of bounds")
HANDLER(type_mismatch_v1, "misaligned access or null pointer")
HANDLER(shift_out_of_bounds, "shift by more than the bits there are")
HANDLER(divrem_overflow, "division by zero or overflow")
