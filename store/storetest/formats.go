package storetest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// NPYFile builds an NPY file from the text of its dictionary and the bytes of its elements.
func NPYFile(dictionary string, data ...byte) string {
	header := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dictionary)))
	return string(header) + dictionary + string(data)
}

// NPY builds an NPY file in C order. It takes the type as NumPy writes it ("<f4"), the shape as Python
// writes it, and the bytes of the elements.
func NPY(descr, shape string, data ...byte) string {
	return NPYFile(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape), data...)
}

// Files that NumPy 1.24.2 wrote. strings.Repeat stands for the spaces that pad the header.
var (
	// The rows 1 2 3 and 4 5 6.
	NumPyFloat32 = "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" + strings.Repeat(" ", 58) +
		"\n\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00\x00\xa0@\x00\x00\xc0@"
	// The rows 0 0.5 1 and 0.25 0.75 1 as float64 in Fortran order.
	NumPyFortran = "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }" + strings.Repeat(" ", 59) +
		"\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xd0?\x00\x00\x00\x00\x00\x00\xe0?" +
		"\x00\x00\x00\x00\x00\x00\xe8?\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\xf0?"
	// The bools true and false, with a header of version 2.
	NumPyVersion2 = "\x93NUMPY\x02\x00t\x00\x00\x00{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 58) +
		"\n\x01\x00"
	// The int32 3, without dimensions.
	NumPyScalar = "\x93NUMPY\x01\x00v\x00{'descr': '<i4', 'fortran_order': False, 'shape': (), }" + strings.Repeat(" ", 62) +
		"\n\x03\x00\x00\x00"
)

// WriteFile puts a file into a new folder and returns its path.
func WriteFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Zip returns a zip archive compressed by a method of package archive/zip: 0 stores, 8 deflates. members
// alternates the names and the contents of its files.
func Zip(method uint16, members ...string) string {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for pair := range slices.Chunk(members, 2) {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: pair[0], Method: method})
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(pair[1])); err != nil {
			panic(err)
		}
	}
	if err := archive.Close(); err != nil {
		panic(err)
	}
	return file.String()
}

// Gzip compresses content.
func Gzip(content string) string {
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	w.Write([]byte(content)) // a Buffer never fails
	w.Close()
	return file.String()
}

// IDX builds an IDX file of bytes (type 8) whose dimensions are below 256.
func IDX(dims []byte, data ...byte) string {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		file = append(file, 0, 0, 0, d)
	}
	return string(append(file, data...))
}

// ZipMethod returns file, a zip of one member, with another number for the method of its compression. The
// number is in the central directory, 10 bytes into the entry of the member, where readers look it up.
func ZipMethod(file string, method byte) string {
	out := []byte(file)
	out[strings.Index(file, "PK\x01\x02")+10] = method
	return string(out)
}

// Bzip2 is what bzip2 1.0.8 writes for [PlainCSV]. Go has no package that compresses by bzip2.
const Bzip2 = "BZh91AY&SYW)\x0e\xbb\x00\x00\x04X\x00\x00\x10\x00\x04`\x00 \x000\xcd4\x1a~\xa9\x9f" +
	"H\xb2\x8c.\xe4\x8ap\xa1 \xaeR\x1dv"

// PlainCSV is a table of two rows that the tests of packed files pack.
const PlainCSV = "0,1,1\n1,0,0\n"

// XZ compresses content with a dictionary of 64 KiB, which is enough for the small files of tests: the default of
// the library is 8 MiB, and its writer allocates for it.
func XZ(content string) string {
	var file bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 16}.NewWriter(&file)
	if err != nil {
		panic(err)
	}
	w.Write([]byte(content)) // a Buffer never fails
	w.Close()
	return file.String()
}

// Zstd compresses content.
func Zstd(content string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(content), nil))
}
