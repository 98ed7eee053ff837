package estimate

import (
	"fmt"
	"math"
	"slices"
)

// Bennett returns C = log(Z_1/Z_0) of two models and its standard error by Bennett's
// acceptance ratio (Bennett 1976; Shirts and Chodera 2008), from the differences
//
//	d(x) = log p*_1(x) - log p*_0(x)
//
// of the unnormalised p* at independent samples of model 0 (n_0) and of model 1 (n_1). C is the root of
//
//	Σ_{x from 0} σ(d(x) - C - M) = Σ_{x from 1} σ(C - d(x) + M),    M = log(n_0/n_1),
//
// which asymptotically has the least variance of all estimates from these samples.
// With f and g the terms on the left and on the right, the standard error is the root of
//
//	(⟨f²⟩/⟨f⟩² - 1)/n_0 + (⟨g²⟩/⟨g⟩² - 1)/n_1.
//
// The standard error is valid where the models overlap: samples of each model must be likely
// under the other. The same equation joins the two directions of annealed importance sampling
// (Crooks 2000), where d is log w of a forward run and -log w' of a reverse run.
//
// It is an error if there are no samples of a model or a difference is not finite.
func Bennett(from0, from1 []float64) (ratio, standardError float64, err error) {
	for model, d := range [][]float64{from0, from1} {
		if len(d) == 0 {
			return 0, 0, fmt.Errorf("estimate: Bennett's ratio: no samples of model %d, want at least 1", model)
		}
		for i, x := range d {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return 0, 0, fmt.Errorf("estimate: Bennett's ratio: sample %d of model %d differs by %v, want a finite number", i, model, x)
			}
		}
	}
	b := newAcceptance(from0, from1)
	ratio = b.root()
	return ratio, b.standardError(ratio), nil
}

// acceptance is the equation of Bennett's ratio. It keeps logarithms, since both sides of the
// equation underflow where the models hardly overlap.
type acceptance struct {
	from0, from1 []float64
	shift        float64   // M
	logs         []float64 // of the terms of one side
}

func newAcceptance(from0, from1 []float64) *acceptance {
	n0, n1 := len(from0), len(from1)
	return &acceptance{
		from0: from0, from1: from1,
		shift: math.Log(float64(n0) / float64(n1)),
		logs:  make([]float64, max(n0, n1)),
	}
}

// left returns the logs of the terms from model 0, which fall as C rises.
func (b *acceptance) left(ratio float64) []float64 {
	for i, d := range b.from0 {
		b.logs[i] = -Softplus(ratio + b.shift - d)
	}
	return b.logs[:len(b.from0)]
}

// right returns the logs of the terms from model 1, which rise with C.
func (b *acceptance) right(ratio float64) []float64 {
	for i, d := range b.from1 {
		b.logs[i] = -Softplus(d - ratio - b.shift)
	}
	return b.logs[:len(b.from1)]
}

// root finds C by bisection, down to neighbouring float64. The sides are monotone in C. The
// root lies between min d - max(M,0) and max d - min(M,0). At the lower end every term on the
// left is at least σ(max(-M,0)) and every term on the right at most σ(min(M,0)), so the left
// side is not the smaller one. The upper end is the mirror image.
func (b *acceptance) root() float64 {
	low := min(slices.Min(b.from0), slices.Min(b.from1)) - max(b.shift, 0)
	high := max(slices.Max(b.from0), slices.Max(b.from1)) - min(b.shift, 0)
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			return middle
		}
		if LogSumExp(b.left(middle)) > LogSumExp(b.right(middle)) {
			low = middle
		} else {
			high = middle
		}
	}
}

func (b *acceptance) standardError(ratio float64) float64 {
	return math.Sqrt(RelativeVariance(b.left(ratio)) + RelativeVariance(b.right(ratio)))
}

// RelativeVariance returns the variance of the mean of n terms relative to the square of
// the mean, (⟨f²⟩/⟨f⟩² - 1)/n. The terms are given by their logs.
func RelativeVariance(logs []float64) float64 {
	n := float64(len(logs))
	logMean := LogSumExp(logs) - math.Log(n)
	var squares float64
	for _, l := range logs {
		deviation := math.Expm1(l - logMean)
		squares += deviation * deviation
	}
	return squares / n / n
}
