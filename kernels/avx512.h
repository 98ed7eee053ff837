// Vectors of AVX-512, shared by host_avx512.c and host_avx512vbmi2.c.
#define LANES 16
#define DENSE_ROWS 6
#define DENSE_VECTORS 4
#define FUSED(a, b, c) _mm512_fmadd_ps(a, b, c)
#define WIDEN(x) _mm512_cvtps_pd(x)
#define INTEGERS_FROM_BYTES(from) _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(from)))
#define FROM_BYTES(from) _mm512_cvtepi32_ps(INTEGERS_FROM_BYTES(from))
// With a mask of all lanes: the intrinsics without a mask have an undefined operand, so that the compiler
// does not see that equal calls have equal results.
#define SMALLER(a, b) _mm512_maskz_min_ps(0xFFFF, a, b)
#define LARGER(a, b) _mm512_maskz_max_ps(0xFFFF, a, b)

// The 64-bit products of the even lanes of a with b, and of the odd lanes of a with b.
#define EVEN_PRODUCTS(a, b) _mm512_castsi512_ps(_mm512_mul_epu32((__m512i)(a), _mm512_set1_epi32((int)(b))))
#define ODD_PRODUCTS(a, b) EVEN_PRODUCTS(_mm512_movehdup_ps((__m512)(a)), b)
#define HIGH_PRODUCT(a, b) ((uvec)_mm512_mask_movehdup_ps(ODD_PRODUCTS(a, b), 0x5555, EVEN_PRODUCTS(a, b)))
#define LOW_PRODUCT(a, b) ((uvec)_mm512_mask_moveldup_ps(EVEN_PRODUCTS(a, b), 0xAAAA, ODD_PRODUCTS(a, b)))

#define QUAD(x, from, place) _mm512_insertf32x4(x, _mm_loadu_ps(from), place)
#define LOAD_QUADS(from, stride)                                                                   \
    QUAD(QUAD(QUAD(_mm512_castps128_ps512(_mm_loadu_ps(from)), (from) + (stride), 1), (from) + 2 * (stride), 2),    \
         (from) + 3 * (stride), 3)
#define INTERLEAVE_LOW(a, b) _mm512_unpacklo_ps(a, b)
#define INTERLEAVE_HIGH(a, b) _mm512_unpackhi_ps(a, b)

#define LESS_BITS(a, b) _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)

#define WHERE(bits, x) _mm512_maskz_mov_ps((__mmask16)(bits), x)

#define OTHER_WORDS(x, half) ((words)_mm512_permutexvar_epi64((__m512i)((words){0, 1, 2, 3, 4, 5, 6, 7} ^ (half)), (__m512i)(x)))

// The mask of the first n lanes, or of all lanes where n is at least LANES.
#define FIRST_LANES(n) ((__mmask16)((n) >= LANES ? 0xFFFF : (n) > 0 ? (1 << (n)) - 1 : 0))
#define LOAD_FIRST(from, n) _mm512_maskz_loadu_ps(FIRST_LANES(n), from)
#define STORE_FIRST(to, x, n) _mm512_mask_storeu_ps(to, FIRST_LANES(n), x)
