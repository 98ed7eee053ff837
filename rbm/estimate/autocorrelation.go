package estimate

// AutocorrelationTime returns the integrated autocorrelation time τ = 1 + 2·Σ ρ(lag) of a
// series of states of chains, each (C,units), in steps: τ successive states tell as much of
// a mean as one independent state. ρ is taken over all chains and units, each unit about its
// mean. The sum ends at the first lag beyond five times the time found so far (Sokal 1997),
// or at half of the series; the time of slower chains is then an underestimate.
func AutocorrelationTime(series [][]float32, units int) float64 {
	size, steps := len(series[0]), len(series)
	mean := make([]float64, units)
	for _, x := range series {
		for i, v := range x {
			mean[i%units] += float64(v) / float64(size/units*steps)
		}
	}
	covariance := func(lag int) float64 {
		var sum float64
		for n := range steps - lag {
			for i, v := range series[n] {
				m := mean[i%units]
				sum += (float64(v) - m) * (float64(series[n+lag][i]) - m)
			}
		}
		return sum / float64(steps-lag)
	}
	variance, time := covariance(0), 1.0
	rounding := float64(size) * 0x1p-44 // what means that stay the same seem to vary
	for lag := 1; variance > rounding && lag <= steps/2 && float64(lag) < 5*time; lag++ {
		time += 2 * covariance(lag) / variance
	}
	return max(time, 1)
}
