package store

import (
	"fmt"
	"math"

	"harmonium/memory"
)

// A sparse matrix may have freeCells cells, or maxSparse times its entries if that is more: its
// shape is a claim, and a table has all of its cells. Both are chosen: freeCells takes 64 MiB as float32, as much as
// freeBytes, and maxSparse lets a byte of the file become some kilobytes of the table.
const (
	freeCells = 16 << 20
	maxSparse = 4096
)

// sparse is a matrix (n, v) by its entries: entry i has the given row, column and value. Entries of the
// same place add up.
type sparse struct {
	n, v   int
	place  func(i int) (row, column int)
	values []float32
}

// table returns the matrix with all its cells, as bytes if all are integers from 0 to 255.
func (m sparse) table() (Table, error) {
	limit := max(freeCells, maxSparse*len(m.values))
	if m.n < 0 || m.v < 0 || m.v > 0 && m.n > limit/m.v {
		return Table{}, fmt.Errorf("shape %s with %d entries, want at most %d cells",
			FormatShape([]int{m.n, m.v}), len(m.values), limit)
	}
	if err := memory.Check("its table", 4*float64(m.n)*float64(m.v)); err != nil {
		return Table{}, err
	}
	t := Table{Shape: []int{m.n, m.v}}
	if t.Bytes = m.bytes(); t.Bytes == nil {
		t.Floats = make([]float32, m.n*m.v)
		for i, x := range m.values {
			row, column := m.place(i)
			t.Floats[row*m.v+column] += x
		}
	}
	return t, nil
}

// bytes returns the cells as bytes, or nil if one is no integer from 0 to 255.
func (m sparse) bytes() []uint8 {
	for _, x := range m.values {
		if !(x >= 0 && x <= 255) || x != float32(math.Trunc(float64(x))) {
			return nil
		}
	}
	out := make([]uint8, m.n*m.v)
	for i, x := range m.values {
		row, column := m.place(i)
		cell := &out[row*m.v+column]
		if *cell > 255-uint8(x) {
			return nil
		}
		*cell += uint8(x)
	}
	return out
}

// compressed returns sparse.place of entries that are sorted by rows: row k has the entries starts[k] to
// starts[k+1]-1, and minor has the column of each entry. If transposed, they are sorted by columns, and minor has rows.
// The result steps from row to row, so each pass over the entries must call it with i = 0, 1, 2, ….
func compressed[I int | int32](starts []I, minor []int32, transposed bool) func(i int) (row, column int) {
	k := 0
	return func(i int) (row, column int) {
		if i == 0 { // of another pass
			k = 0
		}
		for int(starts[k+1]) <= i {
			k++
		}
		if transposed {
			return int(minor[i]), k
		}
		return k, int(minor[i])
	}
}

// checkStarts returns an error unless starts has major+1 numbers, none less than the one before, from 0 to the number of
// entries.
func checkStarts(starts []int32, major, entries int) error {
	if len(starts) != major+1 {
		return fmt.Errorf("%d numbers, want %d", len(starts), major+1)
	}
	last := int32(0)
	for i, x := range starts {
		if x < last || i == 0 && x != 0 {
			return fmt.Errorf("element %d: %d, want numbers that rise from 0", i+1, x)
		}
		last = x
	}
	if int(last) != entries {
		return fmt.Errorf("ends with %d, want the number of entries %d", last, entries)
	}
	return nil
}

// checkIndices returns an error unless there is one index below limit for each entry. None is negative, see
// element.indices.
func checkIndices(indices []int32, limit, entries int) error {
	if len(indices) != entries {
		return fmt.Errorf("%d numbers, want one for each of %d entries", len(indices), entries)
	}
	for i, x := range indices {
		if int(x) >= limit {
			return fmt.Errorf("element %d: %d, want an index below %d", i+1, x, limit)
		}
	}
	return nil
}
