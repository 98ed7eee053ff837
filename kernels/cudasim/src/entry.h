// The interface between the simulated driver and the kernels compiled by g++: the description of
// a kernel, and the functions that it calls.
#pragma once

#include <cstddef>

struct cudasim_parameter {
    size_t size, align;
    bool pointer;
    size_t pointee; // alignment of the target of a pointer
    bool table;     // a pointer to a small struct, whose fields may lead to any allocation
};

struct cudasim_entry {
    const char *name;
    void (*call)(void **arguments); // runs the kernel for the thread in cudasim_self
    const cudasim_parameter *parameters;
    size_t count;
    void *(*shared)(); // returns an address in the calling OS thread's shared memory
};

struct cudasim_dim { unsigned x, y, z; };

// The CUDA thread that runs on this OS thread.
struct cudasim_thread {
    cudasim_dim thread, block, block_dim, grid_dim;
    unsigned lane;
};
extern __thread cudasim_thread cudasim_self __attribute__((tls_model("initial-exec")));

extern "C" {
// Waits at __syncthreads in a line of the source.
void cudasim_barrier(const char *file, int line);
// Gives a word to the warp. When every lane of the mask has reached the same line, returns the
// words of the 32 lanes.
const unsigned long long *cudasim_exchange(unsigned mask, unsigned long long word, const char *file, int line);
}
