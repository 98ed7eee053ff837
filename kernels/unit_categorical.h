// Categorical units have several columns, one for each state; unit_categorical.go is the definition.

// Returns log(t) for t of at least 1, and NaN for NaN.
ELEMENT REAL categorical_log(REAL t) {
    BITS n = (bits_of(t) - 0x3F2AAAABu) >> 23; // 0x3F2AAAAB is 2/3
    REAL f = real_of(bits_of(t) - (n << 23));
    REAL s = (f - 1.0f) / (f + 1.0f);
    return REAL_FROM(n) * 0.693147180559945309f + 2.0f * s * element_atanh_series(s * s) + (t - t);
}
