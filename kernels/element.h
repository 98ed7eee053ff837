// The arithmetic of one element, in C, C++ and CUDA. element.go and philox.go are the definition,
// and these functions return the same bits.
//
// Each function is written once for one float and for a vector of floats: a file that includes
// this one may first define REAL and the names below it as vectors. Products and sums must not be
// contracted into fused multiply-adds. Therefore C is compiled as ISO C11 (host.h adds what Clang
// needs), and CUDA with -fmad=false.
#ifndef HARMONIUM_ELEMENT_H
#define HARMONIUM_ELEMENT_H

#include <stdint.h>
#include <string.h>

#include "draw.h"

#ifndef ELEMENT // declaration of the functions; CUDA source defines it first
#define ELEMENT static inline __attribute__((always_inline))
#endif

#ifndef REAL
#define REAL float
#define BITS uint32_t
#define ALL_REAL(x) (x) // x in every element
#define ALL_BITS(x) (x)
#define SMALLER(a, b) ((a) < (b) ? (a) : (b)) // b where either is NaN
#define LARGER(a, b) ((a) > (b) ? (a) : (b))  // b where either is NaN
#define LESS(a, b) ((a) < (b) ? 1.0f : 0.0f)
#define BELOW(a, b) ((a) < (b) ? 0xFFFFFFFFu : 0u) // all bits where a < b
#define REAL_FROM(bits) ((float)(int32_t)(bits)) // of an integer below 2^31
#define HIGH_PRODUCT(a, b) ((uint32_t)((uint64_t)(a) * (b) >> 32))
#define LOW_PRODUCT(a, b) ((a) * (b))
#endif

ELEMENT BITS bits_of(REAL x) {
    BITS bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

ELEMENT REAL real_of(BITS bits) {
    REAL x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// Returns e^x for x in [-87, 87].
ELEMENT REAL element_exp(REAL x) {
    const float to_int = 12582912.0f; // 1.5 * 2^23
    REAL t = x * 1.44269504088896341f + to_int;
    REAL n = t - to_int;
    REAL r = x - n * 0.693359375f;
    r = r - n * -2.12194440054690583e-4f;
    REAL p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r;
    p = p + 1.0f;
    return p * real_of((bits_of(t) << 23) + 0x3F800000u);
}

// Returns x limited to [-87, 87], and NaN for NaN.
ELEMENT REAL element_clamp(REAL x) {
    const REAL limit = ALL_REAL(87.0f);
    REAL below = SMALLER(limit, x);
    return LARGER(-limit, below);
}

// The logistic function σ(x) = 1/(1 + e^-x).
ELEMENT REAL element_sigmoid(REAL x) { return 1.0f / (1.0f + element_exp(-element_clamp(x))); }

// Returns atanh(s)/s for q = s^2, with |s| at most 1/3.
ELEMENT REAL element_atanh_series(REAL q) {
    REAL p = q * (float)(1. / 17) + (float)(1. / 15);
    p = p * q + (float)(1. / 13);
    p = p * q + (float)(1. / 11);
    p = p * q + (float)(1. / 9);
    p = p * q + (float)(1. / 7);
    p = p * q + (float)(1. / 5);
    p = p * q + (float)(1. / 3);
    return p * q + 1.0f;
}

// Returns log(t) for a normal t above 0, and NaN for NaN: the last term is 0 unless t is NaN.
ELEMENT REAL element_log(REAL t) {
    BITS biased = (bits_of(t) + 0x00555555u) >> 23; // n + 127; the bits of 1 and 2/3 are 0x00555555 apart
    REAL f = real_of(bits_of(t) - (biased << 23) + 0x3F800000u);
    REAL s = (f - 1.0f) / (f + 1.0f);
    return (REAL_FROM(biased) - 127.0f) * 0.693147180559945309f + 2.0f * s * element_atanh_series(s * s) + (t - t);
}

// Returns the polynomial of normalSeries, by which element_normal and normal_quantile (truncated.h) multiply.
ELEMENT REAL element_normal_series(REAL y) {
    REAL p = 0.0100577949f * y + -0.0125329802f;
    p = p * y + -0.0290358756f;
    p = p * y + 0.0511042029f;
    p = p * y + 0.000467846432f;
    p = p * y + -0.0435234979f;
    p = p * y + 0.0460787117f;
    p = p * y + -0.055731155f;
    p = p * y + 0.0595192425f;
    p = p * y + -0.0240358673f;
    p = p * y + -0.0515693389f;
    p = p * y + 0.177948192f;
    p = p * y + -0.457566619f;
    p = p * y + 1.9952513f;
    return p * y + 3.76384258f;
}

// Returns |x|.
ELEMENT REAL element_magnitude(REAL x) { return real_of(bits_of(x) & 0x7FFFFFFFu); }

// Returns x where all bits are set, and y where none is.
ELEMENT REAL element_choose(BITS bits, REAL x, REAL y) { return real_of((bits_of(x) & bits) | (bits_of(y) & ~bits)); }

// Returns the standard normal number for a uniform number u, a multiple of 2^-24 in [0, 1).
ELEMENT REAL element_normal(REAL u) {
    REAL x = 2.0f * u - 1.0f + 0x1p-24f, size = element_magnitude(x);
    REAL y = -element_log((1.0f - size) * (1.0f + size)) * 0.125f - 1.0f;
    return x * element_normal_series(y);
}

// The softplus log(1 + e^x).
ELEMENT REAL element_softplus(REAL x) {
    REAL clamped = element_clamp(x);
    REAL low = SMALLER(-clamped, clamped);
    REAL e = element_exp(low);
    REAL s = e / (2.0f + e);
    REAL high = LARGER(x, ALL_REAL(0.0f));
    return high + 2.0f * s * element_atanh_series(s * s);
}

// Writes the counter of one block of four columns of row n.
ELEMENT void element_counter(BITS x[4], struct draw d, uint32_t n, BITS block) {
    x[0] = block | d.stream;
    x[1] = ALL_BITS(d.row + n);
    x[2] = ALL_BITS(d.update);
    x[3] = ALL_BITS(d.step);
}

// Applies one of the ten rounds of Philox, which turn a counter into four random words.
ELEMENT void element_round(BITS x[4], struct draw d, uint32_t round) {
    BITS high0 = HIGH_PRODUCT(x[0], 0xD2511F53u), low0 = LOW_PRODUCT(x[0], 0xD2511F53u);
    BITS high1 = HIGH_PRODUCT(x[2], 0xCD9E8D57u), low1 = LOW_PRODUCT(x[2], 0xCD9E8D57u);
    x[0] = high1 ^ x[1] ^ (d.key0 + round * 0x9E3779B9u);
    x[1] = low1;
    x[2] = high0 ^ x[3] ^ (d.key1 + round * 0xBB67AE85u);
    x[3] = low0;
}

// Writes the four random words of one block of four columns of row n.
ELEMENT void element_words(BITS word[4], struct draw d, uint32_t n, BITS block) {
    element_counter(word, d, n, block);
    for (uint32_t round = 0; round < 10; round++) element_round(word, d, round);
}

// Returns the upper 24 bits of a word as a multiple of 2^-24 in [0, 1).
ELEMENT REAL element_uniform(BITS word) { return REAL_FROM(word >> 8) * 0x1p-24f; }

#endif
