// Bernoulli units are 0 or 1; unit_bernoulli.go is the definition.
ELEMENT float bernoulli_low(void) { return 0.0f; }
ELEMENT float bernoulli_high(void) { return 1.0f; }
ELEMENT REAL bernoulli_mean(REAL x) { return element_sigmoid(x); }
ELEMENT REAL bernoulli_chance(REAL x) { return element_sigmoid(x); }
ELEMENT REAL bernoulli_cumulant(REAL x) { return element_softplus(x); }
