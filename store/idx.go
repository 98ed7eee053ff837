package store

import (
	"encoding/binary"
	"fmt"
)

// idxTypes are the types of elements by their number in the file: the kind and the size of elementOf.
var idxTypes = map[byte]string{0x08: "u1", 0x09: "i1", 0x0b: "i2", 0x0c: "i4", 0x0d: "f4", 0x0e: "f8"}

// decodeIDX reads an IDX file, which holds an array of one to four dimensions:
//
//	0 0 T D      two zeros, the type, the number of dimensions
//	D x uint32   the dimensions, big-endian
//	elements     big-endian, last index fastest
//
// Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits,
// "File formats".
func decodeIDX(s *stream) (Table, error) {
	h, err := readIDXStart(s)
	if err != nil {
		return Table{}, err
	}
	t, err := h.e.table(s, h.shape, h.n, Table{})
	if err != nil {
		return Table{}, err
	}
	t.Format = h.format
	return t, s.end()
}

// arrayStart is the description of an array in the header of an IDX or NPY file.
type arrayStart struct {
	format string // as in [Table]
	shape  []int
	e      element
	n      int  // number of elements
	bool   bool // the elements are bools
}

// readIDXStart reads the header of an IDX file.
func readIDXStart(s *stream) (h arrayStart, err error) {
	magic, err := s.take(4)
	if err != nil {
		return h, err
	}
	name, ok := idxTypes[magic[2]]
	if !ok {
		const types = "0x08 (uint8), 0x09, 0x0b, 0x0c (int8, int16, int32), 0x0d or 0x0e (float32, float64)"
		return h, fmt.Errorf("byte 2: IDX type 0x%02x, want %s", magic[2], types)
	}
	if magic[3] < 1 || magic[3] > 4 {
		return h, fmt.Errorf("byte 3: %d IDX dimensions, want 1 to 4", magic[3])
	}
	header, err := s.take(4 * int(magic[3]))
	if err != nil {
		return h, err
	}
	h.shape = make([]int, magic[3])
	for i := range h.shape {
		h.shape[i] = int(binary.BigEndian.Uint32(header[4*i:]))
	}
	if h.n, ok = elements(h.shape); !ok {
		return h, fmt.Errorf("byte 4: shape %s, want one that fits into memory", FormatShape(h.shape))
	}
	h.e, _ = elementOf(name[0], int(name[1]-'0'), binary.BigEndian)
	h.format = "IDX, " + typeName(name[0], int(name[1]-'0'))
	return h, nil
}
