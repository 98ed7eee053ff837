package train

import (
	"math"
)

// The formulas of the penalties in float64, with which the tests of updates compare (see TestUpdateIsTheFormula and
// comparison.moved). Weights are (V,H), row after row.

// squaredL1 returns the factor of the sign of weight number i in the slope of the penalty L1b of
// Bernoulli units: the cost times the mean absolute value of the weights of its hidden unit.
func squaredL1(c Config, weights []float32, i int) float64 {
	sum := 0.0
	for k := i % c.Hidden; k < len(weights); k += c.Hidden {
		sum += math.Abs(float64(weights[k]))
	}
	return c.L1b * sum / float64(len(weights)/c.Hidden)
}

// proximalRate returns the learning rate of the proximal step after an update. With adam it has
// the corrections for the bias of the moments.
func proximalRate(c Config, rate float64, update int) float64 {
	if c.optimizer() != adam {
		return rate
	}
	n := float64(update)
	return rate * math.Sqrt(1-math.Pow(secondDecay, n)) / (1 - math.Pow(firstDecay, n))
}

// shrinkGroups makes the proximal step of the group lasso of Bernoulli units on weights that are within tolerance, and
// sets tolerance to the bounds after it. A proximal step does not move two points further apart, so that the errors of a
// group together bound the error of each of its weights; the step adds four roundings, 2⁻²² of the weight.
func shrinkGroups(c Config, weights, tolerance []float64, rate float64) {
	for first := range weights {
		var group []int
		for i := range weights {
			inGroup := i == first
			switch c.LassoGroups {
			case "hidden":
				inGroup = i%c.Hidden == first%c.Hidden
			case "visible":
				inGroup = i/c.Hidden == first/c.Hidden
			}
			if inGroup {
				group = append(group, i)
			}
		}
		if group[0] < first { // this group has been shrunk
			continue
		}
		norm, errors := 0.0, 0.0
		for _, i := range group {
			norm, errors = math.Hypot(norm, weights[i]), math.Hypot(errors, tolerance[i])
		}
		factor := max(0, 1-rate*c.GroupLasso/norm)
		for _, i := range group {
			weights[i] *= factor
			tolerance[i] = errors + 0x1p-22*math.Abs(weights[i])
		}
	}
}
