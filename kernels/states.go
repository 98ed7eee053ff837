package kernels

import "math/bits"

// States is a matrix of the states of units as bits, in panels as wide as a word: the unit in
// column j of row n has bit j%64 of Bits[j/64*Stride+n]. The kind of the unit defines the worth
// of a bit.
type States struct {
	Columns int
	Units   Units    // the kinds of the columns
	Stride  int      // number of rows of the whole matrix
	Bits    []uint64 // (number of words per row, Stride)
}

// NewStates returns states of (rows, columns) Bernoulli units, all zero.
func NewStates(rows, columns int) States {
	return States{Columns: columns, Stride: rows, Bits: make([]uint64, rows*wordsOf(columns))}
}

// wordsOf returns the number of words that hold the bits of a row.
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

// Pack sets the first `rows` rows from x (rows, s.Columns), which holds the worth of each state. A
// bit is 1 where the value is not the lower worth of its unit.
func (s States) Pack(x []float32, rows int) {
	for n := range rows {
		row := x[n*s.Columns : (n+1)*s.Columns]
		for from := 0; from < s.Columns; {
			k, to := s.Units.group(from, min(from/64*64+64, s.Columns))
			low := k.Low()
			var word uint64
			for j, v := range row[from:to] {
				if v != low {
					word |= 1 << ((from + j) % 64)
				}
			}
			if from%64 == 0 {
				*s.word(n, from) = 0
			}
			*s.word(n, from) |= word
			from = to
		}
	}
}

// PackStates is [States.Pack] if every value of x (rows, s.Columns) is the worth of a state, and
// reports whether that is so.
func (s States) PackStates(x []float32, rows int) bool {
	for n := range rows {
		row := x[n*s.Columns : (n+1)*s.Columns]
		for from := 0; from < s.Columns; {
			k, to := s.Units.group(from, s.Columns)
			low, high := k.Low(), k.High()
			for _, v := range row[from:to] {
				if v != low && v != high {
					return false
				}
			}
			from = to
		}
	}
	s.Pack(x, rows)
	return true
}

// Unpack writes the worth of the first `rows` rows to x (rows, s.Columns).
func (s States) Unpack(x []float32, rows int) {
	for n := range rows {
		row := x[n*s.Columns : (n+1)*s.Columns]
		for from := 0; from < s.Columns; {
			k, to := s.Units.group(from, s.Columns)
			s.unpack(row, k, n, from, to)
			from = to
		}
	}
}

// unpack writes the worth of the columns from ≤ j < to of row n to row. These units are of kind k.
func (s States) unpack(row []float32, k Kind, n, from, to int) {
	low, high := k.Low(), k.High()
	if low == 0 {
		clear(row[from:to])
	} else {
		for j := from; j < to; j++ {
			row[j] = low
		}
	}
	for first := from / 64 * 64; first < to; first += 64 {
		for rest := *s.word(n, first) & wordRange(from-first, to-first); rest != 0; rest &= rest - 1 {
			row[first+bits.TrailingZeros64(rest)] = high
		}
	}
}

// clear sets the bits of the columns from ≤ j < to of row n to 0.
func (s States) clear(n, from, to int) {
	for first := from / 64 * 64; first < to; first += 64 {
		*s.word(n, first) &^= wordRange(from-first, to-first)
	}
}

// CopyRow sets row n to a row of another matrix with the same number of columns.
func (s States) CopyRow(n int, from States, row int) {
	for first := 0; first < s.Columns; first += 64 {
		*s.word(n, first) = *from.word(row, first)
	}
}

// Count returns the number of ones in the first `rows` rows.
func (s States) Count(rows int) int {
	count := 0
	for k := range wordsOf(s.Columns) {
		for _, word := range s.Bits[k*s.Stride:][:rows] {
			count += bits.OnesCount64(word)
		}
	}
	return count
}

// list lists in index the columns of the ones of row n, in rising order. It returns the length of
// the list.
func (s States) list(index []int32, n int) int {
	count := 0
	for first := 0; first < s.Columns; first += 64 {
		count += listWord(index[count:], *s.word(n, first), first)
	}
	return count
}

// listColumn lists in index, in rising order, which of the first `rows` rows have a one in column j.
// It returns the length of the list. It may overwrite index[:rows].
func (s States) listColumn(index []int32, j, rows int) int {
	index = index[:rows]
	count := 0
	for n, word := range s.Bits[j/64*s.Stride:][:rows] {
		index[count] = int32(n)
		count += int(word >> (j % 64) & 1)
	}
	return count
}

// listWord lists in index the places of the ones of a word, whose lowest bit has place j. It returns
// the length of the list.
func listWord(index []int32, word uint64, j int) int {
	count := 0
	for ; word != 0; word &= word - 1 {
		index[count] = int32(j + bits.TrailingZeros64(word))
		count++
	}
	return count
}

// check panics unless the states have the given number of columns and at least the given number of rows.
func (s States) check(rows, columns int) {
	s.Units.check(columns)
	short := rows > s.Stride || len(s.Bits) < (wordsOf(columns)-1)*s.Stride+rows
	if s.Columns != columns || rows > 0 && columns > 0 && short {
		panic("kernels: the states are smaller than their shape")
	}
}

// wordRange returns a word with ones from bit lo up to bit hi. Either may be outside of the word.
func wordRange(lo, hi int) uint64 {
	return ^uint64(0) << max(lo, 0) & (^uint64(0) >> max(64-hi, 0))
}
