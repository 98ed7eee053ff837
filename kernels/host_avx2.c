// The kernels for AVX2 with FMA.
#ifdef __x86_64__
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt,bmi"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,popcnt,bmi")
#endif

#define VARIANT harmonium_avx2
#define LANES 8
#define DENSE_ROWS 6
#define DENSE_VECTORS 2
#define FUSED(a, b, c) _mm256_fmadd_ps(a, b, c)
#define WIDEN(x) _mm256_cvtps_pd(x)
#define FROM_BYTES(from) _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(from))))
#define SMALLER(a, b) _mm256_min_ps(a, b)
#define LARGER(a, b) _mm256_max_ps(a, b)
#define HIGH_PRODUCT(a, b)                                                                         \
    ((uvec)_mm256_blend_epi32(                                                                     \
        _mm256_srli_epi64(_mm256_mul_epu32((__m256i)(a), _mm256_set1_epi32((int)(b))), 32),        \
        _mm256_mul_epu32(_mm256_srli_epi64((__m256i)(a), 32), _mm256_set1_epi32((int)(b))), 0xAA))
#define LOAD_QUADS(from, stride) _mm256_loadu2_m128((from) + (stride), from)
#define INTERLEAVE_LOW(a, b) _mm256_unpacklo_ps(a, b)
#define INTERLEAVE_HIGH(a, b) _mm256_unpackhi_ps(a, b)
#define LESS_BITS(a, b) _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ))
#define OTHER_WORDS(x, half) \
    ((words)_mm256_permutevar8x32_epi32((__m256i)(x), (__m256i)((ivec){0, 1, 2, 3, 4, 5, 6, 7} ^ 2 * (half))))
#include "host.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
