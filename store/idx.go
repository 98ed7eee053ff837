package store

import (
	"encoding/binary"
	"fmt"
)

// idxTypes are the types of elements by their number.
var idxTypes = map[byte]string{0x08: "u1", 0x09: "i1", 0x0b: "i2", 0x0c: "i4", 0x0d: "f4", 0x0e: "f8"}

// decodeIDX reads an array of one to four dimensions:
//
//	0 0 T D      two zeros, the type, the number of dimensions
//	D x uint32   the dimensions, big-endian
//	elements     big-endian, last index fastest
//
// Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits,
// "File formats".
func decodeIDX(s *stream) (Table, error) {
	magic, err := s.take(4)
	if err != nil {
		return Table{}, err
	}
	name, ok := idxTypes[magic[2]]
	if !ok {
		return Table{}, fmt.Errorf("byte 2: IDX type 0x%02x, want 0x08 (uint8), 0x09, 0x0b, 0x0c (int8, int16, int32), 0x0d or 0x0e (float32, float64)", magic[2])
	}
	if magic[3] < 1 || magic[3] > 4 {
		return Table{}, fmt.Errorf("byte 3: %d IDX dimensions, want 1 to 4", magic[3])
	}
	header, err := s.take(4 * int(magic[3]))
	if err != nil {
		return Table{}, err
	}
	shape := make([]int, magic[3])
	for i := range shape {
		shape[i] = int(binary.BigEndian.Uint32(header[4*i:]))
	}
	n, ok := elements(shape)
	if !ok {
		return Table{}, fmt.Errorf("byte 4: shape %s, want one that fits into memory", FormatShape(shape))
	}
	e, _ := elementOf(name[0], int(name[1]-'0'), binary.BigEndian)
	t, err := e.table(s, shape, n)
	if err != nil {
		return Table{}, err
	}
	t.Format = "IDX, " + typeName(name[0], int(name[1]-'0'))
	return t, s.end()
}
