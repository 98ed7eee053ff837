package store

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

func sameBits(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }

// TestWriteNPY64: a header with the type and the shape, which ends at a multiple of 64 bytes, and then the bits of the
// numbers.
func TestWriteNPY64(t *testing.T) {
	numbers := []float64{-88.65123456789012, math.Pi, math.Inf(-1), 0x1p-1074, 1e300, math.Copysign(0, -1)}
	for columns, shape := range map[int]string{1: "(6, 1)", 3: "(2, 3)"} {
		var file bytes.Buffer
		if err := WriteNPY64(&file, numbers, columns); err != nil {
			t.Fatal(err)
		}
		h, err := readNPYHeader(&stream{r: bytes.NewReader(file.Bytes())})
		if err != nil || h.descr != "<f8" || h.fortran || FormatShape(h.shape) != shape {
			t.Errorf("header %+v, %v, want <f8 of shape %s", h, err, shape)
		}
		start := file.Len() - 8*len(numbers)
		if start%npyAlignment != 0 {
			t.Errorf("the elements start at byte %d, want a multiple of %d", start, npyAlignment)
		}
		got := make([]float64, len(numbers))
		err = binary.Read(bytes.NewReader(file.Bytes()[start:]), binary.LittleEndian, got)
		if err != nil || !slices.EqualFunc(got, numbers, sameBits) {
			t.Errorf("got %v, %v, want %v", got, err, numbers)
		}
	}
	const want = "store: write NPY: 6 elements, want rows of 4"
	if err := WriteNPY64(new(bytes.Buffer), numbers, 4); err == nil || err.Error() != want {
		t.Errorf("rows of 4: got error %v, want %s", err, want)
	}
}
