package dataset

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// bits is a table of 4 rows of 6 columns. The last row is 0.
var bits = []uint8{
	1, 1, 0, 0, 1, 0,
	0, 1, 1, 0, 0, 1,
	1, 0, 0, 1, 1, 1,
	0, 0, 0, 0, 0, 0,
}

// ones is the number 1, big-endian, by NumPy's type.
var ones = map[string]string{
	"u1": "\x01", "b1": "\x01", "i1": "\x01", "u2": "\x00\x01", "i2": "\x00\x01", "u4": "\x00\x00\x00\x01", "i4": "\x00\x00\x00\x01",
	"u8": "\x00\x00\x00\x00\x00\x00\x00\x01", "i8": "\x00\x00\x00\x00\x00\x00\x00\x01",
	"f2": "\x3c\x00", "f4": "\x3f\x80\x00\x00", "f8": "\x3f\xf0\x00\x00\x00\x00\x00\x00",
}

// elementsOf encodes values 0 and 1.
func elementsOf(values []uint8, kind string, little bool) []byte {
	var out []byte
	for _, b := range values {
		one := []byte(ones[kind])
		if little {
			slices.Reverse(one)
		}
		if b == 0 {
			clear(one)
		}
		out = append(out, one...)
	}
	return out
}

// byColumns returns the table column after column.
func byColumns() []uint8 {
	var out []uint8
	for j := range 6 {
		for n := range 4 {
			out = append(out, bits[6*n+j])
		}
	}
	return out
}

// formats returns the table in each format, by a name of the format.
func formats() map[string]string {
	files := map[string]string{}
	csv, libsvm, braces := "", "", ""
	var row, column []int32
	for n := range 4 {
		var index, value []string
		for j, b := range bits[6*n : 6*n+6] {
			csv += fmt.Sprint(b) + strings.Repeat(",", min(1, 5-j))
			if b == 1 {
				row, column = append(row, int32(n)), append(column, int32(j))
				index, value = append(index, fmt.Sprintf("%d:1", j+1)), append(value, fmt.Sprintf("%d 1", j))
			}
		}
		csv += "\n"
		libsvm += "0 " + strings.Join(index, " ") + "\n"
		braces += "{" + strings.Join(value, ",") + "}\n"
	}
	files["CSV"], files["libsvm"] = csv, libsvm
	header := "@relation bits\n" + strings.Repeat("@attribute 'a b' {0,1}\n", 6) + "@data\n"
	files["ARFF"], files["ARFF in braces"] = header+csv, header+braces
	for kind := range ones {
		files["NPY <"+kind] = storetest.NPY("<"+kind, "(4, 6)", elementsOf(bits, kind, true)...)
		files["NPY >"+kind] = storetest.NPY(">"+kind, "(4, 6)", elementsOf(bits, kind, false)...)
	}
	for code, kind := range map[byte]string{8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8"} {
		idx := []byte(storetest.IDX([]byte{4, 6}, elementsOf(bits, kind, false)...))
		idx[2] = code
		files["IDX "+kind] = string(idx)
	}
	files["NPY (4, 1, 2, 3)"] = storetest.NPY("|u1", "(4, 1, 2, 3)", bits...)
	files["NPY (4, 2, 3, 1)"] = storetest.NPY("|u1", "(4, 2, 3, 1)", bits...)
	files["NPY in Fortran order"] = storetest.NPYFile("{'descr': '|u1', 'fortran_order': True, 'shape': (4, 6)}", byColumns()...)
	files["NPZ"] = storetest.Zip(8, "x.npy", files["NPY <f4"], "y.npy", storetest.Int32s(1, 2, 3, 4))

	values := storetest.NPY("|b1", fmt.Sprintf("(%d,)", len(row)), slices.Repeat([]byte{1}, len(row))...)
	// The rows have 3, 3, 4 and 0 ones. starts and rows are the same for the columns: where the ones of each begin, and
	// the rows of all ones, column after column.
	csr := []string{"indices.npy", storetest.Int32s(column...), "indptr.npy", storetest.Int32s(0, 3, 6, 10, 10)}
	starts, rows := []int32{0, 2, 4, 5, 6, 8, 10}, []int32{0, 2, 0, 1, 1, 2, 0, 2, 1, 2}
	csc := []string{"indices.npy", storetest.Int32s(rows...), "indptr.npy", storetest.Int32s(starts...)}
	files["csr"], files["csc"] = storetest.SciPy("csr", 4, 6, values, csr...), storetest.SciPy("csc", 4, 6, values, csc...)
	files["coo"] = storetest.SciPy("coo", 4, 6, values, "row.npy", storetest.Int32s(row...), "col.npy", storetest.Int32s(column...))

	o, shape := binary.LittleEndian, []uint32{4, 6}
	words := func(x []int32) string {
		var out []uint32
		for _, w := range x {
			out = append(out, uint32(w))
		}
		return storetest.MATWords(o, out...)
	}
	numbers := storetest.MATElement(o, storetest.MATDoubleType, string(elementsOf(byColumns(), "f8", true)))
	dense := storetest.MATArray(o, storetest.MATDoubleClass, "x", shape, numbers)
	entries := storetest.MATElement(o, storetest.MATUint8Type, strings.Repeat("\x01", len(rows)))
	sparse := storetest.MATArray(o, storetest.MATSparseClass, "x", shape, words(rows), words(starts), entries)
	files["MAT"], files["MAT, compressed"] = storetest.MATFile(o, dense), storetest.MATFile(o, storetest.MATCompress(dense))
	files["MAT, sparse"] = storetest.MATFile(o, sparse)

	for name, pack := range map[string]func(string) string{
		"gzip": storetest.Gzip, "xz": storetest.XZ, "zstd": storetest.Zstd,
		"zip": func(content string) string { return storetest.Zip(8, "table", content) },
	} {
		for _, plain := range []string{"CSV", "NPZ", "MAT", "csr", "ARFF", "IDX f4"} {
			files[plain+" in "+name] = pack(files[plain])
		}
	}
	return files
}

// TestOpenEveryFormat: every format gives the same rows.
func TestOpenEveryFormat(t *testing.T) {
	want := Rows{N: 4, V: 6}
	for _, b := range bits {
		want.Bytes = append(want.Bytes, 255*b)
	}
	folder := t.TempDir()
	check := func(name, path string) {
		set, err := Open(path, Options{})
		if err != nil || !sameRows(*set.Train, want) {
			t.Errorf("%s: got %+v %v, want the rows %v", name, set, err, want)
		}
	}
	for name, file := range formats() {
		path := filepath.Join(folder, "table")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		check(name, path)
	}
	pictures := t.TempDir()
	for n := range 4 {
		ending := []string{"png", "bmp", "tif", "gif"}[n]
		picture := storetest.Picture(ending, storetest.Grey(want.Bytes[6*n:6*n+6]...))
		if err := os.WriteFile(filepath.Join(pictures, fmt.Sprintf("%d.%s", n, ending)), []byte(picture), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check("pictures", pictures) // of 3 x 2 pixels
}
