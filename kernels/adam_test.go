package kernels

import (
	"math"
	"slices"
	"testing"
)

// TestAdamIsTheFormula follows a vector of parameters over updates along random gradients, and
// compares with the algorithm of Kingma and Ba in float64 with its own bias correction.
func TestAdamIsTheFormula(t *testing.T) {
	const size, updates, rate, epsilon = 33, 20, 0.1, 1e-8
	r := newRand()
	w, m, s := slices.Clone(normals(t, r, size)), make([]float32, size), make([]float32, size)
	var want, first, second [size]float64
	for i := range want {
		want[i] = float64(w[i])
	}
	for update := 1; update <= updates; update++ {
		g := make([]float32, size)
		for i := range g {
			g[i] = float32(0.1 + 0.9*r.Float64())
			if r.IntN(2) == 0 {
				g[i] = -g[i]
			}
		}
		correction := math.Sqrt(1 - math.Pow(0.999, float64(update)))
		alpha := float32(rate * correction / (1 - math.Pow(0.9, float64(update))))
		for _, part := range [][2]int{{0, 7}, {7, size}} {
			Moment(m, m, g, 0.9, false, part[0], part[1])
			Moment(s, s, g, 0.999, true, part[0], part[1])
			if bad := Adam(w, w, m, s, alpha, float32(epsilon*correction), part[0], part[1]); bad != -1 {
				t.Errorf("update %d: got bad index %d, want -1", update, bad)
			}
		}
		for i := range want {
			x := float64(g[i])
			first[i] = 0.9*first[i] + 0.1*x
			second[i] = 0.999*second[i] + 0.001*x*x
			unbiased := first[i] / (1 - math.Pow(0.9, float64(update)))
			scale := math.Sqrt(second[i] / (1 - math.Pow(0.999, float64(update))))
			want[i] += rate * unbiased / (scale + epsilon)
			// A step is at most rate/0.1, as 0.1 ≤ |g| ≤ 1. Its relative error is at most 2⁻¹⁵ from
			// 1-float32(0.999), which has the absolute error of float32(0.999), and 2⁻²² for each update
			// from the roundings of the moments. Adding a step rounds the parameter.
			tolerance := float64(update) * (rate/0.1*(0x1p-15+float64(update)*0x1p-22) + math.Abs(want[i])*0x1p-23)
			if got := float64(w[i]); !(math.Abs(got-want[i]) <= tolerance) {
				t.Fatalf("update %d, element %d: got %v, want %v ± %.2g", update, i, got, want[i], tolerance)
			}
		}
	}
}

// TestNesterovIsTheFormula compares each of 20 updates with a step of the accelerated gradient as Sutskever et al.
// (2013) define it, in float64, from the parameter and the velocity before the update. Its gradient is taken at the
// extrapolated point, which is the parameter.
func TestNesterovIsTheFormula(t *testing.T) {
	const rate, momentum = 0.1, 0.875 // a momentum that float32 holds
	gradient := func(x float64) float64 { return 1 - x*x*x }
	w, before := []float32{0}, []float32{0}
	for update := 1; update <= 20; update++ {
		velocity := float64(before[0])
		base := float64(w[0]) - momentum*velocity
		velocity = momentum*velocity + rate*gradient(base+momentum*velocity)
		want := base + velocity + momentum*velocity
		// v has one rounding, which counts 1+momentum times. The terms of the result have four: of a difference, a product
		// and two sums.
		further := momentum * math.Abs(velocity-float64(before[0]))
		size := math.Abs(float64(w[0])) + math.Abs(velocity) + further
		tolerance := (1+momentum)*math.Abs(velocity)*0x1p-24 + 5*size*0x1p-24 // the fifth for products of roundings
		v := []float32{float32(velocity)}
		if bad := Nesterov(w, w, v, before, momentum, 0, 1); bad != -1 {
			t.Errorf("update %d: got bad index %d, want -1", update, bad)
		}
		before = v
		if got := float64(w[0]); !(math.Abs(got-want) <= tolerance) {
			t.Errorf("update %d: got %v, want %v ± %.2g", update, got, want, tolerance)
		}
	}
}

// TestOptimizersFindTheFirstBadIndex: of NaN or Inf at two indices, in the parameters or in Adam's moments, the lower
// index is returned.
func TestOptimizersFindTheFirstBadIndex(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, at := range []int{0, 1, 5} {
		for _, bad := range []float32{nan, inf} {
			x, z, next := make([]float32, 6), make([]float32, 6), make([]float32, 6)
			x[at], x[5] = bad, bad
			if got := Adam(next, x, z, z, 1, 1, 0, 6); got != at {
				t.Errorf("Adam, %v at %d: got %d", bad, at, got)
			}
			if got := Nesterov(next, x, z, z, 1, 0, 6); got != at {
				t.Errorf("Nesterov, %v at %d: got %d", bad, at, got)
			}
			if got := Adam(next, z, x, x, 1, 1, 0, 6); got != at {
				t.Errorf("Adam, moments of %v at %d: got %d", bad, at, got)
			}
		}
	}
}
