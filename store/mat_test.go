package store

import (
	"encoding/binary"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// matX returns a little-endian array of bytes with the rows 1 0 1 and 0 1 1, of a shape that begins with 2. The format
// stores it column after column.
func matX(name string, shape ...uint32) string {
	o := binary.LittleEndian
	return storetest.MATArray(o, storetest.MATUint8Class, name, shape,
		storetest.MATElement(o, storetest.MATUint8Type, "\x01\x00\x00\x01\x01\x01"))
}

// matSparseX returns the same matrix as a sparse array x. It has four entries and, as MATLAB allows, room for the row
// of a fifth one, where any number may stand: 99.
func matSparseX() string {
	o := binary.LittleEndian
	return storetest.MATArray(o, storetest.MATSparseClass, "x", []uint32{2, 3}, storetest.MATWords(o, 0, 1, 0, 1, 99),
		storetest.MATWords(o, 0, 1, 2, 4), storetest.MATSmall(storetest.MATUint8Type, "\x01\x01\x01\x01"))
}

// matLabels returns an array y of the rows 1 and 2. Its two bytes lie within the tag.
func matLabels() string {
	o := binary.LittleEndian
	return storetest.MATArray(o, storetest.MATUint8Class, "y", []uint32{2, 1},
		storetest.MATSmall(storetest.MATUint8Type, "\x01\x02"))
}

// TestMAT: the array of the key or, without one, the only one of several rows and columns is read.
func TestMAT(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	plain, labels := matX("x", 2, 3), matLabels()
	text := storetest.MATArray(little, storetest.MATTextClass, "t", []uint32{2, 2},
		storetest.MATSmall(storetest.MATUint8Type, "abcd"))
	cell := storetest.MATArray(little, storetest.MATCellClass, "c", []uint32{2, 2}, labels, labels, labels, labels)
	want := Table{Shape: []int{2, 3}, Bytes: []uint8{1, 0, 1, 0, 1, 1}}
	reals := Table{Shape: []int{2, 3}, Floats: []float32{1, 0, 1, 0, 1, 1}}
	const zero, one = "\x00\x00\x00\x00\x00\x00\x00\x00", "\x3f\xf0\x00\x00\x00\x00\x00\x00"
	doubles := storetest.MATElement(big, storetest.MATDoubleType, one+zero+zero+one+one+one)
	tests := []struct {
		name, file, key string
		want            Table
	}{
		{"bytes", storetest.MATFile(little, plain), "", want},
		{"beside others", storetest.MATFile(little, labels, text, cell, plain), "", want},
		{"compressed", storetest.MATFile(little, storetest.MATCompress(labels), storetest.MATCompress(plain),
			storetest.MATCompress(text)), "", want},
		{"with a key", storetest.MATFile(little, plain, matX("z", 2, 3)), "z", want},
		{"a column with a key", storetest.MATFile(little, plain, labels), "y", Table{Shape: []int{2, 1}, Bytes: []uint8{1, 2}}},
		{"doubles, big-endian", storetest.MATFile(big,
			storetest.MATArray(big, storetest.MATDoubleClass, "x", []uint32{2, 3}, doubles)), "", reals},
		{"sparse", storetest.MATFile(little, matSparseX()), "", want},
		{"pictures", storetest.MATFile(little, matX("x", 2, 1, 3)), "", Table{Shape: []int{2, 1, 3}, Bytes: want.Bytes}},
	}
	for _, test := range tests {
		got, err := decodeString(test.file, Options{Key: test.key})
		if err != nil || !sameTable(got, test.want) || !got.Keyed {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, test.want)
		}
	}
}

// TestMATErrors: a bad file is refused with the place. An element of these files has a tag of 8 bytes and is a multiple
// of 8 bytes long. The file's header has 128 bytes; x has 72, 56 for the tag, the flags, the shape and the name and 16
// for the numbers; y has 64.
func TestMATErrors(t *testing.T) {
	o := binary.LittleEndian
	shape := []uint32{2, 3}
	plain, labels := matX("x", 2, 3), matLabels()
	byteOne := storetest.MATSmall(storetest.MATUint8Type, "\x01")
	array := func(class uint32, shape []uint32, parts ...string) string {
		return storetest.MATFile(o, storetest.MATArray(o, class, "x", shape, parts...))
	}
	starts := storetest.MATWords(o, 0, 1, 1, 1) // one entry, in the first of three columns
	huge := []uint32{1 << 31, 3}
	zlib := []byte(storetest.MATCompress(plain))
	zlib[len(zlib)-1] ^= 1 // the last byte of its checksum
	gzip := []byte(storetest.Gzip(storetest.MATFile(o, plain)))
	gzip[len(gzip)-8] ^= 1 // the first byte of its checksum; its length follows
	tests := []struct{ name, file, key, want string }{
		{"cut in the header", storetest.MATFile(o)[:100], "", "ends at byte 100, want 128 bytes"},
		{"cut in a tag", storetest.MATFile(o, plain[:5]), "", "ends at byte 133, want 136 bytes"},
		{"cut in an array", storetest.MATFile(o, plain[:60]), "", `array "x": ends at byte 188, want 192 bytes`},
		{"cut in the name of an array that is not wanted", storetest.MATFile(o, plain, labels[:50]), "",
			"ends at byte 250, want 256 bytes"},
		{"cut in numbers that are skipped", storetest.MATFile(o, plain, labels[:60]), "", "ends at byte 260, want 264 bytes"},
		{"byte order", matMagic + strings.Repeat("?", matHeader-len(matMagic)), "", `byte 126: "??", want IM or MI`},
		{"nothing", storetest.MATFile(o), "", "no array of numbers, want one that is not within another"},
		{"a struct", array(storetest.MATStructClass, []uint32{1, 1}), "",
			`no array of numbers but a struct "x", want one that is not within another`},
		{"several", storetest.MATFile(o, plain, storetest.MATCompress(matX("z", 2, 3))), "",
			`2 arrays of several rows and columns, want one of them as FILE:ARRAY: "x", "z"`},
		{"key", storetest.MATFile(o, plain, labels), "w", `no array "w", want one of "x", "y"`},
		{"class", array(storetest.MATCellClass, shape), "x", `array "x": a cell array, want numbers`},
		{"complex", array(storetest.MATDoubleClass|matComplex, shape), "", `array "x": complex numbers, want real ones`},
		{"few numbers", array(storetest.MATUint8Class, shape, byteOne), "", `array "x": 1 numbers, want 6 for shape (2, 3)`},
		{"huge shape", array(storetest.MATUint8Class, []uint32{1 << 31, 1 << 31}, byteOne), "",
			`array "x": shape (2147483648, 2147483648), want one that fits into memory`},
		{"huge sparse shape", array(storetest.MATSparseClass, huge, byteOne, starts, byteOne), "",
			`array "x": shape (2147483648, 3) with 1 entries, want at most 16777216 cells`},
		{"sparse row", array(storetest.MATSparseClass, shape, storetest.MATSmall(storetest.MATUint8Type, "\x02"), starts, byteOne), "",
			`array "x": rows of entries: element 1: 2, want an index below 2`},
		{"sum", storetest.MATFile(o, string(zlib)), "", "bad zlib data at unpacked byte 72: zlib: invalid checksum"},
		{"sum of gzip", string(gzip), "", "bad gzip data at unpacked byte 200: gzip: invalid checksum"},
		{"zlib", storetest.MATFile(o, storetest.MATElement(o, matCompressed, "no zlib!")), "", "bad zlib header: zlib: invalid header"},
	}
	for _, test := range tests {
		if _, err := decodeString(test.file, Options{Key: test.key}); err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}
