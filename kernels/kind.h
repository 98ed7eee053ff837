// The functions of all families of units, for one float and for a vector of floats. kind.go states
// the contract. Each function takes a kind. Where it is a constant, the compiler keeps the code of
// this kind alone. A kind of several columns has its number in the low 8 bits and its columns in the
// others; here its bits are worth 0 and 1, and its mean, chance and cumulant are of no use.
#ifndef HARMONIUM_KIND_H
#define HARMONIUM_KIND_H

#include "element.h"

#include "unit_bernoulli.h"
#include "unit_spin.h"
#include "unit_categorical.h"

// The names of the kinds of one column, in the order of kind.go. The families of several columns
// follow them.
#define EACH_KIND(X) X(bernoulli) X(spin)

#define KIND_NUMBER(name) KIND_##name,
enum { EACH_KIND(KIND_NUMBER) KINDS };

ELEMENT int kind_several(uint32_t kind) { return kind >= KINDS; }
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

#endif
