// The functions of all families of units, for one float and for a vector of floats. kind.go states
// the contract. Each function takes a kind. Where it is a constant, the compiler keeps the code of
// this kind alone. A kind of several columns has its number in the low 8 bits and its columns in the
// others; here its bits are worth 0 and 1, and its mean, chance and cumulant are of no use.
#ifndef HARMONIUM_KIND_H
#define HARMONIUM_KIND_H

#include "element.h"

// The shape of a unit with real states, beside its field: log σ² and σ, and the jump and the skew of a unit
// of two sides. kind.go describes them.
struct shape { REAL log_variance, deviation, jump, skew; };

// What to take the slope of, as Slope in kind.go: the energy of states, or Γ by one of the numbers of the shape.
enum { BY_ENERGY, BY_LOG_VARIANCE, BY_JUMP, BY_SKEW };

#include "unit_bernoulli.h"
#include "unit_spin.h"
#include "unit_gaussian.h"
#include "truncated.h"
#include "unit_relu.h"
#include "unit_drelu.h"

// The names of the kinds of one column whose states are bits, in the order of kind.go. The family of
// several columns follows them, and then the kinds whose states are real numbers.
#define EACH_KIND(X) X(bernoulli) X(spin)
#define EACH_REAL(X) X(gaussian) X(relu) X(drelu)

#define KIND_NUMBER(name) KIND_##name,
enum { EACH_KIND(KIND_NUMBER) KINDS, KIND_categorical = KINDS, EACH_REAL(KIND_NUMBER) };

ELEMENT int kind_real(uint32_t kind) { return (kind & 0xFF) > KIND_categorical; }
ELEMENT int kind_sides(uint32_t kind) { return (kind & 0xFF) == KIND_drelu; }
ELEMENT int kind_several(uint32_t kind) { return (kind & 0xFF) == KIND_categorical; }
ELEMENT int kind_width(uint32_t kind) { return kind >> 8 ? (int)(kind >> 8) : 1; }

// The worth of the bits 0 and 1.
#define KIND_LOW(name) case KIND_##name: return name##_low();
#define KIND_HIGH(name) case KIND_##name: return name##_high();
ELEMENT float kind_low(int kind) { switch (kind) { EACH_KIND(KIND_LOW) } return 0.0f; }
ELEMENT float kind_high(int kind) { switch (kind) { EACH_KIND(KIND_HIGH) } return 1.0f; }

// The mean, the probability of the bit 1, and the cumulant of a unit with field x.
#define KIND_MEAN(name) case KIND_##name: return name##_mean(x);
#define KIND_CHANCE(name) case KIND_##name: return name##_chance(x);
#define KIND_CUMULANT(name) case KIND_##name: return name##_cumulant(x);
ELEMENT REAL kind_mean(int kind, REAL x) { switch (kind) { EACH_KIND(KIND_MEAN) } return x; }
ELEMENT REAL kind_chance(int kind, REAL x) { switch (kind) { EACH_KIND(KIND_CHANCE) } return x; }
ELEMENT REAL kind_cumulant(int kind, REAL x) { switch (kind) { EACH_KIND(KIND_CUMULANT) } return x; }

// The mean, the state drawn with a uniform number, the cumulant, and its slope by a number of the shape, of a
// unit with real states and the field x.
#define REAL_MEAN(name) case KIND_##name: return name##_mean(x, s);
#define REAL_DRAW(name) case KIND_##name: return name##_draw(x, s, u);
#define REAL_CUMULANT(name) case KIND_##name: return name##_cumulant(x, s);
#define REAL_SLOPE(name) case KIND_##name: return name##_slope(x, s, by);
ELEMENT REAL real_mean(int kind, REAL x, struct shape s) { switch (kind) { EACH_REAL(REAL_MEAN) } return x; }
ELEMENT REAL real_draw(int kind, REAL x, struct shape s, REAL u) { switch (kind) { EACH_REAL(REAL_DRAW) } return x; }
ELEMENT REAL real_cumulant(int kind, REAL x, struct shape s) { switch (kind) { EACH_REAL(REAL_CUMULANT) } return x; }
ELEMENT REAL real_slope(int kind, REAL x, struct shape s, int by) { switch (kind) { EACH_REAL(REAL_SLOPE) } return x; }

// Returns the shape of a log-variance, jump and skew.
ELEMENT struct shape real_shape(REAL log_variance, REAL jump, REAL skew) {
    struct shape s = {log_variance, element_exp(element_clamp(0.5f * log_variance)), jump, skew};
    return s;
}

// Returns ½ (s/σ)^2 for a state s and a log-variance z.
ELEMENT REAL real_half_square(REAL s, REAL z) {
    REAL t = s * element_exp(element_clamp(-0.5f * z));
    return 0.5f * t * t;
}

#endif
