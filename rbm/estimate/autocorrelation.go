package estimate

// AutocorrelationTime returns the integrated autocorrelation time τ = 1 + 2·Σ ρ(lag) of a
// series of states of chains, each (C,units), in steps. A mean over τ successive states has
// the variance of one independent state. ρ is averaged over all chains and units, each unit
// about its mean. The sum ends at the first lag beyond five times the current estimate of τ
// (Sokal 1997), or at half of the series, where it underestimates the time of slower chains.
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
	rounding := float64(size) * 0x1p-44 // variance of constant elements that float32 rounds by 2⁻²²
	for lag := 1; variance > rounding && lag <= steps/2 && float64(lag) < 5*time; lag++ {
		time += 2 * covariance(lag) / variance
	}
	return max(time, 1)
}
