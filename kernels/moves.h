// The arithmetic of one element of an update. ascend.go, adam.go, nesterov.go and vector.go are the
// definitions, and the bits are the same.
#ifndef HARMONIUM_MOVES_H
#define HARMONIUM_MOVES_H

#include "faults.h"

ELEMENT float sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }

// Moves keep, which is the parameter w or its velocity, along the gradient c: Ascend of ascend.go without the
// centering.
ELEMENT float moved(float scale, float keep, float rate, float c, float w, float l1, float l2) {
    c -= l2 * w;
    c -= l1 * sign(w);
    return scale * keep + rate * c;
}

// Moment of adam.go.
ELEMENT float averaged(float m, float x, float decay, int squared) {
    if (squared) x = x * x;
    return decay * m + (1.0f - decay) * x;
}

// Adam of adam.go.
ELEMENT float moved_by_adam(float w, float m, float s, float rate, float epsilon) {
    return w + rate * (m / (sqrtf(s) + epsilon));
}

// Nesterov of nesterov.go.
ELEMENT float moved_by_nesterov(float w, float v, float before, float momentum) {
    float change = v - before;
    return w + (v + momentum * change);
}

// Blend of vector.go.
ELEMENT float blended(float offset, float data, float chains, float rate) {
    float mean = 0.5f * (data + chains);
    return offset + rate * (mean - offset);
}

// BiasGradient of vector.go, where dot is the product δ·κ.
ELEMENT float corrected(float difference, float data, float chains, float offset, double dot) {
    double correction = (double)data - (double)chains - (double)offset * dot;
    return (float)((double)difference - correction);
}

#endif
