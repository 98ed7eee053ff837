package kernels

import (
	"slices"
	"testing"
)

// TestScaleRows scales the rows 1 and 2 of four in place, with a factor for each row and with one for all. The
// other rows stay as they are.
func TestScaleRows(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	for _, tc := range []struct{ s, want []float32 }{
		{[]float32{9, 0.5, 3, 0}, []float32{1, 2, 1.5, 2, 15, 18, 7, 8}},
		{[]float32{2}, []float32{1, 2, 6, 8, 10, 12, 7, 8}},
	} {
		got := slices.Clone(x)
		ScaleRows(got, got, tc.s, 1, 3, 2)
		if !slices.Equal(got, tc.want) {
			t.Errorf("factors %v: got %v, want %v", tc.s, got, tc.want)
		}
	}
	for _, s := range [][]float32{nil, {1, 2}} {
		if !panics(func() { ScaleRows(slices.Clone(x), x, s, 0, 3, 2) }) {
			t.Errorf("%d factors for three rows: got no panic", len(s))
		}
	}
}
