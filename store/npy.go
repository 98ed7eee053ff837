package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The NPY format: magic, version, length of the header, the header (a Python
// dictionary, padded), the elements. Source: NumPy manual, numpy.lib.format.
const (
	npyMagic      = "\x93NUMPY"
	npyMaxHeader  = 1 << 16
	npyMaxShape   = 64 // dimensions, NumPy's own limit
	npyAlignment  = 64 // the elements start at a multiple of it
	npyPrefixSize = 10 // magic, version, 16-bit length
)

// npyTypes holds the decoders of one element by type; uint8 and bool stay bytes.
var npyTypes = map[string]struct {
	size  int
	value func([]byte) float64
}{
	"|u1": {1, nil},
	"|b1": {1, nil},
	"|i1": {1, func(b []byte) float64 { return float64(int8(b[0])) }},
	"<u2": {2, func(b []byte) float64 { return float64(binary.LittleEndian.Uint16(b)) }},
	"<i2": {2, func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) }},
	"<u4": {4, func(b []byte) float64 { return float64(binary.LittleEndian.Uint32(b)) }},
	"<i4": {4, func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) }},
	"<u8": {8, func(b []byte) float64 { return float64(binary.LittleEndian.Uint64(b)) }},
	"<i8": {8, func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) }},
	"<f4": {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }},
	"<f8": {8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }},
}

// ReadNPY reads an array of bool, integers, float32 or float64, in C or Fortran
// order, and rounds its elements to float32. NaN and Inf are accepted, a finite element
// beyond float32 is an error. The name denotes the source in errors.
func ReadNPY(r io.Reader, name string) (Array, error) {
	t, err := decodeNPY(r)
	if err != nil {
		return Array{}, fmt.Errorf("store: %s: %w", name, err)
	}
	return t.Array(), nil
}

func decodeNPY(r io.Reader) (Table, error) {
	s := &stream{r: r}
	h, err := readNPYHeader(s)
	if err != nil {
		return Table{}, err
	}
	kind, ok := npyTypes[h.descr]
	if !ok {
		return Table{}, fmt.Errorf("byte %d: %s, want bool, integers, float32 or float64, little-endian",
			npyPrefixSize, describe(h.descr))
	}
	n, ok := elements(h.shape)
	if !ok {
		return Table{}, fmt.Errorf("byte %d: shape %s, want one that fits into memory", npyPrefixSize, FormatShape(h.shape))
	}
	raw, err := s.take(n * kind.size)
	if err != nil {
		return Table{}, err
	}
	if err := s.end(); err != nil {
		return Table{}, err
	}
	t := Table{Shape: h.shape}
	if kind.value == nil {
		t.Bytes = raw
	} else if t.Floats, err = decodeFloats(raw, kind.size, kind.value); err != nil {
		return Table{}, err
	}
	if h.descr == "|b1" {
		normalizeBool(t.Bytes)
	}
	if h.fortran {
		t.Bytes, t.Floats = fromFortran(t.Bytes, h.shape), fromFortran(t.Floats, h.shape)
	}
	return t, nil
}

// describe names a type that is refused, with the usual reason.
func describe(descr string) string {
	switch {
	case strings.HasPrefix(descr, "|O"):
		return "an object array (pickle) " + quote(descr)
	case strings.HasPrefix(descr, ">"):
		return "big-endian type " + quote(descr)
	}
	return "type " + quote(descr)
}

func decodeFloats(raw []byte, size int, value func([]byte) float64) ([]float32, error) {
	out := make([]float32, len(raw)/size)
	for i := range out {
		x := value(raw[i*size : (i+1)*size])
		out[i] = float32(x)
		if math.IsInf(float64(out[i]), 0) && !math.IsInf(x, 0) {
			return nil, fmt.Errorf("element %d: %v, want a float32", i+1, x)
		}
	}
	return out, nil
}

// normalizeBool makes every true a 1.
func normalizeBool(data []uint8) {
	for i, b := range data {
		data[i] = min(b, 1)
	}
}

// fromFortran reorders elements stored first index fastest to last index fastest.
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
	descr   string
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
	if _, err := w.Write(formatNPYHeader(a.Shape)); err != nil {
		return err
	}
	var block []byte
	for part := range slices.Chunk(a.Data, 1<<14) {
		block = block[:0]
		for _, x := range part {
			block = binary.LittleEndian.AppendUint32(block, math.Float32bits(x))
		}
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	return nil
}

func formatNPYHeader(shape []int) []byte {
	dims := FormatShape(shape)
	if len(shape) == 1 {
		dims = fmt.Sprintf("(%d,)", shape[0])
	}
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", dims)
	padding := npyAlignment - 1 - (npyPrefixSize+len(text))%npyAlignment
	text += strings.Repeat(" ", padding) + "\n"
	header := append([]byte(npyMagic), 1, 0)
	header = binary.LittleEndian.AppendUint16(header, uint16(len(text)))
	return append(header, text...)
}
