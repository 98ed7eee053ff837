// The kernels for AVX-512 with VBMI2, which lists a word of states with one instruction.
#ifdef __x86_64__
#include <immintrin.h>
#include <stdint.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,fma,popcnt,bmi,prfchw"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,fma,popcnt,bmi,prfchw")
#endif

#define VARIANT harmonium_avx512vbmi2
#include "avx512.h"

// Writes the bytes whose bits are set to `to`, packed. The rest of 64 bytes is undefined.
#define COMPRESS_BYTES(to, bytes, bits) _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(bits, (__m512i)(bytes)))

#include "host.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
