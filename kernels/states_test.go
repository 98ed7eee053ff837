package kernels

import "testing"

// TestStates: states that are packed, copied row by row or taken from row 2 on unpack to the same values, with none,
// some or all of them 1. The number of ones is right.
func TestStates(t *testing.T) {
	r := newRand()
	for _, shape := range shapes {
		rows, columns, what := shape[0], shape[1], shapeName(shape)
		for _, density := range []float64{0, 0.3, 1} {
			x := states(t, r, rows*columns, density)
			s := statesOf(t, x, rows, columns)
			wantStates(t, what, s, x, rows, columns)
			wantCount(t, what, s.Count(rows), x)
			copied := newStates(t, rows, columns)
			for n := range rows {
				copied.CopyRow(n, s, n)
			}
			wantStates(t, "copied "+what, copied, x, rows, columns)
			if rows > 2 {
				wantStates(t, "from row 2 "+what, s.From(2), x[2*columns:], rows-2, columns)
			}
		}
	}
}
