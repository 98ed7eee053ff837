package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"harmonium/memory"
)

// The NPY format: magic, version, length of the header, the header (a Python
// dictionary, padded), the elements. Source: NumPy manual, numpy.lib.format.
const (
	npyMagic      = "\x93NUMPY"
	npyMaxHeader  = 1 << 16 // bytes, about the most that version 1 can claim
	npyMaxShape   = 64      // dimensions, NumPy's own limit
	npyAlignment  = 64      // the elements start at a multiple of it
	npyPrefixSize = 10      // magic, version, 16-bit length
)

// ReadNPY reads an array of bool, integers or floats of 16, 32 or 64 bits, of either byte order, in
// C or Fortran order, and rounds its elements to float32. NaN and Inf are accepted, a finite element
// beyond float32 is an error. The name denotes the source in errors.
func ReadNPY(r io.Reader, name string) (Array, error) {
	t, err := decodeNPY(&stream{r: r}, origin{})
	if err != nil {
		return Array{}, fmt.Errorf("store: %s: %w", name, err)
	}
	return t.Array(), nil
}

func decodeNPY(s *stream, from origin) (Table, error) {
	h, e, n, err := readNPYStart(s, from)
	if err != nil {
		return Table{}, err
	}
	t, err := e.table(s, h.shape, n, Table{})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return Table{}, err
	}
	t.Format = "NPY, " + typeName(h.kind(), e.size)
	if h.kind() == 'b' {
		normalizeBool(t.Bytes)
	}
	if h.fortran {
		return t.lastFastest()
	}
	return t, nil
}

// readNPYStart reads the header of an NPY file and returns it with the type and the number of the elements.
func readNPYStart(s *stream, from origin) (h npyHeader, e element, n int, err error) {
	if h, err = readNPYHeader(s); err != nil {
		return h, e, 0, err
	}
	e, ok := h.element()
	if !ok {
		return h, e, 0, fmt.Errorf("byte %d: %s", npyPrefixSize, h.refusal(from))
	}
	if n, ok = elements(h.shape); !ok {
		return h, e, 0, fmt.Errorf("byte %d: shape %s, want one that fits into memory", npyPrefixSize, FormatShape(h.shape))
	}
	return h, e, n, nil
}

// kind is the letter of the type.
func (h npyHeader) kind() byte {
	if len(h.descr) < 2 {
		return 0
	}
	return h.descr[1]
}

// element returns the type of "<f4" and the like: byte order, kind, bytes.
func (h npyHeader) element() (element, bool) {
	var order binary.ByteOrder = binary.LittleEndian
	if len(h.descr) != 3 || !strings.ContainsRune("<>|", rune(h.descr[0])) {
		return element{}, false
	}
	if h.descr[0] == '>' {
		order = binary.BigEndian
	}
	return elementOf(h.kind(), int(h.descr[2])-'0', order)
}

// refusal names a type that cannot be read, and how NumPy converts the array.
func (h npyHeader) refusal(from origin) string {
	what, convert, module := "an array of type "+quote(h.descr), "x.astype('f4')", ""
	switch {
	case strings.HasPrefix(h.descr, "["):
		what, convert = "a structured array "+quote(h.descr), "numpy.lib.recfunctions.structured_to_unstructured(x)"
		module = ",numpy.lib.recfunctions"
	case h.kind() == 'O':
		what, convert = "an object array (pickle)", "numpy.array(x.tolist(),'f4')"
	case h.kind() == 'U' || h.kind() == 'S':
		what = "an array of text " + quote(h.descr)
	}
	load := "numpy.load({},allow_pickle=True)"
	if from.key != "" {
		load += "['" + from.key + "']"
	}
	return what + ", want numbers" + from.python("import numpy"+module+"; x="+load+"; numpy.save({.npy},"+convert+")")
}

// normalizeBool makes every true a 1.
func normalizeBool(data []uint8) {
	for i, b := range data {
		data[i] = min(b, 1)
	}
}

// lastFastest returns a table in C order, with the last index fastest, for one in Fortran order, with the first
// index fastest.
func (t Table) lastFastest() (Table, error) {
	if err := memory.Check("a copy of its array", float64(len(t.Bytes))+4*float64(len(t.Floats))); err != nil {
		return Table{}, err
	}
	t.Bytes, t.Floats = fromFortran(t.Bytes, t.Shape), fromFortran(t.Floats, t.Shape)
	return t, nil
}

// fromFortran returns elements in C order for elements in Fortran order.
func fromFortran[T any](data []T, shape []int) []T {
	if data == nil {
		return nil
	}
	out := make([]T, len(data))
	index := make([]int, len(shape))
	for n := range out {
		offset, stride := 0, 1
		for d, i := range index {
			offset += i * stride
			stride *= shape[d]
		}
		out[n] = data[offset]
		for d := len(shape) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return out
}

type npyHeader struct {
	descr   string // type of the elements, such as "<f4"
	fortran bool
	shape   []int
}

var (
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*('[^']*'|\[[^\]]*\])`)
	npyFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

func readNPYHeader(s *stream) (npyHeader, error) {
	text, err := readNPYHeaderText(s)
	if err != nil {
		return npyHeader{}, err
	}
	descr := npyDescr.FindStringSubmatch(text)
	fortran := npyFortran.FindStringSubmatch(text)
	shape := npyShape.FindStringSubmatch(text)
	if descr == nil || fortran == nil || shape == nil {
		return npyHeader{}, fmt.Errorf("byte %d: NPY header %s, want descr, fortran_order and shape",
			npyPrefixSize, quote(text))
	}
	dims, err := parseShape(shape[1])
	if err != nil {
		return npyHeader{}, err
	}
	return npyHeader{strings.Trim(descr[1], "'"), fortran[1] == "True", dims}, nil
}

// readNPYHeaderText returns the dictionary. Version 1 has a 16-bit length,
// versions 2 and 3 have 32 bits.
func readNPYHeaderText(s *stream) (string, error) {
	prefix, err := s.take(npyPrefixSize)
	if err != nil {
		return "", err
	}
	if string(prefix[:6]) != npyMagic {
		return "", fmt.Errorf("byte 0: % x, want the NPY magic % x", prefix[:6], npyMagic)
	}
	length := int(binary.LittleEndian.Uint16(prefix[8:]))
	switch prefix[6] {
	case 1:
	case 2, 3:
		high, err := s.take(2)
		if err != nil {
			return "", err
		}
		length |= int(binary.LittleEndian.Uint16(high)) << 16
	default:
		return "", fmt.Errorf("byte 6: NPY version %d, want 1 to 3", prefix[6])
	}
	if length < 0 || length > npyMaxHeader {
		return "", fmt.Errorf("byte 8: NPY header of %d bytes, want at most %d", uint32(length), npyMaxHeader)
	}
	text, err := s.take(length)
	return string(text), err
}

// parseShape reads "3, 4", "3," or "".
func parseShape(text string) ([]int, error) {
	fail := fmt.Errorf("byte %d: shape %s, want at most %d integers from 0", npyPrefixSize, quote("("+text+")"), npyMaxShape)
	fields := strings.Split(text, ",")
	if last := len(fields) - 1; strings.TrimSpace(fields[last]) == "" {
		fields = fields[:last]
	}
	if len(fields) > npyMaxShape {
		return nil, fail
	}
	shape := make([]int, len(fields))
	for i, field := range fields {
		d, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || d < 0 {
			return nil, fail
		}
		shape[i] = d
	}
	return shape, nil
}

// WriteNPY writes the array as float32, version 1.0, C order. It refuses an array
// whose data has another length than its shape.
func WriteNPY(w io.Writer, a Array) error {
	if err := encodeNPY(w, a); err != nil {
		return fmt.Errorf("store: write NPY: %w", err)
	}
	return nil
}

func encodeNPY(w io.Writer, a Array) error {
	if err := a.check(); err != nil {
		return err
	}
	if len(a.Shape) > npyMaxShape {
		return fmt.Errorf("%d dimensions, want at most %d", len(a.Shape), npyMaxShape)
	}
	if _, err := w.Write(formatNPYHeader("<f4", a.Shape)); err != nil {
		return err
	}
	return writeElements(w, a.Data)
}

// writeElements writes numbers in blocks, little-endian.
func writeElements[T float32 | float64](w io.Writer, numbers []T) error {
	for block := range slices.Chunk(numbers, elementBlock) {
		if err := binary.Write(w, binary.LittleEndian, block); err != nil {
			return err
		}
	}
	return nil
}

func formatNPYHeader(descr string, shape []int) []byte {
	dims := FormatShape(shape)
	if len(shape) == 1 {
		dims = fmt.Sprintf("(%d,)", shape[0])
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, dims)
	padding := npyAlignment - 1 - (npyPrefixSize+len(text))%npyAlignment
	text += strings.Repeat(" ", padding) + "\n"
	header := append([]byte(npyMagic), 1, 0)
	header = binary.LittleEndian.AppendUint16(header, uint16(len(text)))
	return append(header, text...)
}
