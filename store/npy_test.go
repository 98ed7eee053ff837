package store

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// TestReadNPY: files of NumPy, and one of each type with a value that another type would read otherwise.
func TestReadNPY(t *testing.T) {
	tests := []struct {
		name, file string
		shape      []int
		data       []float32
	}{
		{"float32", storetest.NumPyFloat32, []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}},
		{"float64 in Fortran order", storetest.NumPyFortran, []int{2, 3}, []float32{0, 0.5, 1, 0.25, 0.75, 1}},
		{"bool, version 2", storetest.NumPyVersion2, []int{2}, []float32{1, 0}},
		{"int32 scalar", storetest.NumPyScalar, []int{}, []float32{3}},
		{"bool with a large true", storetest.NPY("|b1", "(2,)", 0, 9), []int{2}, []float32{0, 1}},
		{"uint8", storetest.NPY("|u1", "(1, 2)", 0, 200), []int{1, 2}, []float32{0, 200}},
		{"int8", storetest.NPY("|i1", "(1,)", 0xff), []int{1}, []float32{-1}},
		{"uint16", storetest.NPY("<u2", "(1,)", 1, 2), []int{1}, []float32{513}},
		{"int16", storetest.NPY("<i2", "(1,)", 0xfe, 0xff), []int{1}, []float32{-2}},
		{"uint32", storetest.NPY("<u4", "(1,)", 0, 0, 0, 0x80), []int{1}, []float32{1 << 31}},
		{"uint64", storetest.NPY("<u8", "(1,)", 0, 0, 0, 0, 0, 0, 0, 0x80), []int{1}, []float32{1 << 63}},
		{"int64", storetest.NPY("<i8", "(1,)", 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), []int{1}, []float32{-3}},
		{"float64 infinity", storetest.NPY("<f8", "(1,)", 0, 0, 0, 0, 0, 0, 0xf0, 0x7f), []int{1}, []float32{float32(math.Inf(1))}},
		{"no elements", storetest.NPY("<f4", "(0, 3)"), []int{0, 3}, []float32{}},
	}
	for _, test := range tests {
		got, err := ReadNPY(strings.NewReader(test.file), "a.npy")
		if err != nil || !slices.Equal(got.Shape, test.shape) || !slices.Equal(got.Data, test.data) {
			t.Errorf("%s: got %v %v, want shape %v data %v", test.name, got, err, test.shape, test.data)
		}
	}
}

// TestReadNPYErrors: the error names the source. What else ReadNPY refuses is in the tests of package dataset.
func TestReadNPYErrors(t *testing.T) {
	_, err := ReadNPY(strings.NewReader("0,1,0,1,0,1"), "a.npy")
	if want := "store: a.npy: byte 0: 30 2c 31 2c 30 2c, want the NPY magic 93 4e 55 4d 50 59"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestFromFortran: element (i, j, k) of the array has the value 100i + 10j + k.
func TestFromFortran(t *testing.T) {
	shape := []int{2, 3, 4}
	stored, want := make([]int, 24), make([]int, 24)
	for i := range 2 {
		for j := range 3 {
			for k := range 4 {
				stored[i+2*(j+3*k)] = 100*i + 10*j + k
				want[(i*3+j)*4+k] = 100*i + 10*j + k
			}
		}
	}
	if got := fromFortran(stored, shape); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWriteNPY(t *testing.T) {
	var file bytes.Buffer
	if err := WriteNPY(&file, Array{[]int{2, 3}, []float32{1, 2, 3, 4, 5, 6}}); err != nil {
		t.Fatal(err)
	}
	if got := file.String(); got != storetest.NumPyFloat32 {
		t.Errorf("got %q, want what NumPy writes, %q", got, storetest.NumPyFloat32)
	}
}

// awkward returns arrays by what is unusual about them: shapes and values that a writer could get wrong.
func awkward() map[string]Array {
	long := Array{Shape: []int{3, elementBlock/2 + 1}}
	for i := range 3 * (elementBlock/2 + 1) {
		long.Data = append(long.Data, float32(i)/7) // most have no short decimal
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	return map[string]Array{
		"scalar": {Shape: []int{}, Data: []float32{7}},
		"vector": {Shape: []int{3}, Data: []float32{1, 2, 3}},
		"empty":  {Shape: []int{2, 0}, Data: []float32{}},
		"3-D":    {Shape: []int{1, 2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
		"values": {Shape: []int{2, 4}, Data: []float32{
			nan, inf, math.MaxFloat32, math.SmallestNonzeroFloat32, 0.1, -1.0 / 3, float32(math.Copysign(0, -1)), 1e-20}},
		"several blocks": long,
	}
}

// sameArray compares bits, so that NaN equals itself and 0 is not -0.
func sameArray(a, b Array) bool {
	return slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y)
	})
}

func TestNPYRoundTrip(t *testing.T) {
	for name, a := range awkward() {
		var file bytes.Buffer
		if err := WriteNPY(&file, a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if start := file.Len() - 4*len(a.Data); start%npyAlignment != 0 {
			t.Errorf("%s: got the elements at byte %d, want a multiple of %d", name, start, npyAlignment)
		}
		if got, err := ReadNPY(&file, name); err != nil || !sameArray(got, a) {
			t.Errorf("%s: got %v %v, want %v", name, got, err, a)
		}
	}
}

// reversed returns elements of `size` bytes in the other byte order.
func reversed(data []byte, size int) []byte {
	out := slices.Clone(data)
	for element := range slices.Chunk(out, size) {
		slices.Reverse(element)
	}
	return out
}

// TestElementTypes: each type of elements gives the same numbers in NPY of both byte orders and in IDX.
func TestElementTypes(t *testing.T) {
	tests := []struct {
		npy  string // NumPy's name of the type, without the byte order
		idx  byte   // number of the type in IDX; 0 if IDX has no such type
		data []byte // of two elements, little-endian
		want []float32
	}{
		{"u1", 8, []byte{0, 255}, []float32{0, 255}},
		{"b1", 0, []byte{0, 1}, []float32{0, 1}},
		{"i1", 9, []byte{1, 0xff}, []float32{1, -1}},
		{"u2", 0, []byte{1, 2, 0, 0xff}, []float32{513, 65280}},
		{"i2", 11, []byte{1, 2, 0, 0xff}, []float32{513, -256}},
		{"u4", 0, []byte{1, 0, 0, 0, 0, 0, 0, 0x80}, []float32{1, 1 << 31}},
		{"i4", 12, []byte{1, 0, 0, 0, 0, 0, 0, 0x80}, []float32{1, -1 << 31}},
		{"u8", 0, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, []float32{1, 1 << 63}},
		{"i8", 0, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, []float32{1, -1 << 63}},
		{"f2", 0, []byte{0, 0x3c, 0, 0xb8}, []float32{1, -0.5}},
		{"f4", 13, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf}, []float32{1, -0.5}},
		{"f8", 14, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xe0, 0xbf}, []float32{1, -0.5}},
	}
	for _, test := range tests {
		size := len(test.data) / 2
		files := map[string]string{
			"<": storetest.NPY("<"+test.npy, "(1, 2)", test.data...),
			">": storetest.NPY(">"+test.npy, "(1, 2)", reversed(test.data, size)...),
		}
		if test.idx != 0 {
			idx := []byte(storetest.IDX([]byte{1, 2}, reversed(test.data, size)...))
			idx[2] = test.idx
			files["IDX"] = string(idx)
		}
		for name, file := range files {
			got, err := decodeString(file, Options{})
			if err != nil || !slices.Equal(got.Shape, []int{1, 2}) || !slices.Equal(got.Array().Data, test.want) {
				t.Errorf("%s %s: got %v %v, want %v", name, test.npy, got, err, test.want)
			}
		}
	}
}

// TestHalf: numbers of binary16 have the values that IEEE 754 gives them.
func TestHalf(t *testing.T) {
	for _, test := range []struct {
		name string
		bits uint16
		want float64
	}{
		{"zero", 0x0000, 0},
		{"the least subnormal number", 0x0001, 0x1p-24},
		{"the largest subnormal number", 0x03ff, 1023 * 0x1p-24},
		{"the least normal number", 0x0400, 0x1p-14},
		{"the number next to 1/3", 0x3555, 1365.0 / 4096},
		{"one", 0x3c00, 1},
		{"a negative number", 0xc000, -2},
		{"the largest number", 0x7bff, 65504},
		{"infinity", 0x7c00, math.Inf(1)},
		{"negative infinity", 0xfc00, math.Inf(-1)},
	} {
		if got := half(test.bits); got != test.want {
			t.Errorf("%s, %#04x: got %v, want %v", test.name, test.bits, got, test.want)
		}
	}
	if got := half(0x7e00); got == got {
		t.Errorf("0x7e00: got %v, want NaN", got)
	}
}

func TestSqueeze(t *testing.T) {
	tests := []struct {
		name        string
		shape, want []int
	}{
		{"one channel first", []int{5, 1, 2, 3}, []int{5, 2, 3}},
		{"one channel last", []int{5, 2, 3, 1}, []int{5, 2, 3}},
		{"two axes of 1 after a first one, which stays", []int{1, 2, 1, 3, 1}, []int{1, 2, 3}},
		{"no more than down to three axes", []int{5, 1, 1, 1}, []int{5, 1, 1}},
		{"three axes", []int{5, 1, 4}, []int{5, 1, 4}},
		{"three channels", []int{5, 3, 2, 2}, []int{5, 3, 2, 2}},
		{"one axis", []int{1}, []int{1}},
	}
	for _, test := range tests {
		if got := squeeze(test.shape); !slices.Equal(got, test.want) {
			t.Errorf("%s, %v: got %v, want %v", test.name, test.shape, got, test.want)
		}
	}
}
