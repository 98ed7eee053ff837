package rbmtest

import "math"

// Setting is a parameter, or a part of a row, with the number that it is meant to hold.
type Setting struct {
	At *float32
	To float64
}

// AtFloat64 returns the figures of a model whose settings hold their numbers in float64, not rounded to float32. It
// interpolates linearly between neighbouring float32 numbers: with θ the nearest float32 numbers, θ + δ the numbers
// meant, and e_p the step from θ_p to its neighbour on the side of δ_p, it returns the first two terms of
//
//	f(θ + δ) = f(θ) + Σ_p δ_p/e_p (f(θ + e_p) - f(θ)) + ½ Σ_pq δ_p δ_q ∂²f/∂θ_p∂θ_q - ½ Σ_p δ_p e_p ∂²f/∂θ_p² + …
//
// Since |δ_p| ≤ 2⁻²⁴ |θ_p| and |e_p| ≤ 2⁻²³ |θ_p|, the last two sums are at most 2⁻⁴⁷ (Σ|θ|)² times the largest second
// derivative: below 1e-10 for settings that add up to 10 and second derivatives up to 100. The settings keep θ.
func AtFloat64(settings []Setting, figures func() []float64) []float64 {
	for _, s := range settings {
		*s.At = float32(s.To)
	}
	sums := figures()
	nearest := append([]float64(nil), sums...)
	for _, s := range settings {
		at := *s.At
		if float64(at) == s.To {
			continue
		}
		toward := float32(math.Inf(1))
		if s.To < float64(at) {
			toward = -toward
		}
		*s.At = math.Nextafter32(at, toward)
		part := (s.To - float64(at)) / (float64(*s.At) - float64(at))
		for i, f := range figures() {
			sums[i] += part * (f - nearest[i])
		}
		*s.At = at
	}
	return sums
}
