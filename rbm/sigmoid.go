package rbm

import "math"

// sigmoid returns σ(x) = 1/(1+e^(-x)), the mean of a unit in {0,1} with field x.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
