// What a compiled kernel tells of itself, and what it calls: the seam between the
// simulated driver and the kernels that g++ compiled.
#pragma once

#include <cstddef>

struct cudasim_parameter {
    size_t size, align;
    bool pointer;
    size_t pointee; // alignment of what a pointer points to
};

struct cudasim_entry {
    const char *name;
    void (*call)(void **arguments); // the kernel, for the thread in cudasim_self
    const cudasim_parameter *parameters;
    size_t count;
    void *(*shared)(); // an address in the calling OS thread's shared memory
};

struct cudasim_dim { unsigned x, y, z; };

// The CUDA thread that runs on this OS thread.
struct cudasim_thread {
    cudasim_dim thread, block, block_dim, grid_dim;
    unsigned lane;
};
extern __thread cudasim_thread cudasim_self __attribute__((tls_model("initial-exec")));

extern "C" {
// __syncthreads at a line of the source.
void cudasim_barrier(const char *file, int line);
// Gives a word to the warp and returns the words of its 32 lanes, when every lane of
// the mask has come to the same line.
const unsigned long long *cudasim_exchange(unsigned mask, unsigned long long word, const char *file, int line);
}
