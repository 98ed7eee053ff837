// The kernels for AVX-512 (F, BW, DQ and VL). Every processor with AVX-512 has prfchw, a fetch before a write,
// which fetch_row of ascend.h uses.
#ifdef __x86_64__
#include <immintrin.h>
#include <stdint.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,popcnt,bmi,prfchw"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,popcnt,bmi,prfchw")
#endif

#define VARIANT harmonium_avx512
#include "avx512.h"

// Writes the lanes of x whose bits are set to `to`, packed. The rest of sixteen lanes is
// undefined.
#define COMPRESS(to, x, bits) _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)(bits), (__m512i)(x)))

#include "host.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
