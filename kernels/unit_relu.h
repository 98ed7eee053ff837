// Relu units are numbers that are not negative; unit_relu.go is the definition.
ELEMENT REAL relu_from(REAL x, struct shape s) { return -s.deviation * x; }

ELEMENT REAL relu_mean(REAL x, struct shape s) { return s.deviation * normal_excess(relu_from(x, s)); }

ELEMENT REAL relu_draw(REAL x, struct shape s, REAL u) {
    return s.deviation * normal_draw_excess(relu_from(x, s), (1.0f - u) - 0x1p-25f, u + 0x1p-25f);
}

ELEMENT REAL relu_cumulant(REAL x, struct shape s) {
    return normal_tail(relu_from(x, s)) + (0.5f * s.log_variance + 0.225791352644727433f); // log(π/2)/2
}

ELEMENT REAL relu_slope(REAL x, struct shape s, int by) {
    (void)by; // BY_LOG_VARIANCE, its only slope
    return normal_half_second(relu_from(x, s));
}
