// Drelu units are real numbers with two sides; unit_drelu.go is the definition.
struct one_side { REAL factor, deviation, from, cumulant, part; };

// Returns a side, given the field of the sizes of its states. Its part is set later. The long constant is
// log(π/2)/2.
ELEMENT struct one_side drelu_side(REAL factor, REAL field, struct shape s) {
    REAL half = element_log(factor) * -0.5f;
    REAL deviation = s.deviation * element_exp(element_clamp(half));
    REAL from = -deviation * field;
    struct one_side p = {factor, deviation, from, normal_tail(from) + (0.5f * s.log_variance + half + 0.225791352644727433f), from};
    return p;
}

ELEMENT void drelu_sides(struct one_side *p, struct one_side *n, REAL x, struct shape s) {
    REAL skew = 2.0f * s.skew, zero = ALL_REAL(0.0f), span = 1.0f + element_magnitude(s.skew);
    REAL a = span / (1.0f + LARGER(skew, zero)), b = span / (1.0f - SMALLER(skew, zero));
    *p = drelu_side(a, x + a * s.jump, s);
    *n = drelu_side(b, b * s.jump - x, s);
    p->part = element_sigmoid(p->cumulant - n->cumulant);
    n->part = element_sigmoid(n->cumulant - p->cumulant);
}

ELEMENT REAL drelu_mean(REAL x, struct shape s) {
    struct one_side p, n;
    drelu_sides(&p, &n, x, s);
    return p.part * p.deviation * normal_excess(p.from) - n.part * n.deviation * normal_excess(n.from);
}

ELEMENT REAL drelu_draw(REAL x, struct shape s, REAL u) {
    struct one_side p, n;
    drelu_sides(&p, &n, x, s);
    REAL lower = u + 0x1p-25f, upper = (1.0f - u) - 0x1p-25f;
    BITS negative = BELOW(lower, n.part);
    REAL part = upper / p.part, rest = (upper - p.part) / n.part;
    REAL over = element_choose(negative, lower / n.part, SMALLER(part, ALL_REAL(1.0f)));
    REAL under = element_choose(negative, LARGER(rest, ALL_REAL(0.0f)), (lower - n.part) / p.part);
    REAL e = normal_draw_excess(element_choose(negative, n.from, p.from), over, under);
    return element_choose(negative, -(n.deviation * e), p.deviation * e);
}

ELEMENT REAL drelu_cumulant(REAL x, struct shape s) {
    struct one_side p, n;
    drelu_sides(&p, &n, x, s);
    return LARGER(p.cumulant, n.cumulant) + element_softplus(-element_magnitude(p.cumulant - n.cumulant));
}

ELEMENT REAL drelu_slope(REAL x, struct shape s, int by) {
    struct one_side p, n;
    drelu_sides(&p, &n, x, s);
    REAL above = p.part * p.factor, under = n.part * n.factor;
    if (by == BY_LOG_VARIANCE) return p.part * normal_half_second(p.from) + n.part * normal_half_second(n.from);
    if (by == BY_JUMP) return above * p.deviation * normal_excess(p.from) + under * n.deviation * normal_excess(n.from);
    REAL span = 1.0f + element_magnitude(s.skew);
    REAL positive = normal_half_second(p.from) - p.factor * s.jump * p.deviation * normal_excess(p.from);
    REAL negative = normal_half_second(n.from) - n.factor * s.jump * n.deviation * normal_excess(n.from);
    return (above * positive - under * negative) / (span * span);
}
