// CUDA C++ for g++: the declarations that kernel sources use when they are compiled for the
// simulator.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "entry.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __shared__ thread_local // one OS thread runs one block at a time
#define __launch_bounds__(...)
#define __align__(n) alignas(n)

#define threadIdx (cudasim_self.thread)
#define blockIdx (cudasim_self.block)
#define blockDim (cudasim_self.block_dim)
#define gridDim (cudasim_self.grid_dim)
#define warpSize 32

// Vectors with CUDA's alignment. g++'s sanitizer reports a misaligned load.
#define CUDASIM_VECTORS(type, name)                                                                                    \
    struct name##1 { type x; };                                                                                        \
    struct alignas(2 * sizeof(type)) name##2 { type x, y; };                                                           \
    struct name##3 { type x, y, z; };                                                                                  \
    struct alignas(4 * sizeof(type) < 16 ? 4 * sizeof(type) : 16) name##4 { type x, y, z, w; };                        \
    inline name##2 make_##name##2(type x, type y) { return {x, y}; }                                                   \
    inline name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; }                                        \
    inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
CUDASIM_VECTORS(float, float)
CUDASIM_VECTORS(double, double)
CUDASIM_VECTORS(int, int)
CUDASIM_VECTORS(unsigned, uint)
CUDASIM_VECTORS(signed char, char)
CUDASIM_VECTORS(unsigned char, uchar)
CUDASIM_VECTORS(short, short)
CUDASIM_VECTORS(unsigned short, ushort)
CUDASIM_VECTORS(long long, longlong)
CUDASIM_VECTORS(unsigned long long, ulonglong)
using dim3 = uint3;

// Barriers and exchange within a warp.
#define __syncthreads() cudasim_barrier(__FILE__, __LINE__)
#define __syncwarp(...) cudasim_syncwarp(__FILE__, __LINE__, ##__VA_ARGS__)
#define __shfl_sync(mask, value, ...) cudasim_shuffle(mask, value, __FILE__, __LINE__, cudasim_from, __VA_ARGS__)
#define __shfl_xor_sync(mask, value, ...) cudasim_shuffle(mask, value, __FILE__, __LINE__, cudasim_from_xor, __VA_ARGS__)
#define __shfl_down_sync(mask, value, ...) cudasim_shuffle(mask, value, __FILE__, __LINE__, cudasim_from_down, __VA_ARGS__)
#define __shfl_up_sync(mask, value, ...) cudasim_shuffle(mask, value, __FILE__, __LINE__, cudasim_from_up, __VA_ARGS__)
#define __ballot_sync(mask, predicate) cudasim_ballot(mask, predicate, __FILE__, __LINE__)
#define __any_sync(mask, predicate) (cudasim_ballot(mask, predicate, __FILE__, __LINE__) != 0)
#define __all_sync(mask, predicate) (cudasim_ballot(mask, predicate, __FILE__, __LINE__) == (mask))

inline void cudasim_syncwarp(const char *file, int line, unsigned mask = ~0u) { cudasim_exchange(mask, 0, file, line); }

// Returns the lane that a lane reads from, within groups of `width` lanes, or the lane itself if
// there is none. Only with xor may it be in an earlier group, as in CUDA.
inline int cudasim_from(int lane, int from, int width) { return lane / width * width + (from & (width - 1)); }
inline int cudasim_from_xor(int lane, int bits, int width) {
    return (lane ^ bits) / width <= lane / width ? lane ^ bits : lane;
}
inline int cudasim_from_down(int lane, int by, int width) { return lane % width + by < width ? lane + by : lane; }
inline int cudasim_from_up(int lane, int by, int width) { return lane % width >= by ? lane - by : lane; }

template <class T>
T cudasim_shuffle(unsigned mask, T value, const char *file, int line, int (*from)(int, int, int), int by, int width = 32) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 32 or 64 bits");
    unsigned long long word = 0;
    std::memcpy(&word, &value, sizeof value);
    const unsigned long long *words = cudasim_exchange(mask, word, file, line);
    int lane = from(cudasim_self.lane, by, width);
    if (mask >> lane & 1) {
        std::memcpy(&value, &words[lane], sizeof value);
    } else {
        std::memset(&value, 0xFF, sizeof value); // undefined in CUDA
    }
    return value;
}

inline unsigned cudasim_ballot(unsigned mask, bool predicate, const char *file, int line) {
    const unsigned long long *words = cudasim_exchange(mask, predicate, file, line);
    unsigned votes = 0;
    for (int lane = 0; lane < 32; lane++) votes |= (mask >> lane & words[lane] & 1u) << lane;
    return votes;
}

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __threadfence(); }

// Atomics return the old value.
template <class T, class F> T cudasim_atomic(T *p, F change) {
    T old, next;
    __atomic_load(p, &old, __ATOMIC_SEQ_CST);
    do next = change(old);
    while (!__atomic_compare_exchange(p, &old, &next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return old;
}
#define CUDASIM_ATOMIC(name, expression)                                                                               \
    template <class T, class U> T name(T *p, U value) {                                                                \
        T v = value;                                                                                                   \
        return cudasim_atomic(p, [=](T old) -> T { return expression; });                                              \
    }
CUDASIM_ATOMIC(atomicAdd, old + v)
CUDASIM_ATOMIC(atomicSub, old - v)
CUDASIM_ATOMIC(atomicMin, v < old ? v : old)
CUDASIM_ATOMIC(atomicMax, v > old ? v : old)
CUDASIM_ATOMIC(atomicAnd, old & v)
CUDASIM_ATOMIC(atomicOr, old | v)
CUDASIM_ATOMIC(atomicXor, old ^ v)
CUDASIM_ATOMIC(atomicExch, v)
template <class T> T atomicCAS(T *p, T compare, T value) {
    return cudasim_atomic(p, [=](T old) { return old == compare ? value : old; });
}

// Loads, bits and arithmetic.
template <class T> T __ldg(const T *p) { return *p; }
template <class T> T __ldcs(const T *p) { return *p; }
template <class T> T __ldcg(const T *p) { return *p; }
template <class T> void __stcs(T *p, T value) { *p = value; }
template <class T> void __stcg(T *p, T value) { *p = value; }

template <class To, class From> To cudasim_bits(From from) {
    To to;
    static_assert(sizeof to == sizeof from, "the same number of bits");
    std::memcpy(&to, &from, sizeof to);
    return to;
}
inline unsigned __float_as_uint(float x) { return cudasim_bits<unsigned>(x); }
inline int __float_as_int(float x) { return cudasim_bits<int>(x); }
inline float __uint_as_float(unsigned x) { return cudasim_bits<float>(x); }
inline float __int_as_float(int x) { return cudasim_bits<float>(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return (uint64_t)a * b >> 32; }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
template <class A, class B> auto min(A a, B b) { return b < a ? b : a; }
template <class A, class B> auto max(A a, B b) { return a < b ? b : a; }

// The description of a kernel for the driver.
template <class T> struct cudasim_pointee { static constexpr size_t align = 0; static constexpr bool table = false; };
template <class T> struct cudasim_pointee<T *> {
    static constexpr size_t align = alignof(T);
    // True for struct step of steps.cu, but neither for the vectors above nor for struct faults of faults.h.
    static constexpr bool table = std::is_class_v<T> && sizeof(T) > 32 && sizeof(T) <= 256;
};
template <> struct cudasim_pointee<void *> { static constexpr size_t align = 1; static constexpr bool table = false; };
template <> struct cudasim_pointee<const void *> { static constexpr size_t align = 1; static constexpr bool table = false; };

template <auto kernel> struct cudasim_kernel;
template <class... A, void (*kernel)(A...)> struct cudasim_kernel<kernel> {
    static constexpr size_t count = sizeof...(A);
    static constexpr cudasim_parameter parameters[] = {
        {sizeof(A), alignof(A), cudasim_pointee<A>::align != 0, cudasim_pointee<A>::align, cudasim_pointee<A>::table}...,
        {0, 0, false, 0, false}};
    template <size_t... I> static void spread(void **arguments, std::index_sequence<I...>) {
        kernel(*static_cast<A *>(arguments[I])...);
    }
    static void call(void **arguments) { spread(arguments, std::make_index_sequence<count>()); }
};

static void *cudasim_shared() { // static: an inline one would be the same in every library
    static thread_local char inside[16]; // of any size: block.cc needs an address in this library's thread-local data
    return inside;
}
#define CUDASIM_ENTRY(name)                                                                                            \
    {#name, cudasim_kernel<name>::call, cudasim_kernel<name>::parameters, cudasim_kernel<name>::count, cudasim_shared}
