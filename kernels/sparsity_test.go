package kernels

import (
	"math"
	"slices"
	"testing"
)

// TestSparsityIsTheSlope: the amount subtracted from a mean is the slope, in the field of the
// unit, of the cross-entropy between the target and the unit's activity. It is compared with
// central differences. With q = σ(z) and C(z) = -t·log q - (1-t)·log(1-q), these have an error of
// δ²/6·|C‴| plus rounding, where C‴ = q(1-q)(1-2q) is at most 1/10 in size. Each C has at most eight roundings in
// float64, and two of them are divided by 2δ. q, the difference, the product and the result are rounded to float32,
// each by at most 2⁻²⁵, together by at most 2·2⁻²⁴. The other numbers are exact.
func TestSparsityIsTheSlope(t *testing.T) {
	const target, cost, delta = 0.125, 0.75, 1.0 / 1024
	crossEntropy := func(z float64) float64 {
		return target*math.Log1p(math.Exp(-z)) + (1-target)*math.Log1p(math.Exp(z))
	}
	for _, z := range []float64{-6, -2, -0.5, 0, 1, 3} {
		q := 1 / (1 + math.Exp(-z))
		out := make([]float32, 1)
		Sparsity(out, []float32{0.5}, []float32{float32(q)}, target, cost, 0, 1, 1)
		want := cost * (crossEntropy(z+delta) - crossEntropy(z-delta)) / (2 * delta)
		tolerance := cost*delta*delta/60 + 8*0x1p-53*crossEntropy(math.Abs(z))/delta + 2*0x1p-24
		if got := 0.5 - float64(out[0]); math.Abs(got-want) > tolerance {
			t.Errorf("field %v: subtracted %v, want %v ± %v", z, got, want, tolerance)
		}
	}
}

// TestSparsityOfRows: in place, the rows 1 to 3 of five change as the definition says, and the others stay.
func TestSparsityOfRows(t *testing.T) {
	const rows, columns, target, cost = 5, 7, float32(0.1), float32(0.3)
	r := newRand()
	p, q := make([]float32, rows*columns), make([]float32, columns)
	for _, x := range [][]float32{p, q} {
		for i := range x {
			x[i] = r.Float32()
		}
	}
	want := slices.Clone(p)
	for at := columns; at < 4*columns; at++ {
		want[at] = p[at] - float32(cost*(q[at%columns]-target))
	}
	got := slices.Clone(p)
	Sparsity(got, got, q, target, cost, 1, 4, columns)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !panics(func() { Sparsity(got, p, q, target, cost, 0, rows+1, columns) }) {
		t.Error("more rows than the result has: got no panic")
	}
}
