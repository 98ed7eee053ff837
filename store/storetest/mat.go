package storetest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"strings"
)

// Types of elements, with the numbers of the format.
const (
	MATUint8Type  = 2
	MATDoubleType = 9

	matInt8       = 1
	matUint32     = 6
	matMatrix     = 14 // an array
	matCompressed = 15 // zlib around an element
)

// Classes of arrays, with the numbers of the format.
const (
	MATCellClass   = 1
	MATStructClass = 2
	MATTextClass   = 4
	MATSparseClass = 5
	MATDoubleClass = 6
	MATUint8Class  = 9
)

// MATFile builds a file of MATLAB 5 of the given byte order.
func MATFile(order binary.AppendByteOrder, elements ...string) string {
	const magic = "MATLAB 5.0 MAT-file"
	mark := "\x00\x01IM" // version and byte order, from byte 124 on
	if order.String() == "BigEndian" {
		mark = "\x01\x00MI"
	}
	return magic + strings.Repeat(" ", 124-len(magic)) + mark + strings.Join(elements, "")
}

// MATElement builds an element of a type of the format, such as [MATUint8Type], padded to a multiple of 8 bytes.
func MATElement(order binary.AppendByteOrder, kind uint32, content string) string {
	tag := order.AppendUint32(order.AppendUint32(nil, kind), uint32(len(content)))
	return string(tag) + content + strings.Repeat("\x00", -len(content)&7)
}

// MATSmall builds a little-endian element of at most 4 bytes, which lies within its tag.
func MATSmall(kind uint32, content string) string {
	tag := binary.LittleEndian.AppendUint32(nil, kind|uint32(len(content))<<16)
	return string(tag) + content + strings.Repeat("\x00", 4-len(content))
}

// MATWords builds an element of 32-bit integers without a sign. Readers take those with a sign likewise, which MATLAB
// writes for shapes and indices.
func MATWords(order binary.AppendByteOrder, words ...uint32) string {
	var content []byte
	for _, w := range words {
		content = order.AppendUint32(content, w)
	}
	return MATElement(order, matUint32, string(content))
}

// MATArray builds an array of a class of the format, such as [MATUint8Class]. parts are the elements after the
// name, such as the numbers. The bits above the low 8 of class are flags.
func MATArray(order binary.AppendByteOrder, class uint32, name string, shape []uint32, parts ...string) string {
	content := MATWords(order, class, 0) + MATWords(order, shape...) + MATElement(order, matInt8, name) + strings.Join(parts, "")
	return MATElement(order, matMatrix, content)
}

// MATCompress builds a little-endian element that is zlib around another one.
func MATCompress(array string) string {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	w.Write([]byte(array)) // a Buffer never fails
	w.Close()
	element := MATElement(binary.LittleEndian, matCompressed, packed.String())
	return element[:8+packed.Len()] // which is not padded
}
