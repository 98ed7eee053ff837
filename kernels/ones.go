package kernels

import "math/bits"

// Ones lists the ones of a 0/1 matrix of so many columns: row n has Count[n] of
// them, in the columns Index[n*Columns : n*Columns+Count[n]], rising. The kernel
// that draws a state writes its lists; Index has room for every column of every
// row, so that rows can be drawn independently of each other. Bits has the matrix
// once more: column j of a row is bit j%64 of its word j/64.
type Ones struct {
	Columns int
	Count   []int32  // (rows)
	Index   []int32  // (rows, Columns)
	Bits    []uint64 // (rows, words of 64 columns); nil where nobody needs them
}

// NewOnes returns empty lists for rows times columns units.
func NewOnes(rows, columns int) Ones {
	return Ones{
		Columns: columns, Count: make([]int32, rows), Index: make([]int32, rows*columns),
		Bits: make([]uint64, rows*wordsOf(columns)),
	}
}

// wordsOf returns how many words hold the bits of so many columns.
func wordsOf(columns int) int { return (columns + 63) / 64 }

// Row returns the columns of the ones of row n.
func (o Ones) Row(n int) []int32 {
	start := n * o.Columns
	return o.Index[start : start+int(o.Count[n])]
}

// From returns the lists from row n on.
func (o Ones) From(n int) Ones {
	from := Ones{Columns: o.Columns, Count: o.Count[n:], Index: o.Index[n*o.Columns:]}
	if o.Bits != nil {
		from.Bits = o.Bits[n*wordsOf(o.Columns):]
	}
	return from
}

// bits returns the bits of row n.
func (o Ones) bits(n int) []uint64 {
	words := wordsOf(o.Columns)
	return o.Bits[n*words : (n+1)*words]
}

// List writes the lists of the first rows rows of the 0/1 matrix x.
func (o Ones) List(x []float32, rows int) {
	for n := range rows {
		o.list(n, x[n*o.Columns:(n+1)*o.Columns])
	}
}

// list writes the list of a row and its bits.
func (o Ones) list(n int, x []float32) {
	index, bits, count := o.Index[n*o.Columns:], o.bits(n), 0
	clear(bits)
	for j, v := range x {
		if v != 0 {
			index[count] = int32(j)
			bits[j/64] |= 1 << (j % 64)
			count++
		}
	}
	o.Count[n] = int32(count)
}

// Expand writes the 0/1 matrix of which these are the lists to x (rows, o.Columns).
func (o Ones) Expand(x []float32, rows int) {
	clear(x[:rows*o.Columns])
	for n := range rows {
		row := x[n*o.Columns : (n+1)*o.Columns]
		for _, j := range o.Row(n) {
			row[j] = 1
		}
	}
}

// CopyRow makes row n that row of other lists of as many columns.
func (o Ones) CopyRow(n int, from Ones, row int) {
	o.Count[n] = from.Count[row]
	copy(o.Index[n*o.Columns:], from.Row(row))
	copy(o.bits(n), from.bits(row))
}

// TransposeOnes writes to t (columns, rows) the lists of the transposed matrix for the
// columns lo ≤ j < hi of o: the rows with a one there, rising. It reads the bits of o and
// writes none. It panics if t.Columns is less than rows or a slice shorter than its shape.
func TransposeOnes(t, o Ones, rows, lo, hi int) {
	checkTransposeOnes(t, o, rows, hi)
	clear(t.Count[lo:hi])
	for n := range rows {
		row := o.bits(n)
		for first := lo / 64 * 64; first < hi; first += 64 {
			for rest := row[first/64] & wordRange(lo-first, hi-first); rest != 0; rest &= rest - 1 {
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

func checkTransposeOnes(t, o Ones, rows, hi int) {
	if t.Columns < rows {
		panic("kernels: transpose: the lists have no room for their rows")
	}
	checkBits(o, rows, o.Columns)
	if o.Columns < hi {
		panic("kernels: transpose: there are fewer columns")
	}
	checkOnes(t, hi, t.Columns)
}
