package kernels

import "math/bits"

// States is a 0/1 matrix of so many columns as bits, by panels as wide as a word: column j of
// row n is bit j%64 of Bits[j/64*Stride+n].
type States struct {
	Columns int
	Stride  int      // rows of the whole matrix
	Bits    []uint64 // (words of 64 columns, Stride)
}

// NewStates returns rows times columns zeros.
func NewStates(rows, columns int) States {
	return States{Columns: columns, Stride: rows, Bits: make([]uint64, rows*wordsOf(columns))}
}

// wordsOf returns how many words hold the bits of so many columns.
func wordsOf(columns int) int { return (columns + 63) / 64 }

// From returns the states from row n on.
func (s States) From(n int) States {
	if len(s.Bits) > 0 {
		s.Bits = s.Bits[n:]
	}
	return s
}

// word returns the word of row n that holds column j.
func (s States) word(n, j int) *uint64 { return &s.Bits[j/64*s.Stride+n] }

// Pack makes the first rows rows those of the 0/1 matrix x (rows, s.Columns).
func (s States) Pack(x []float32, rows int) {
	for n := range rows {
		row := x[n*s.Columns : (n+1)*s.Columns]
		for first := 0; first < s.Columns; first += 64 {
			var word uint64
			for k, v := range row[first:min(first+64, s.Columns)] {
				if v != 0 {
					word |= 1 << k
				}
			}
			*s.word(n, first) = word
		}
	}
}

// Unpack writes the first rows rows to x (rows, s.Columns).
func (s States) Unpack(x []float32, rows int) {
	clear(x[:rows*s.Columns])
	for n := range rows {
		row := x[n*s.Columns : (n+1)*s.Columns]
		for first := 0; first < s.Columns; first += 64 {
			for rest := *s.word(n, first); rest != 0; rest &= rest - 1 {
				row[first+bits.TrailingZeros64(rest)] = 1
			}
		}
	}
}

// CopyRow makes row n that row of another matrix of as many columns.
func (s States) CopyRow(n int, from States, row int) {
	for first := 0; first < s.Columns; first += 64 {
		*s.word(n, first) = *from.word(row, first)
	}
}

// Count returns the number of ones in the first rows rows.
func (s States) Count(rows int) int {
	count := 0
	for k := range wordsOf(s.Columns) {
		for _, word := range s.Bits[k*s.Stride:][:rows] {
			count += bits.OnesCount64(word)
		}
	}
	return count
}

// list writes the columns of the ones of row n to index, rising, and returns their number.
func (s States) list(index []int32, n int) int {
	count := 0
	for first := 0; first < s.Columns; first += 64 {
		count += listWord(index[count:], *s.word(n, first), first)
	}
	return count
}

// listColumn writes which of the first rows rows have a one in column j to index, rising, and
// returns their number. Room for all of them is written over.
func (s States) listColumn(index []int32, j, rows int) int {
	index = index[:rows]
	count := 0
	for n, word := range s.Bits[j/64*s.Stride:][:rows] {
		index[count] = int32(n)
		count += int(word >> (j % 64) & 1)
	}
	return count
}

// listWord writes the places of the bits of a word, of which the first is j, to index and
// returns their number.
func listWord(index []int32, word uint64, j int) int {
	count := 0
	for ; word != 0; word &= word - 1 {
		index[count] = int32(j + bits.TrailingZeros64(word))
		count++
	}
	return count
}

func (s States) check(rows, columns int) {
	if s.Columns != columns || rows > 0 && columns > 0 && (rows > s.Stride || len(s.Bits) < (wordsOf(columns)-1)*s.Stride+rows) {
		panic("kernels: the states are fewer than their shape")
	}
}

// wordRange has the bits from lo to hi of a word, of which some may be outside of it.
func wordRange(lo, hi int) uint64 {
	return ^uint64(0) << max(lo, 0) & (^uint64(0) >> max(64-hi, 0))
}
