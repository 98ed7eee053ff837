package kernels

import "math/bits"

// Ones lists the ones of a 0/1 matrix of so many columns: row n has Count[n] of them, in the
// columns Index[n*Columns : n*Columns+Count[n]], rising. Index has room for every column of
// every row, so that rows can be listed independently of each other.
type Ones struct {
	Columns int
	Count   []int32 // (rows)
	Index   []int32 // (rows, Columns)
}

// NewOnes returns empty lists for rows times columns units.
func NewOnes(rows, columns int) Ones {
	return Ones{Columns: columns, Count: make([]int32, rows), Index: make([]int32, rows*columns)}
}

// Row returns the columns of the ones of row n.
func (o Ones) Row(n int) []int32 {
	start := n * o.Columns
	return o.Index[start : start+int(o.Count[n])]
}

// TransposeOnes writes to t (s.Columns, rows) the lists of the transposed matrix for the
// columns lo ≤ j < hi of s: the rows with a one there, rising. It panics if t.Columns is less
// than rows or a slice shorter than its shape.
func TransposeOnes(t Ones, s States, rows, lo, hi int) {
	checkTransposeOnes(t, s, rows, hi)
	clear(t.Count[lo:hi])
	for first := lo / 64 * 64; first < hi; first += 64 {
		for n := range rows {
			for rest := *s.word(n, first) & wordRange(lo-first, hi-first); rest != 0; rest &= rest - 1 {
				j := first + bits.TrailingZeros64(rest)
				t.Index[j*t.Columns+int(t.Count[j])] = int32(n)
				t.Count[j]++
			}
		}
	}
}

// wordRange has the bits from lo to hi of a word, of which some may be outside of it.
func wordRange(lo, hi int) uint64 {
	return ^uint64(0) << max(lo, 0) & (^uint64(0) >> max(64-hi, 0))
}

func checkTransposeOnes(t Ones, s States, rows, hi int) {
	if t.Columns < rows {
		panic("kernels: transpose: the lists have no room for their rows")
	}
	s.check(rows, s.Columns)
	if s.Columns < hi {
		panic("kernels: transpose: there are fewer columns")
	}
	if len(t.Count) < hi || len(t.Index) < hi*t.Columns {
		panic("kernels: transpose: the lists are shorter than their shape")
	}
}
