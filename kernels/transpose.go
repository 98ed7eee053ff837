package kernels

import "math/bits"

// TransposeStates writes to t (s.Columns, rows) the columns lo ≤ j < hi of the first rows rows
// of s as rows. It panics if t is of another shape.
func TransposeStates(t, s States, rows, lo, hi int) {
	checkTransposeStates(t, s, rows, lo, hi)
	for n := 0; n < rows; n += 64 {
		clear(t.Bits[n/64*t.Stride:][lo:hi])
	}
	for first := lo / 64 * 64; first < hi; first += 64 {
		for n := range rows {
			for rest := *s.word(n, first) & wordRange(lo-first, hi-first); rest != 0; rest &= rest - 1 {
				*t.word(first+bits.TrailingZeros64(rest), n) |= 1 << (n % 64)
			}
		}
	}
}

// wordRange has the bits from lo to hi of a word, of which some may be outside of it.
func wordRange(lo, hi int) uint64 {
	return ^uint64(0) << max(lo, 0) & (^uint64(0) >> max(64-hi, 0))
}

func checkTransposeStates(t, s States, rows, lo, hi int) {
	s.check(rows, s.Columns)
	t.check(s.Columns, rows)
	if lo < 0 || s.Columns < hi {
		panic("kernels: transpose: there are fewer columns")
	}
}
