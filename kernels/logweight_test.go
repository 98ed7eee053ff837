package kernels

import (
	"math"
	"testing"
)

// TestLogWeight compares with the difference of two log-probabilities on the path. A term of
// softplus has a relative error of at most 2⁻²⁰, and its argument of at most 2⁻²⁴, together less than
// 0x1.2p-20. All sums are in float64. size bounds the sum of the terms: softplus(x) ≤ |x| + log 2, and from + to
// is 1. At most 20 rows, since each is computed alone.
func TestLogWeight(t *testing.T) {
	const from, to = 0.25, 0.75
	r := newRand()
	for _, shape := range shapes {
		rows, visible, hidden := min(shape[0], 20), shape[1], shape[2]
		v, z := states(t, r, rows*visible, 0.4), normals(t, r, rows*hidden)
		a, base := normals(t, r, visible), normals(t, r, visible)
		got := buffer[float64](t, rows)
		clear(got)
		LogWeight(got, got, v, a, base, z, nil, from, to, rows, visible, hidden)
		for n := range rows {
			want, size := 0.0, 0.0
			for i, x := range v[n*visible : (n+1)*visible] {
				want += (to - from) * float64(x) * (float64(a[i]) - float64(base[i]))
				size += math.Abs(float64(a[i])) + math.Abs(float64(base[i]))
			}
			for _, x := range z[n*hidden : (n+1)*hidden] {
				want += softplus64(to*float64(x)) - softplus64(from*float64(x))
				size += math.Abs(float64(x)) + 2*math.Ln2
			}
			if bound := size * 0x1.2p-20; math.Abs(got[n]-want) > bound {
				t.Errorf("%s, row %d: got %v, want %v ± %.3g", shapeName(shape), n, got[n], want, bound)
			}
		}
		if rows > 0 && !panics(func() { LogWeight(got, got[1:], v, a, base, z, nil, from, to, rows, visible, hidden) }) {
			t.Error("fewer log-weights than rows: got no panic")
		}
	}
}
