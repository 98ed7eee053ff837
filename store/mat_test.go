package store

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"strings"
	"testing"
)

// matFile builds a file of MATLAB of the given byte order.
func matFile(order binary.AppendByteOrder, elements ...string) string {
	mark := "\x00\x01IM"
	if order.String() == "BigEndian" {
		mark = "\x01\x00MI"
	}
	return matMagic + strings.Repeat(" ", 124-len(matMagic)) + mark + strings.Join(elements, "")
}

// matElement builds an element, padded to 8 bytes.
func matElement(order binary.AppendByteOrder, kind uint32, content string) string {
	tag := order.AppendUint32(order.AppendUint32(nil, kind), uint32(len(content)))
	return string(tag) + content + strings.Repeat("\x00", -len(content)&7)
}

// matSmall builds an element of at most 4 bytes within its tag.
func matSmall(kind uint32, content string) string {
	tag := binary.LittleEndian.AppendUint32(nil, kind|uint32(len(content))<<16)
	return string(tag) + content + strings.Repeat("\x00", 4-len(content))
}

// matWords builds an element of 32-bit integers.
func matWords(order binary.AppendByteOrder, words ...uint32) string {
	var content []byte
	for _, w := range words {
		content = order.AppendUint32(content, w)
	}
	return matElement(order, 6, string(content))
}

// matArray builds an array of a class from its parts.
func matArray(order binary.AppendByteOrder, class uint32, name string, shape []uint32, parts ...string) string {
	content := matWords(order, class, 0) + matWords(order, shape...) + matElement(order, 1, name) + strings.Join(parts, "")
	return matElement(order, matMatrix, content)
}

func matCompress(array string) string {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	w.Write([]byte(array)) // a Buffer never fails
	w.Close()
	element := matElement(binary.LittleEndian, matCompressed, packed.String())
	return element[:8+packed.Len()] // which is not padded
}

// The arrays of the tests are, by columns, 1 0 and 0 1 and 1 1: rows 1 0 1 and 0 1 1.
func TestMAT(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	shape := []uint32{2, 3}
	bytesOf := matElement(little, 2, "\x01\x00\x00\x01\x01\x01")
	plain := matArray(little, 9, "x", shape, bytesOf)
	labels := matArray(little, 9, "y", []uint32{2, 1}, matSmall(2, "\x01\x02"))
	text := matArray(little, 4, "t", []uint32{2, 2}, matSmall(2, "abcd"))
	cell := matArray(little, 1, "c", []uint32{2, 2}, labels, labels, labels, labels)
	want := Table{Shape: []int{2, 3}, Bytes: []uint8{1, 0, 1, 0, 1, 1}}
	reals := Table{Shape: []int{2, 3}, Floats: []float32{1, 0, 1, 0, 1, 1}}
	doubles := matElement(big, 9, "\x3f\xf0\x00\x00\x00\x00\x00\x00"+strings.Repeat("\x00", 16)+strings.Repeat("\x3f\xf0\x00\x00\x00\x00\x00\x00", 3))
	tests := []struct {
		name, file, key string
		want            Table
	}{
		{"bytes", matFile(little, plain), "", want},
		{"beside others", matFile(little, labels, text, cell, plain), "", want},
		{"compressed", matFile(little, matCompress(labels), matCompress(plain), matCompress(text)), "", want},
		{"with a key", matFile(little, plain, matArray(little, 9, "z", shape, bytesOf)), "z", want},
		{"a column with a key", matFile(little, plain, labels), "y", Table{Shape: []int{2, 1}, Bytes: []uint8{1, 2}}},
		{"doubles, big-endian", matFile(big, matArray(big, 6, "x", shape, doubles)), "", reals},
		{"sparse", matFile(little, matArray(little, 5, "x", shape,
			matWords(little, 0, 1, 0, 1, 99), matWords(little, 0, 1, 2, 4), matSmall(2, "\x01\x01\x01\x01"))), "", want},
		{"pictures", matFile(little, matArray(little, 9, "x", []uint32{2, 1, 3}, bytesOf)), "", Table{Shape: []int{2, 1, 3}, Bytes: want.Bytes}},
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
	plain := matArray(o, 9, "x", shape, matElement(o, 2, "\x01\x00\x00\x01\x01\x01"))
	labels := matArray(o, 9, "y", []uint32{2, 1}, matSmall(2, "\x01\x02"))
	broken := []byte(matCompress(plain))
	broken[len(broken)-1] ^= 1
	tests := []struct{ name, file, key, want string }{
		{"cut in the header", matFile(o)[:100], "", "ends at byte 100, want 128 bytes"},
		{"cut in a tag", matFile(o, plain[:5]), "", "ends at byte 133, want 136 bytes"},
		{"cut in an array", matFile(o, plain[:60]), "", `array "x": ends at byte 188, want 192 bytes`},
		{"cut in what is skipped", matFile(o, plain, labels[:50]), "", "ends at byte 250, want 256 bytes"},
		{"byte order", matMagic + strings.Repeat("?", 128-len(matMagic)), "", `byte 126: "??", want IM or MI`},
		{"nothing", matFile(o), "", "no array of numbers, want one"},
		{"several", matFile(o, plain, matCompress(matArray(o, 9, "z", shape, matElement(o, 2, "\x01\x00\x00\x01\x01\x01")))), "", `2 arrays of several rows and columns, want one of them as FILE:ARRAY: "x", "z"`},
		{"key", matFile(o, plain, labels), "w", `no array "w", want one of "x", "y"`},
		{"class", matFile(o, matArray(o, 1, "c", shape)), "c", `array "c": a cell array, want numbers`},
		{"complex", matFile(o, matArray(o, 6|matComplex, "x", shape)), "", `array "x": complex numbers, want real ones`},
		{"few numbers", matFile(o, matArray(o, 9, "x", shape, matSmall(2, "\x01"))), "", `array "x": 1 numbers, want those of shape (2, 3)`},
		{"huge shape", matFile(o, matArray(o, 9, "x", []uint32{1 << 31, 1 << 31}, matSmall(2, "\x01"))), "", `array "x": shape (2147483648, 2147483648), want one that fits into memory`},
		{"huge sparse shape", matFile(o, matArray(o, 5, "x", []uint32{1 << 31, 3}, matSmall(2, "\x01"), matWords(o, 0, 1, 1, 1), matSmall(2, "\x01"))), "",
			`array "x": shape (2147483648, 3) with 1 entries, want at most 16777216 cells`},
		{"sparse row", matFile(o, matArray(o, 5, "x", shape, matSmall(2, "\x02"), matWords(o, 0, 1, 1, 1), matSmall(2, "\x01"))), "", `array "x": rows of entries: element 1: 2, want an index below 2`},
		{"sum", matFile(o, string(broken)), "", "bad zlib data at unpacked byte 72: zlib: invalid checksum"},
		{"zlib", matFile(o, matElement(o, matCompressed, "no zlib!")), "", "bad zlib header: zlib: invalid header"},
	}
	for _, test := range tests {
		if _, err := decodeString(test.file, Options{Key: test.key}); err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}
