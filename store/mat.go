package store

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	matMagic  = "MATLAB 5.0 MAT-file"
	matHeader = 128 // bytes before the first element
)

// Numbers of the format, and limits that were chosen above what real files have.
const (
	matMatrix     = 14 // type of an element that is an array
	matCompressed = 15 // type of an element that is zlib around another one

	matSparse  = 5     // class of sparse arrays; the dense classes of numbers follow it
	matLast    = 15    // the last class of numbers, uint64
	matComplex = 0x800 // flag of an array of complex numbers

	matMaxDims   = 32
	matMaxHeader = 1 << 12 // bytes of flags, shape or name
)

// matTypes are the types of elements that hold numbers, by their number: the kind and the size of elementOf.
var matTypes = map[uint32]string{1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}

// matClasses names, for errors, the classes of arrays that are not numbers.
var matClasses = map[uint32]string{1: "a cell array", 2: "a struct", 3: "an object", 4: "text", 16: "a function", 17: "an object"}

// mat reads a file of MATLAB 5 to 7 (save -v6 and -v7): a header of 128 bytes, and elements, each with a
// type, a size and content. An array is an element that holds elements: flags with the class, the shape, the name,
// and the numbers, column after column. A compressed array is an element of this element in zlib. Arrays of numbers,
// of logicals and sparse ones are read, other classes are skipped.
// Source: MathWorks, MAT-File Format, R2019b, chapter 1.
type mat struct {
	order  binary.ByteOrder
	key    string
	budget *budget

	names []string // names of the arrays of numbers
	other string   // class and name of the first other array, for an error
	found []string // names of the arrays that are wanted: of the key or, without one, with several rows and columns
	table Table    // the first of them
}

// decodeMAT reads the array of the key or, without one, the only array with several rows and
// several columns.
func (d *decoder) decodeMAT(s *stream) (Table, error) {
	header, err := s.take(matHeader)
	if err != nil {
		return Table{}, err
	}
	m := &mat{order: binary.LittleEndian, key: d.Key, budget: d.budget}
	switch mark := string(header[126:]); mark {
	case "IM":
	case "MI":
		m.order = binary.BigEndian
	default:
		return Table{}, fmt.Errorf("byte 126: %s, want IM or MI", quote(mark))
	}
	for {
		if err := m.element(s); err == io.EOF {
			break
		} else if err != nil {
			return Table{}, err
		}
	}
	switch {
	case len(m.found) == 1:
		return m.table, nil
	case len(m.names) == 0:
		return Table{}, fmt.Errorf("no array of numbers%s, want one that is not within another", m.other)
	case d.Key != "":
		return Table{}, fmt.Errorf("no array %s, want one of %s", quote(d.Key), quoteList(m.names))
	case len(m.found) == 0:
		return Table{}, fmt.Errorf("no array of several rows and columns among %s, want one, or another as FILE:ARRAY",
			quoteList(m.names))
	}
	return Table{}, fmt.Errorf("%d arrays of several rows and columns, want one of them as FILE:ARRAY: %s",
		len(m.found), quoteList(m.found))
}

// element reads an element of the file. It returns io.EOF at the end.
func (m *mat) element(s *stream) error {
	var tag [8]byte
	if n, err := io.ReadFull(s.r, tag[:]); err == io.ErrUnexpectedEOF {
		return fmt.Errorf("ends at byte %d, want %d bytes", s.offset+n, s.offset+len(tag))
	} else if err != nil {
		return err
	}
	s.offset += len(tag)
	kind, size := m.order.Uint32(tag[:]), int64(m.order.Uint32(tag[4:]))
	content := &io.LimitedReader{R: s.r, N: size}
	var err error
	switch kind {
	case matMatrix:
		err = m.array(&stream{r: content, offset: s.offset, known: min(s.known, s.offset+int(size))})
	case matCompressed:
		err = m.compressed(content)
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return err
	}
	s.offset += int(size)
	if content.N > 0 {
		return fmt.Errorf("ends at byte %d, want %d bytes", s.offset-int(content.N), s.offset)
	}
	return nil
}

// compressed reads an array within zlib.
func (m *mat) compressed(content io.Reader) error {
	z, err := zlib.NewReader(content)
	if err != nil {
		return fmt.Errorf("bad zlib header: %w", err)
	}
	s := &stream{r: &unpacker{r: z, format: "zlib", budget: m.budget}}
	tag, err := s.take(8)
	if err != nil || m.order.Uint32(tag) != matMatrix {
		return err
	}
	wanted := len(m.found)
	if err := m.array(&stream{r: io.LimitReader(s.r, int64(m.order.Uint32(tag[4:])))}); err != nil || len(m.found) == wanted {
		return err
	}
	_, err = io.Copy(io.Discard, s.r) // zlib checks its sum at the end, which only an array that is wanted must reach
	return err
}

// array reads the header of an array, and its content if it is the first one that is wanted.
func (m *mat) array(s *stream) error {
	flags, err := m.words(s)
	if err != nil {
		return err
	}
	dims, err := m.words(s)
	if err != nil {
		return err
	}
	raw, err := m.header(s)
	if err != nil {
		return err
	}
	name := string(raw)
	if len(flags) < 1 || len(dims) < 2 || len(dims) > matMaxDims {
		return fmt.Errorf("array %s: %d dimensions, want 2 to %d", quote(name), len(dims), matMaxDims)
	}
	shape := make([]int, len(dims))
	for i, d := range dims {
		shape[i] = int(d)
	}
	class := flags[0] & 255
	isNumbers := class >= matSparse && class <= matLast
	if isNumbers {
		m.names = append(m.names, name)
	} else if m.other == "" {
		m.other = fmt.Sprintf(" but %s %s", matClasses[class], quote(name))
	}
	if m.key != "" && name != m.key || m.key == "" && (!isNumbers || !isMatrix(shape)) {
		return nil
	}
	if m.found = append(m.found, name); len(m.found) > 1 {
		return nil
	}
	switch {
	case !isNumbers:
		err = fmt.Errorf("%s, want numbers", matClasses[class])
	case flags[0]&matComplex != 0:
		err = errors.New("complex numbers, want real ones")
	case class == matSparse:
		err = m.sparse(s, shape)
	default:
		err = m.dense(s, shape)
	}
	if err != nil {
		return fmt.Errorf("array %s: %w", quote(name), err)
	}
	m.table.Keyed, m.table.Key = true, name
	return nil
}

// isMatrix reports whether a shape has several rows and several columns.
func isMatrix(shape []int) bool {
	columns := 0
	for _, d := range shape[1:] {
		columns = max(columns, d)
	}
	return shape[0] > 1 && columns > 1
}

// dense reads the numbers of an array that is not sparse.
func (m *mat) dense(s *stream, shape []int) error {
	n, ok := elements(shape)
	if !ok {
		return fmt.Errorf("shape %s, want one that fits into memory", FormatShape(shape))
	}
	numbers, e, count, err := m.numbers(s)
	if err != nil {
		return err
	}
	if count != n {
		return fmt.Errorf("%d numbers, want %d for shape %s", count, n, FormatShape(shape))
	}
	t, err := e.table(numbers, shape, n, Table{})
	if err != nil {
		return err
	}
	m.table, err = t.lastFastest()
	m.table.Format = "array of MATLAB"
	return err
}

// sparse reads a sparse array (n, v) column by column: the rows of the entries, the position of the first
// entry of each column, and the values.
func (m *mat) sparse(s *stream, shape []int) error {
	if len(shape) != 2 {
		return fmt.Errorf("a sparse array of shape %s, want 2 dimensions", FormatShape(shape))
	}
	var indices [2][]int32
	for i := range indices {
		numbers, e, count, err := m.numbers(s)
		if err != nil {
			return err
		}
		if indices[i], err = e.indices(numbers, count); err != nil {
			return err
		}
		m.pad(s, count*e.size)
	}
	numbers, e, count, err := m.numbers(s)
	if err != nil {
		return err
	}
	values, err := e.floats(numbers, count, nil)
	if err != nil {
		return err
	}
	rows, starts := indices[0], indices[1]
	if err := checkStarts(starts, shape[1], len(values)); err != nil {
		return fmt.Errorf("starts of columns: %w", err)
	}
	rows = rows[:min(len(rows), len(values))] // there may be room for more
	if err := checkIndices(rows, shape[0], len(values)); err != nil {
		return fmt.Errorf("rows of entries: %w", err)
	}
	m.table, err = sparse{n: shape[0], v: shape[1], values: values, place: compressed(starts, rows, true)}.table()
	m.table.Format = "sparse array of MATLAB"
	return err
}

// tag reads the type and the size of an element. The content of at most 4 bytes may lie in the tag: the upper half
// of the type is then its size, and tag returns it as within.
func (m *mat) tag(s *stream) (kind uint32, size int, within []byte, err error) {
	tag, err := s.take(8)
	if err != nil {
		return 0, 0, nil, err
	}
	kind, size = m.order.Uint32(tag), int(m.order.Uint32(tag[4:]))
	if small := int(kind >> 16); small > 0 {
		if small > 4 {
			return 0, 0, nil, fmt.Errorf("byte %d: an element of %d bytes in a tag, want at most 4", s.offset-8, small)
		}
		return kind & 0xffff, small, tag[4 : 4+small], nil
	}
	return kind, size, nil, nil
}

// pad steps over the bytes that fill an element of size bytes up to a multiple of 8. An element within its
// tag has none.
func (m *mat) pad(s *stream, size int) {
	if size > 4 {
		s.take(-size & 7) // if the file ends here, the next read fails
	}
}

// header returns the content of an element of the header of an array.
func (m *mat) header(s *stream) ([]byte, error) {
	_, size, within, err := m.tag(s)
	if err != nil || within != nil || size == 0 {
		return within, err
	}
	if size > matMaxHeader {
		return nil, fmt.Errorf("byte %d: an element of %d bytes in the header of an array, want at most %d",
			s.offset-8, size, matMaxHeader)
	}
	content, err := s.take((size + 7) &^ 7)
	if err != nil {
		return nil, err
	}
	return content[:size], nil
}

// words returns the content of an element of the header as integers.
func (m *mat) words(s *stream) ([]uint32, error) {
	raw, err := m.header(s)
	words := make([]uint32, len(raw)/4)
	for i := range words {
		words[i] = m.order.Uint32(raw[4*i:])
	}
	return words, err
}

// numbers returns a stream that begins with the numbers of an element, their type, and their count.
func (m *mat) numbers(s *stream) (from *stream, e element, count int, err error) {
	kind, size, within, err := m.tag(s)
	if err != nil {
		return nil, e, 0, err
	}
	name, ok := matTypes[kind]
	if !ok {
		return nil, e, 0, fmt.Errorf("byte %d: elements of type %d, want numbers", s.offset-8, kind)
	}
	e, _ = elementOf(name[0], int(name[1]-'0'), m.order)
	if within != nil {
		s = &stream{r: bytes.NewReader(within)}
	}
	return s, e, size / e.size, nil
}
