package likelihood

// DefaultBetas returns the schedule of Salakhutdinov and Murray (2008, §5): 14,501 inverse
// temperatures, from 0 to 0.5 in steps of 1/1000, to 0.9 in steps of 1/10,000, and to 1 in
// steps of 1/100,000.
func DefaultBetas() []float32 {
	betas := make([]float32, 0, 14501)
	for i := range 500 {
		betas = append(betas, float32(i)/1000)
	}
	for i := range 4000 {
		betas = append(betas, float32(5000+i)/10000)
	}
	for i := range 10001 {
		betas = append(betas, float32(90000+i)/100000)
	}
	return betas
}

// LinearBetas returns a schedule of steps of equal size from 0 to 1. steps must be at least 1.
func LinearBetas(steps int) []float32 {
	betas := make([]float32, steps+1)
	for i := range betas {
		betas[i] = float32(i) / float32(steps)
	}
	return betas
}

// ResampleBetas returns a schedule of the given number of steps, at least 1, along betas: the values at equal distances
// of the index, interpolated linearly between neighbouring indices. With k times the steps of betas it divides each
// step into k equal parts; with 1/k of the steps it keeps every k-th value.
func ResampleBetas(betas []float32, steps int) []float32 {
	old := len(betas) - 1
	resampled := make([]float32, steps+1)
	for i := range resampled {
		at, rest := i*old/steps, i*old%steps
		resampled[i] = betas[at]
		if rest > 0 {
			part := float64(rest) / float64(steps)
			resampled[i] = float32((1-part)*float64(betas[at]) + part*float64(betas[at+1]))
		}
	}
	return resampled
}
