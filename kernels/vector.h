// Vectors of LANES floats, which GCC and Clang lower to the hardware's vectors.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef uint32_t uvec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));
typedef float half __attribute__((vector_size(2 * LANES)));  // LANES / 2 floats
typedef double wide __attribute__((vector_size(4 * LANES))); // LANES / 2 doubles

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8") // keeps arrays of vectors in registers

INLINE vec load(const float *from) {
    vec x;
    memcpy(&x, from, sizeof x);
    return x;
}

INLINE void store(float *to, vec x) { memcpy(to, &x, sizeof x); }

#ifndef LOAD_FIRST // on any hardware
INLINE vec load_first(const float *from, ptrdiff_t n) {
    if (n >= LANES) return load(from);
    float part[LANES] = {0};
    if (n > 0) memcpy(part, from, n * sizeof *from);
    return load(part);
}
#define LOAD_FIRST(from, n) load_first(from, n)

INLINE void store_first(float *to, vec x, ptrdiff_t n) {
    if (n >= LANES) {
        store(to, x);
    } else if (n > 0) {
        memcpy(to, &x, n * sizeof *to);
    }
}
#define STORE_FIRST(to, x, n) store_first(to, x, n)
#endif

// Loads the first n floats, and zeros after them where a vector has more lanes.
INLINE vec load_some(const float *from, ptrdiff_t n) { return LOAD_FIRST(from, n); }

// Stores the first n floats, or all lanes where a vector has fewer.
INLINE void store_some(float *to, vec x, ptrdiff_t n) { STORE_FIRST(to, x, n); }

// Loads vector k of the `vectors` vectors that hold `columns` columns. Only the last vector may
// be partly filled.
INLINE vec load_vector(const float *from, int k, const int vectors, ptrdiff_t columns) {
    return k < vectors - 1 ? load(from + k * LANES) : load_some(from + k * LANES, columns - k * LANES);
}

// Stores vector k, the inverse of load_vector.
INLINE void store_vector(float *to, vec x, int k, const int vectors, ptrdiff_t columns) {
    if (k < vectors - 1) {
        store(to + k * LANES, x);
    } else {
        store_some(to + k * LANES, x, columns - k * LANES);
    }
}

// The names of element.h, which describes them, for vectors.
#define REAL vec
#define BITS uvec
#define ALL_REAL(x) ((x) - (vec){0}) // not a sum, which would turn -0 into +0
#define ALL_BITS(x) ((uvec){0} + (x))
#define BELOW(a, b) ((uvec)((a) < (b)))
#define REAL_FROM(bits) __builtin_convertvector((ivec)(bits), vec)

#ifndef LOW_PRODUCT
#define LOW_PRODUCT(a, b) ((a) * (b))
#endif

#ifndef SMALLER // on any hardware
#define SELECT(test, a, b) ((vec)(((test) & (ivec)(a)) | (~(test) & (ivec)(b))))
#define SMALLER(a, b) SELECT((a) < (b), a, b)
#define LARGER(a, b) SELECT((a) > (b), a, b)
#define FUSED(a, b, c) ((a) * (b) + (c)) // not fused: there may be no such instruction
#define WIDEN(x) __builtin_convertvector(x, wide)

INLINE uvec high_product(uvec a, uint32_t b) {
    for (int l = 0; l < LANES; l++) a[l] = (uint64_t)a[l] * b >> 32;
    return a;
}
#define HIGH_PRODUCT(a, b) high_product(a, b)

INLINE vec from_bytes(const uint8_t *from) {
    vec x;
    for (int l = 0; l < LANES; l++) x[l] = from[l];
    return x;
}
#define FROM_BYTES(from) from_bytes(from)

// Returns a word whose bit l is 1 where a is less than b in lane l.
INLINE unsigned less_bits(vec a, vec b) {
    ivec less = a < b;
    unsigned bits = 0;
    for (int l = 0; l < LANES; l++) bits |= (unsigned)(less[l] & 1) << l;
    return bits;
}
#define LESS_BITS(a, b) less_bits(a, b)

// LOAD_QUADS loads four floats from each of LANES / 4 places that are `stride` apart. INTERLEAVE_LOW
// takes a0 b0 a1 b1 from each four floats of a and b, and INTERLEAVE_HIGH a2 b2 a3 b3. Here a vector
// has four lanes.
#define LOAD_QUADS(from, stride) load(from)
#ifdef __clang__
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MIX(a, b, ...) __builtin_shuffle(a, b, (ivec){__VA_ARGS__})
#endif
#define INTERLEAVE_LOW(a, b) MIX(a, b, 0, 4, 1, 5)
#define INTERLEAVE_HIGH(a, b) MIX(a, b, 2, 6, 3, 7)
#endif

#ifndef WHERE // the lanes of x whose bits are set, and zeros elsewhere
INLINE vec where(uint32_t bits, vec x) {
    uvec lane;
    for (int l = 0; l < LANES; l++) lane[l] = 1u << l;
    return (vec)((uvec)x & (uvec)((bits & lane) != 0));
}
#define WHERE(bits, x) where((uint32_t)(bits), x)
#endif
