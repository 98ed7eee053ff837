package store

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// The arrays of the tests have the columns 1 0, 0 1 and 1 1, and so the rows 1 0 1 and 0 1 1.
func TestMAT(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	shape := []uint32{2, 3}
	bytesOf := storetest.MATElement(little, 2, "\x01\x00\x00\x01\x01\x01")
	plain := storetest.MATArray(little, 9, "x", shape, bytesOf)
	labels := storetest.MATArray(little, 9, "y", []uint32{2, 1}, storetest.MATSmall(2, "\x01\x02"))
	text := storetest.MATArray(little, 4, "t", []uint32{2, 2}, storetest.MATSmall(2, "abcd"))
	cell := storetest.MATArray(little, 1, "c", []uint32{2, 2}, labels, labels, labels, labels)
	want := Table{Shape: []int{2, 3}, Bytes: []uint8{1, 0, 1, 0, 1, 1}}
	reals := Table{Shape: []int{2, 3}, Floats: []float32{1, 0, 1, 0, 1, 1}}
	doubles := storetest.MATElement(big, 9, "\x3f\xf0\x00\x00\x00\x00\x00\x00"+strings.Repeat("\x00", 16)+strings.Repeat("\x3f\xf0\x00\x00\x00\x00\x00\x00", 3))
	tests := []struct {
		name, file, key string
		want            Table
	}{
		{"bytes", storetest.MATFile(little, plain), "", want},
		{"beside others", storetest.MATFile(little, labels, text, cell, plain), "", want},
		{"compressed", storetest.MATFile(little, storetest.MATCompress(labels), storetest.MATCompress(plain), storetest.MATCompress(text)), "", want},
		{"with a key", storetest.MATFile(little, plain, storetest.MATArray(little, 9, "z", shape, bytesOf)), "z", want},
		{"a column with a key", storetest.MATFile(little, plain, labels), "y", Table{Shape: []int{2, 1}, Bytes: []uint8{1, 2}}},
		{"doubles, big-endian", storetest.MATFile(big, storetest.MATArray(big, 6, "x", shape, doubles)), "", reals},
		{"sparse", storetest.MATFile(little, storetest.MATArray(little, 5, "x", shape,
			storetest.MATWords(little, 0, 1, 0, 1, 99), storetest.MATWords(little, 0, 1, 2, 4), storetest.MATSmall(2, "\x01\x01\x01\x01"))), "", want},
		{"pictures", storetest.MATFile(little, storetest.MATArray(little, 9, "x", []uint32{2, 1, 3}, bytesOf)), "", Table{Shape: []int{2, 1, 3}, Bytes: want.Bytes}},
	}
	for _, test := range tests {
		got, err := decodeString(test.file, Options{Key: test.key})
		if err != nil || !sameTable(got, test.want) || !got.Keyed {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, test.want)
		}
	}
}

func TestMATErrors(t *testing.T) {
	o := binary.LittleEndian
	shape := []uint32{2, 3}
	plain := storetest.MATArray(o, 9, "x", shape, storetest.MATElement(o, 2, "\x01\x00\x00\x01\x01\x01"))
	labels := storetest.MATArray(o, 9, "y", []uint32{2, 1}, storetest.MATSmall(2, "\x01\x02"))
	broken := []byte(storetest.MATCompress(plain))
	broken[len(broken)-1] ^= 1
	packed := []byte(storetest.Gzip(storetest.MATFile(o, plain)))
	packed[len(packed)-8] ^= 1 // its checksum
	tests := []struct{ name, file, key, want string }{
		{"cut in the header", storetest.MATFile(o)[:100], "", "ends at byte 100, want 128 bytes"},
		{"cut in a tag", storetest.MATFile(o, plain[:5]), "", "ends at byte 133, want 136 bytes"},
		{"cut in an array", storetest.MATFile(o, plain[:60]), "", `array "x": ends at byte 188, want 192 bytes`},
		{"cut in what is skipped", storetest.MATFile(o, plain, labels[:50]), "", "ends at byte 250, want 256 bytes"},
		{"byte order", matMagic + strings.Repeat("?", 128-len(matMagic)), "", `byte 126: "??", want IM or MI`},
		{"nothing", storetest.MATFile(o), "", "no array of numbers, want one that is not within another"},
		{"a struct", storetest.MATFile(o, storetest.MATArray(o, 2, "data", []uint32{1, 1})), "", `no array of numbers but a struct "data", want one that is not within another`},
		{"several", storetest.MATFile(o, plain, storetest.MATCompress(storetest.MATArray(o, 9, "z", shape, storetest.MATElement(o, 2, "\x01\x00\x00\x01\x01\x01")))), "", `2 arrays of several rows and columns, want one of them as FILE:ARRAY: "x", "z"`},
		{"key", storetest.MATFile(o, plain, labels), "w", `no array "w", want one of "x", "y"`},
		{"class", storetest.MATFile(o, storetest.MATArray(o, 1, "c", shape)), "c", `array "c": a cell array, want numbers`},
		{"complex", storetest.MATFile(o, storetest.MATArray(o, 6|matComplex, "x", shape)), "", `array "x": complex numbers, want real ones`},
		{"few numbers", storetest.MATFile(o, storetest.MATArray(o, 9, "x", shape, storetest.MATSmall(2, "\x01"))), "", `array "x": 1 numbers, want 6 for shape (2, 3)`},
		{"huge shape", storetest.MATFile(o, storetest.MATArray(o, 9, "x", []uint32{1 << 31, 1 << 31}, storetest.MATSmall(2, "\x01"))), "", `array "x": shape (2147483648, 2147483648), want one that fits into memory`},
		{"huge sparse shape", storetest.MATFile(o, storetest.MATArray(o, 5, "x", []uint32{1 << 31, 3}, storetest.MATSmall(2, "\x01"), storetest.MATWords(o, 0, 1, 1, 1), storetest.MATSmall(2, "\x01"))), "",
			`array "x": shape (2147483648, 3) with 1 entries, want at most 16777216 cells`},
		{"sparse row", storetest.MATFile(o, storetest.MATArray(o, 5, "x", shape, storetest.MATSmall(2, "\x02"), storetest.MATWords(o, 0, 1, 1, 1), storetest.MATSmall(2, "\x01"))), "", `array "x": rows of entries: element 1: 2, want an index below 2`},
		{"sum", storetest.MATFile(o, string(broken)), "", "bad zlib data at unpacked byte 72: zlib: invalid checksum"},
		{"sum of gzip", string(packed), "", fmt.Sprintf("bad gzip data at unpacked byte %d: gzip: invalid checksum", matHeader+len(plain))},
		{"zlib", storetest.MATFile(o, storetest.MATElement(o, matCompressed, "no zlib!")), "", "bad zlib header: zlib: invalid header"},
	}
	for _, test := range tests {
		if _, err := decodeString(test.file, Options{Key: test.key}); err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}
