// Bits that are drawn with probability σ(x): a bit is 1 where its uniform number u is below
// element_sigmoid(x).
//
// With E = e^-x this is where u + uE - 1 is below 0. A rough E decides this unless u + uE - 1 is close to
// 0, as in at most one of 4096 lanes. element_sigmoid itself then decides all lanes of the vector.

// The relative errors of rough_exp_minus, below 2^-13.6, and of element_sigmoid, below 2^-21, move
// u + uE - 1 by less than this where it is near 0.
#define TOO_CLOSE 0x1p-13f

// Returns e^-x for x in [-87, 87], with a relative error below 2^-13.6. With -x = (n + r) log 2 and
// an integer n, it is 2^n times the cubic that has the smallest relative error for 2^r on |r| ≤ 1/2,
// which is 2^-13.7.
INLINE vec rough_exp_minus(vec x) {
    const float to_int = 12582912.0f; // 1.5 * 2^23
    vec minus_log2e = ALL_REAL(-1.44269504088896341f);
    vec t = FUSED(x, minus_log2e, ALL_REAL(to_int));
    vec r = FUSED(x, minus_log2e, to_int - t);
    vec p = FUSED(r, ALL_REAL(0.055171669f), ALL_REAL(0.24261112f));
    p = FUSED(p, r, ALL_REAL(0.69326099f));
    p = FUSED(p, r, ALL_REAL(0.99992807f));
    return real_of(bits_of(p) + (bits_of(t) << 23));
}

// Returns a word whose bit l is 1 where u is below σ(x) in lane l.
INLINE uint64_t below_sigmoid(vec u, vec x) {
    vec over = FUSED(u, rough_exp_minus(element_clamp(x)), u) - 1.0f; // u + uE - 1
    uint64_t below = LESS_BITS(over, ALL_REAL(-TOO_CLOSE)), above = LESS_BITS(ALL_REAL(TOO_CLOSE), over);
    if ((below | above) == word_range(0, LANES)) return below;
    return LESS_BITS(u, element_sigmoid(x));
}
