package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"harmonium/memory"
	"harmonium/store"
)

// stored holds rows that stay in their file and are read as they are needed.
type stored struct {
	file    *store.RowFile
	name    string  // of the file, for errors
	wide    int     // number of columns of the file
	columns []int   // columns that are data, from 0; nil for all
	v       int     // number of columns that are data
	levels  levels  // what the numbers of the file stand for
	worth   []Worth // as in Options
	states  bool    // all values that the numbers of the file stand for are 0 or 1
	bytes   bool    // the values are bytes, as states are
	numbers []int32 // number in the file of each row; nil for all in order
	weights []float32

	about *about // nil before scan
	err   error  // the first error that Row met

	// Memory that each chunk reuses: Go lets garbage grow to the size of all memory in use.
	table store.Table
	room  rooms

	window struct { // the rows that Row has read last
		from int
		rows *Rows
	}
}

// about holds the results of one pass over all rows.
type about struct {
	means     []float64
	low, high float32
	binary    bool
	weighted  []float64 // weighted means; nil without weights
	constant  []int     // as in Summary
	sum       string    // fingerprint
}

// chunkValues is the number of values that are read at a time in a pass over rows: 1 MiB of bytes. Chosen: the file is
// read in long pieces, and a chunk is small beside other memory.
const chunkValues = 1 << 20

// chunkRows returns the number of rows of a chunk.
func (s *stored) chunkRows() int { return max(1, chunkValues/s.wide) }

// Stored reports whether rows stay in their file, which is read in blocks. They have no Bytes or Floats.
func (r *Rows) Stored() bool { return r.stored != nil }

// Err returns the first error that Row met in a file.
func (r *Rows) Err() error {
	if r == nil || r.stored == nil {
		return nil
	}
	return r.stored.err
}

// InBytes reports whether values are bytes, where a byte b stands for b/255.
func (r *Rows) InBytes() bool {
	if r.stored != nil {
		return r.stored.bytes
	}
	return r.Bytes != nil
}

// ReadRows copies the rows with the given numbers, (len(numbers), V), to bytes if InBytes, else to floats.
func (r *Rows) ReadRows(bytes []uint8, floats []float32, numbers []int32) error {
	if s := r.stored; s != nil {
		return s.read(bytes, floats, numbers)
	}
	for i, n := range numbers {
		from, to, at := int(n)*r.V, (int(n)+1)*r.V, i*r.V
		if r.Bytes != nil {
			copy(bytes[at:at+r.V], r.Bytes[from:to])
		} else {
			copy(floats[at:at+r.V], r.Floats[from:to])
		}
	}
	return nil
}

// number returns the number in the file of a row.
func (s *stored) number(n int) int {
	if s.numbers == nil {
		return n
	}
	return int(s.numbers[n])
}

// count returns the number of rows.
func (s *stored) count() int {
	if s.numbers == nil {
		return s.file.Shape[0]
	}
	return len(s.numbers)
}

// chosen returns the rows of s with the given numbers. They stay in the file.
func (s *stored) chosen(rows []int) *stored {
	numbers := make([]int32, len(rows))
	for i, n := range rows {
		numbers[i] = int32(s.number(n))
	}
	part := &stored{file: s.file, name: s.name, wide: s.wide, columns: s.columns, v: s.v, levels: s.levels, worth: s.worth,
		states: s.states, bytes: s.bytes}
	part.numbers, part.weights = numbers, gather(s.weights, 1, rows)
	return part
}

// skippedRows is the largest number of rows between two wanted rows that are read and dropped, so that the two
// need one read of the file. Chosen.
const skippedRows = 4

// read is ReadRows. Rows that follow each other closely in the file are read together.
func (s *stored) read(bytes []uint8, floats []float32, numbers []int32) error {
	most := s.chunkRows()
	for i := 0; i < len(numbers); {
		first := s.number(int(numbers[i]))
		last, j := first, i+1
		for ; j < len(numbers); j++ {
			if n := s.number(int(numbers[j])); n <= last || n > last+1+skippedRows || n >= first+most {
				break
			}
			last = s.number(int(numbers[j]))
		}
		rows, err := s.chunk(first, last+1)
		if err != nil {
			return err
		}
		for ; i < j; i++ {
			from := (s.number(int(numbers[i])) - first) * s.v
			if rows.Bytes != nil {
				copy(bytes[i*s.v:(i+1)*s.v], rows.Bytes[from:])
			} else {
				copy(floats[i*s.v:(i+1)*s.v], rows.Floats[from:])
			}
		}
	}
	return nil
}

// raw reads the rows from, from+1, …, to-1 of the file with all columns. It uses the memory of room if they fit.
func (s *stored) raw(room *store.Table, from, to int) (*matrix, error) {
	if err := s.file.Read(room, from, to); err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", s.name, err)
	}
	m, err := newMatrix(*room, s.name)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", s.name, err)
	}
	m.files[0].from = -from // so that places count from the first row of the file
	return m, nil
}

// dropOthers drops the columns that are no data. Missing cells and infinities are an error.
func (s *stored) dropOthers(m *matrix) error {
	if s.columns != nil {
		m.keepColumns(s.columns)
	}
	err := m.finite()
	if err == nil {
		_, err = m.takeMissing(false)
	}
	return err
}

// chunk reads the rows from, from+1, …, to-1 of the file. They are valid until the next call.
func (s *stored) chunk(from, to int) (*Rows, error) {
	m, err := s.raw(&s.table, from, to)
	if err != nil {
		return nil, err
	}
	if err := s.dropOthers(m); err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", s.name, err)
	}
	m.room = &s.room
	r, err := m.values(s.levels, s.worth)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", s.name, err)
	}
	if s.states {
		if r = r.packed(m.room); r.Bytes == nil {
			return nil, fmt.Errorf("dataset: %s: rows %d to %d: other numbers than when the file was opened", s.name, from+1, to)
		}
	}
	return r, nil
}

// each calls f with all rows in order, chunk by chunk. A chunk is valid during its call alone.
func (s *stored) each(f func(rows *Rows)) error {
	size := s.chunkRows()
	part := &Rows{}
	for from := 0; from < s.count(); from += size {
		if err := s.takeTo(part, span(from, min(size, s.count()-from))); err != nil {
			return err
		}
		f(part)
	}
	return nil
}

// scan sets s.about by a pass over all rows, unless it is set.
func (s *stored) scan() error {
	if s.about != nil {
		return nil
	}
	a := &about{binary: true, low: float32(math.Inf(1)), high: float32(math.Inf(-1)), means: make([]float64, s.v)}
	sums, h := make([]uint64, s.v), sha256.New()
	writeSize(h, s.count(), s.v)
	var first []float32
	row := make([]float32, s.v)
	var weighted columnMeans
	at := 0 // number of the first row of a chunk
	err := s.each(func(r *Rows) {
		if s.weights != nil {
			weighted.add(r, func(n int) float64 { return float64(s.weights[at+n]) })
		}
		at += r.N
		writeValues(h, r)
		a.binary = a.binary && r.Binary()
		low, high := r.Extremes()
		a.low, a.high = min(a.low, low), max(a.high, high)
		r.addTo(a.means, sums)
		if first == nil {
			first = make([]float32, s.v)
			r.Row(first, 0)
			a.constant = allOf(s.v)
		}
		for n := 0; n < r.N && len(a.constant) > 0; n++ {
			r.Row(row, n)
			a.constant = slices.DeleteFunc(a.constant, func(j int) bool { return row[j] != first[j] })
		}
	})
	if err != nil {
		return err
	}
	a.means = meansOf(a.means, sums, s.count(), s.bytes)
	if s.weights != nil {
		a.weighted = weighted.means()
		writeWeights(h, s.weights)
	}
	a.sum = hex.EncodeToString(h.Sum(nil))
	s.about = a
	return nil
}

// row writes row n to dst. Rows that are asked for in order are read in chunks.
func (s *stored) row(dst []float32, n int) {
	w := &s.window
	switch {
	case w.rows != nil && n >= w.from && n < w.from+w.rows.N:
	case w.rows != nil && n == w.from+w.rows.N, n == 0:
		s.fill(n, min(s.chunkRows(), s.count()-n))
	default:
		s.fill(n, 1)
	}
	if s.err != nil {
		clear(dst)
		return
	}
	w.rows.Row(dst, n-w.from)
}

// fill reads rows into the window.
func (s *stored) fill(from, size int) {
	if s.window.rows == nil {
		s.window.rows = &Rows{}
	}
	if err := s.takeTo(s.window.rows, span(from, size)); err != nil && s.err == nil {
		s.err = err
	}
	s.window.from = from
}

// takeTo reads the rows with the given numbers into r. It uses the memory of r if they fit.
func (s *stored) takeTo(r *Rows, numbers []int32) error {
	*r = Rows{N: len(numbers), V: s.v, Bytes: r.Bytes, Floats: r.Floats}
	if size := r.N * s.v; s.bytes {
		r.Bytes = sized(r.Bytes, size)
	} else {
		r.Floats = sized(r.Floats, size)
	}
	return s.read(r.Bytes, r.Floats, numbers)
}

// span returns from, from+1, …, from+n-1.
func span(from, n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(from + i)
	}
	return list
}

// inMemory returns the rows with their values in memory.
func (r *Rows) inMemory() (*Rows, error) {
	if r.stored == nil {
		return r, nil
	}
	size := 4.0
	if r.InBytes() {
		size = 1
	}
	if err := memory.Check(fmt.Sprintf("%d rows of %s", r.N, r.stored.name), size*float64(r.N)*float64(r.V)); err != nil {
		return nil, err
	}
	whole := &Rows{}
	err := r.stored.takeTo(whole, span(0, r.N))
	whole.Real, whole.Labels, whole.Weights, whole.Origin = r.Real, r.Labels, r.Weights, r.Origin
	return whole, err
}

// known returns the results of scan. Open has called scan for training rows; for others Err returns its error.
func (s *stored) known() *about {
	if err := s.scan(); err != nil {
		if s.err == nil {
			s.err = err
		}
		return &about{means: make([]float64, s.v)}
	}
	return s.about
}
