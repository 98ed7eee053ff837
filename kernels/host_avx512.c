// The kernels for AVX-512 (F, BW, DQ and VL).
#ifdef __x86_64__
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma")
#endif

#define VARIANT harmonium_avx512
#define LANES 16
#define DENSE_ROWS 6
#define FUSED(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SMALLER(a, b) _mm512_min_ps(a, b)
#define LARGER(a, b) _mm512_max_ps(a, b)
#define HIGH_PRODUCT(a, b)                                                                         \
    ((uvec)_mm512_mask_blend_epi32(                                                                \
        0xAAAA, _mm512_srli_epi64(_mm512_mul_epu32((__m512i)(a), _mm512_set1_epi32((int)(b))), 32), \
        _mm512_mul_epu32(_mm512_srli_epi64((__m512i)(a), 32), _mm512_set1_epi32((int)(b)))))
#include "host.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
