package store

import (
	"encoding/binary"
	"fmt"
	"io"
)

// decodeIDX reads an array of one to three dimensions and type uint8:
//
//	0 0 8 D      two zeros, the type, the number of dimensions
//	D x uint32   the dimensions, big-endian
//	elements     last index fastest
//
// Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits,
// "File formats".
func decodeIDX(r io.Reader) (Table, error) {
	s := &stream{r: r}
	magic, err := s.take(4)
	if err != nil {
		return Table{}, err
	}
	if magic[2] != 8 {
		return Table{}, fmt.Errorf("byte 2: IDX type 0x%02x, want 0x08 (uint8)", magic[2])
	}
	if magic[3] < 1 || magic[3] > 3 {
		return Table{}, fmt.Errorf("byte 3: %d IDX dimensions, want 1 to 3", magic[3])
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
	data, err := s.take(n)
	if err != nil {
		return Table{}, err
	}
	return Table{Shape: shape, Bytes: data, Grey: true}, s.end()
}
