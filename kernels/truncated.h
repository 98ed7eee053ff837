// The standard normal distribution above a point a; truncated.go is the definition, and defines L, e and v.

// Returns L(a) for a >= 0.
ELEMENT REAL far_tail(REAL a) {
    REAL t = 2.0f / (2.0f + a), y = 2.0f * t - 1.0f;
    REAL p = -8.11100836e-05f * y + 0.000197547532f;
    p = p * y + 0.000192045671f;
    p = p * y + -0.0010742154f;
    p = p * y + 0.000766760844f;
    p = p * y + 0.00226945686f;
    p = p * y + -0.0057858224f;
    p = p * y + 0.00102359336f;
    p = p * y + 0.0209586881f;
    p = p * y + -0.0358093083f;
    p = p * y + -0.0786298662f;
    p = p * y + 0.492862195f;
    p = p * y + -0.396889955f;
    return element_log(t) + p;
}

// Returns e(a) for a >= 0.
ELEMENT REAL far_excess(REAL a) {
    REAL t = 2.0f / (2.0f + a), y = 2.0f * t - 1.0f;
    REAL p = 0.000177973561f * y + 6.98594304e-05f;
    p = p * y + -0.00115983281f;
    p = p * y + 0.000347675319f;
    p = p * y + 0.00304146577f;
    p = p * y + -0.00352710602f;
    p = p * y + -0.00249227136f;
    p = p * y + 0.0107833119f;
    p = p * y + -0.0091440035f;
    p = p * y + -0.0147268269f;
    p = p * y + 0.0444285497f;
    p = p * y + -0.0118062273f;
    p = p * y + -0.13234067f;
    p = p * y + 0.167801604f;
    p = p * y + 0.746431053f;
    return t * p;
}

// Returns v(a) for a >= 0.
ELEMENT REAL far_spread(REAL a) {
    REAL t = 2.0f / (2.0f + a), y = 2.0f * t - 1.0f;
    REAL p = 0.000367758737f * y + -0.000863724039f;
    p = p * y + -0.00104412762f;
    p = p * y + 0.00451984908f;
    p = p * y + -0.00174373831f;
    p = p * y + -0.00836955104f;
    p = p * y + 0.0128725385f;
    p = p * y + -0.000277329847f;
    p = p * y + -0.0237984043f;
    p = p * y + 0.0324970484f;
    p = p * y + 0.00475148251f;
    p = p * y + -0.0715170801f;
    p = p * y + 0.074396193f;
    p = p * y + 0.065239951f;
    p = p * y + -0.216227978f;
    p = p * y + 0.0354609489f;
    p = p * y + 0.457116395f;
    return t * t * p;
}

// Returns Φ(-a) for a >= 0, given L(a).
ELEMENT REAL normal_below(REAL a, REAL tail) { return 0.5f * element_exp(element_clamp(tail - 0.5f * a * a)); }

// All bits where a is below 0.
ELEMENT BITS below_zero(REAL a) { return BELOW(a, ALL_REAL(0.0f)); }

// Returns L(a).
ELEMENT REAL normal_tail(REAL a) {
    REAL far = far_tail(element_magnitude(a));
    REAL near = 0.5f * a * a + element_log(2.0f - 2.0f * normal_below(element_magnitude(a), far));
    return element_choose(below_zero(a), near, far);
}

// Returns e(a).
ELEMENT REAL normal_excess(REAL a) {
    REAL near = 0.797884560802865356f * element_exp(element_clamp(-normal_tail(a))) - a; // √(2/π)
    return element_choose(below_zero(a), near, far_excess(element_magnitude(a)));
}

// Returns half the second moment of z - a.
ELEMENT REAL normal_half_second(REAL a) {
    REAL e = normal_excess(a);
    return element_choose(below_zero(a), 0.5f * (1.0f - a * e), 0.5f * (far_spread(element_magnitude(a)) + e * e));
}

// Returns the normal number below which the part `under` lies, and above which `over` lies.
ELEMENT REAL normal_quantile(REAL over, REAL under) {
    REAL y = -element_log(4.0f * over * under) * 0.125f - 1.0f;
    return (under - over) * element_normal_series(y);
}

// Returns the square root of x.
ELEMENT REAL normal_root(REAL x) {
    return element_exp(element_clamp(0.5f * element_log(LARGER(x, ALL_REAL(0x1p-120f)))));
}

// Returns z - a for the point z >= a above which the part `upper` of the distribution above a lies, and below which
// the part `lower`; NaN for NaN. Both cases are computed: e for a >= 0, and near for a < 0.
ELEMENT REAL normal_draw_excess(REAL a, REAL upper, REAL lower) {
    REAL size = element_magnitude(a), far = far_tail(size), want = element_log(upper), zero = ALL_REAL(0.0f);
    REAL e = -2.0f * want / (size + normal_root(size * size - 2.0f * want));
    for (int step = 0; step < 3; step++) {
        REAL there = far_tail(size + e);
        REAL f = -e * (size + 0.5f * e) + ((there - far) - want);
        e = e + f * (1.25331413731550025f * element_exp(element_clamp(there))); // √(π/2)
        e = LARGER(e, zero);
    }
    REAL cut = normal_below(size, far), over = upper - upper * cut, under = lower + upper * cut;
    REAL near = LARGER(normal_quantile(over, under) - a, zero);
    return element_choose(below_zero(a), near, e) + (a - a);
}
