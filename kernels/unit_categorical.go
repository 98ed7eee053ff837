package kernels

import "math"

// Categorical units have q states, one column each: the bit of the state's column is 1 and the
// others are 0. p_a = e^(x_a)/Σ_b e^(x_b), ⟨s_a⟩ = p_a, Γ(x) = log Σ_a e^(x_a).
var categories = family{
	name: "categorical", low: 0, high: 1,
	several: &several{
		draw: drawCategory, cumulant: categoryCumulant,
		means64: softmax64, cumulant64: logSumExp64,
	},
}

// drawCategory adds up the terms e^(x_a-m), with m the largest field, a rising, in float32. The state
// drawn is the first a whose running sum is above u times the whole sum, and the last one if there is
// none. The means are the terms divided by the whole sum. A NaN among the fields makes the sum NaN.
func drawCategory(p Grid, x unitFields, u float32) int {
	m := x.largest()
	var total float32
	for a := range x.columns {
		total += exp(clamp(x.at(a) - m))
	}
	level := float32(u * total)
	var sum float32
	state := 0
	for a := range x.columns {
		term := exp(clamp(x.at(a) - m))
		if sum += term; a < x.columns-1 && !(level < sum) {
			state++
		}
		if p.Data != nil {
			*p.at(x.row, x.from+a) = term / total
		}
	}
	return state
}

// categoryCumulant is m + log Σ_a e^(x_a-m), with m the largest field and the sum of drawCategory.
func categoryCumulant(x unitFields) float32 {
	m := x.largest()
	var total float32
	for a := range x.columns {
		total += exp(clamp(x.at(a) - m))
	}
	return m + log(total)
}

func softmax64(x []float64) {
	m, total := math.Inf(-1), 0.0
	for _, v := range x {
		m = math.Max(m, v)
	}
	for a, v := range x {
		x[a] = math.Exp(v - m)
		total += x[a]
	}
	for a := range x {
		x[a] /= total
	}
}

func logSumExp64(x []float64) float64 {
	m, total := math.Inf(-1), 0.0
	for _, v := range x {
		m = math.Max(m, v)
	}
	for _, v := range x {
		total += math.Exp(v - m)
	}
	return m + math.Log(total)
}
