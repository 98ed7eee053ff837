// Spin units are -1 or 1; unit_spin.go is the definition.
ELEMENT float spin_low(void) { return -1.0f; }
ELEMENT float spin_high(void) { return 1.0f; }

ELEMENT REAL spin_mean(REAL x) {
    REAL e = element_exp(element_clamp(-2.0f * element_magnitude(x)));
    return real_of(bits_of((1.0f - e) / (1.0f + e)) | (bits_of(x) & 0x80000000u));
}

ELEMENT REAL spin_chance(REAL x) { return element_sigmoid(2.0f * x); }

ELEMENT REAL spin_cumulant(REAL x) {
    REAL size = element_magnitude(x);
    return size + element_softplus(-2.0f * size);
}
