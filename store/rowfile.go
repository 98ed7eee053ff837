package store

import (
	"fmt"
	"io"
	"os"
)

// RowFile is an uncompressed NPY or IDX file whose rows, the elements of each first index, are read as
// they are needed.
type RowFile struct {
	Shape  []int
	Format string // as in [Table]

	src   io.ReaderAt
	file  *os.File // src, if OpenRows has opened it
	size  int64    // of the file when it was opened, in bytes
	start int      // byte of the file at which the elements begin
	row   int      // number of elements of a row
	e     element
	bool  bool // the elements are bools
}

// OpenRows opens a file for reading its rows. It returns nil if the file has another format than NPY and IDX,
// a damaged header, no elements, or a Fortran order, whose rows are not contiguous, and for a path that is no regular
// file. Its errors do not name the path.
func OpenRows(path string) (*RowFile, error) {
	info, err := os.Stat(path) // before opening, which would wait on a pipe
	if err != nil || !info.Mode().IsRegular() {
		return nil, pathless(err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, pathless(err)
	}
	f, err := openRows(file, int(info.Size()))
	if f == nil || err != nil {
		file.Close()
		return nil, err
	}
	f.file = file
	return f, nil
}

// openRows is [OpenRows] of a file that is open, of size bytes.
func openRows(file io.ReaderAt, size int) (*RowFile, error) {
	var head [8]byte
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, nil // neither format has so short a file
	}
	s := &stream{r: io.NewSectionReader(file, 0, int64(size)), known: size}
	var h arrayStart
	switch {
	case string(head[:len(npyMagic)]) == npyMagic:
		npy, e, n, err := readNPYStart(s, origin{})
		if err != nil || npy.fortran && len(npy.shape) > 1 {
			return nil, nil
		}
		h = arrayStart{"NPY, " + typeName(npy.kind(), e.size), npy.shape, e, n, npy.kind() == 'b'}
	case head[0] == 0 && head[1] == 0:
		var err error
		if h, err = readIDXStart(s); err != nil {
			return nil, nil
		}
	default:
		return nil, nil
	}
	if len(h.shape) == 0 || h.n == 0 {
		return nil, nil
	}
	switch end := s.offset + h.n*h.e.size; {
	case size < end:
		return nil, fmt.Errorf("ends at byte %d, want %d bytes", size, end)
	case size > end:
		return nil, fmt.Errorf("goes on after byte %d, want the end of the file", end)
	}
	return &RowFile{
		Shape: squeeze(h.shape), Format: h.format,
		src: file, size: int64(size), start: s.offset, row: h.n / h.shape[0], e: h.e, bool: h.bool,
	}, nil
}

// Read makes t the table of the rows from, from+1, …, to-1. It reuses the memory of t's Bytes or Floats if
// the rows fit there. It returns an error for a finite number above the range of float32, as [Decode] does,
// and for a file that has become shorter since it was opened.
func (f *RowFile) Read(t *Table, from, to int) error {
	n := (to - from) * f.row
	start := f.start + from*f.row*f.e.size
	s := &stream{r: io.NewSectionReader(f.src, int64(start), int64(n*f.e.size)), known: n * f.e.size}
	read, err := f.e.table(s, append([]int{to - from}, f.Shape[1:]...), n, *t)
	if err != nil {
		if f.file != nil {
			if info, failed := f.file.Stat(); failed == nil && info.Size() < f.size {
				return fmt.Errorf("ends at byte %d, but had %d bytes when it was opened", info.Size(), f.size)
			}
		}
		return fmt.Errorf("rows %d to %d: %w", from+1, to, pathless(err))
	}
	*t = read
	t.Format = f.Format
	if f.bool {
		normalizeBool(t.Bytes)
	}
	return nil
}

// InBytes reports whether the elements are of type uint8 or bool.
func (f *RowFile) InBytes() bool { return f.e.value == nil }

// Close closes the file.
func (f *RowFile) Close() error { return f.file.Close() }
