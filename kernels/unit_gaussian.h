// Gaussian units are real numbers; unit_gaussian.go is the definition.
ELEMENT REAL gaussian_mean(REAL x, struct shape s) { return s.deviation * s.deviation * x; }

ELEMENT REAL gaussian_draw(REAL x, struct shape s, REAL u) {
    return s.deviation * s.deviation * x + s.deviation * element_normal(u);
}

ELEMENT REAL gaussian_cumulant(REAL x, struct shape s) {
    REAL t = s.deviation * x;
    return 0.5f * t * t + (0.5f * s.log_variance + 0.918938533204672742f); // log(2π)/2
}

ELEMENT REAL gaussian_slope(REAL x, struct shape s, int by) {
    REAL t = s.deviation * x;
    (void)by; // BY_LOG_VARIANCE, its only slope
    return 0.5f * t * t + 0.5f;
}
