// Gaussian units are real numbers; unit_gaussian.go is the definition.
ELEMENT REAL gaussian_mean(REAL x, REAL deviation) { return deviation * deviation * x; }

ELEMENT REAL gaussian_draw(REAL x, REAL deviation, REAL u) {
    return deviation * deviation * x + deviation * element_normal(u);
}

ELEMENT REAL gaussian_cumulant(REAL x, REAL deviation, REAL log_variance) {
    REAL t = deviation * x;
    return 0.5f * t * t + (0.5f * log_variance + 0.918938533204672742f);
}

ELEMENT REAL gaussian_slope(REAL x, REAL deviation) {
    REAL t = deviation * x;
    return 0.5f * t * t + 0.5f;
}
