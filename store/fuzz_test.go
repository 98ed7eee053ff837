package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// maxTiny limits the allocations for a file of a fuzz test. Chosen: 2*maxWindow is for one file in another, each with
// the largest window; 4*freeBytes is what the buffer of readAll allocates in all until it holds freeBytes, since it
// doubles from 2¹⁶ to 2²⁷ bytes. Text of nearly freeBytes would need more for its table, but a fuzzer that changes
// bytes at random is unlikely to write a compressed file that unpacks to it.
const maxTiny = 2*maxWindow + 4*freeBytes

// checkDecoded reads a file of any bytes. It must be refused in one line, or give as many
// elements as its shape has, and allocate no more than maxTiny bytes.
func checkDecoded(t *testing.T, file []byte, key string) {
	before := allocated()
	defer func() {
		if got := allocated() - before; got > maxTiny {
			t.Fatalf("%d bytes allocated for a file of %d, want at most %d", got, len(file), maxTiny)
		}
	}()
	table, err := Decode(bytes.NewReader(file), int64(len(file)), Options{Key: key})
	if err != nil {
		checkMessage(t, err)
		return
	}
	if n, ok := elements(table.Shape); !ok || n != len(table.Bytes)+len(table.Floats) {
		t.Fatalf("got %d bytes and %d floats, want as many of one of them as shape %v has", len(table.Bytes), len(table.Floats),
			table.Shape)
	}
}

// longestMessage limits the bytes of an error. The longest parts are a shape of npyMaxShape numbers of 19 digits, each
// with ", ", which is 1344 bytes; or 8 names in quoteList, each of 40 bytes that quote writes as \xff, with quotes,
// "..." and ", ", which is 1336 bytes. Before it may stand maxLayers times such a name and "in the zip: ", which is
// 534 bytes. That leaves 170 for other words.
const longestMessage = 2048

func checkMessage(t *testing.T, err error) {
	if message := err.Error(); message == "" || len(message) > longestMessage || strings.ContainsAny(message, "\r\n") {
		t.Fatalf("got message %q, want one line of at most %d bytes", message, longestMessage)
	}
}

// sameNumbers reports whether arrays have the same shape and the same bits, where all NaN count as equal.
func sameNumbers(a, b Array) bool {
	return slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
	})
}

func FuzzIDX(f *testing.F) {
	for _, seed := range []string{
		storetest.IDX([]byte{2, 3}, 0, 1, 2, 3, 4, 255), storetest.IDX([]byte{2, 1, 2}, 0, 255, 255, 0), storetest.IDX([]byte{2}, 0, 9),
		storetest.IDX([]byte{0, 2}), storetest.IDX([]byte{9, 9, 9}, 1),
		"\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00",
		storetest.Gzip(storetest.IDX([]byte{1, 2}, 0, 1)), "\x1f\x8b\x08",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkDecoded(t, file, "") })
}

// FuzzRowFile: the rows of a file, read two at a time, equal the rows of the whole table, and a file that openRows
// refuses is no table either.
func FuzzRowFile(f *testing.F) {
	for _, seed := range []string{
		storetest.IDX([]byte{2, 3}, 0, 1, 2, 3, 4, 255), storetest.IDX([]byte{2}, 0, 9), storetest.IDX([]byte{9, 9, 9}, 1),
		storetest.NPY("|u1", "(2, 3)", 0, 1, 2, 3, 4, 5), storetest.NPY("|b1", "(3, 1, 1)", 0, 7, 1), storetest.NumPyFloat32,
		storetest.NumPyFortran,
		storetest.NumPyVersion2, storetest.NumPyScalar, storetest.NPY(">f2", "(2, 1)", 60, 0, 0, 0),
		storetest.NPY("<f8", "(1, 1)", 255, 255, 255, 255, 255, 255, 239, 127), // the largest float64, beyond float32
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := openRows(bytes.NewReader(file), len(file))
		whole, failed := Decode(bytes.NewReader(file), int64(len(file)), Options{})
		switch {
		case err != nil && failed == nil:
			t.Fatalf("no rows: %v, but a table of shape %v", err, whole.Shape)
		case err != nil:
			checkMessage(t, err)
			return
		case rows == nil:
			return
		}
		all, part := Table{Shape: rows.Shape, Format: rows.Format}, Table{}
		for from := 0; from < rows.Shape[0]; from += 2 {
			if err := rows.Read(&part, from, min(from+2, rows.Shape[0])); err != nil {
				if checkMessage(t, err); failed == nil {
					t.Fatalf("rows from %d: %v, but a table", from, err)
				}
				return
			}
			all.Bytes, all.Floats = append(all.Bytes, part.Bytes...), append(all.Floats, part.Floats...)
		}
		if failed != nil || all.Format != whole.Format || !slices.Equal(all.Bytes, whole.Bytes) ||
			!sameNumbers(all.Array(), whole.Array()) {
			t.Fatalf("rows %v, want the table %v (%v)", all, whole, failed)
		}
	})
}

// FuzzText: any text gives an error of one line, or cells with names, words and lines that fit. The
// text that WriteCSV writes of at least two columns reads back. A single column need not: the numbers 10 and 11, one a
// line, are read as words of digits 0 and 1, with a column for each digit.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"0,1\n1,0\n", "a,b\n0.5,1e-3\n", "\ufeff\"a\"\n1\n", "0,NaN\n", "Inf\n", "1,2\n3\n", "\"", ",\n", "1e99\n",
		"0x1p-2\r\n\r\n-0\n",
		"\xff\xfe1\x00\t\x000\x00\n\x00", "\xfe\xff\x001", "# c\n1;0;\n0;1;\n", "a b\n\"x\" 1\n", "True\tF\n?\tf\n", "0110\n1100\n",
		"2|1,0\n1|0,0\n", "\"a\nb\",1\r0,1\r", "| |\n|1 2|\n|1 0|\n",
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), HeaderYes)
	}
	f.Fuzz(func(t *testing.T, file []byte, header string) {
		checkDecoded(t, file, "")
		table, err := decodeText(bytes.NewReader(file), header, false)
		if err != nil {
			checkMessage(t, err)
			return
		}
		n, v, values := table.Shape[0], table.Shape[1], len(table.Bytes)+len(table.Floats)
		if len(table.Lines) != n || !slices.IsSorted(table.Lines) {
			t.Fatalf("got the lines %v, want %d in rising order", table.Lines, n)
		}
		if table.Names != nil && len(table.Names) != v || values != n*v {
			t.Fatalf("got names %q and %d values for %d x %d", table.Names, values, n, v)
		}
		for j, words := range table.Words {
			if j >= v || len(words) != n {
				t.Fatalf("got %d words in column %d, want %d", len(words), j, n)
			}
		}
		var again bytes.Buffer
		if err := WriteCSV(&again, table.Array()); err != nil {
			t.Fatal(err)
		}
		if got, err := decodeText(&again, HeaderNo, false); v > 1 && (err != nil || !sameNumbers(got.Array(), table.Array())) {
			t.Fatalf("got %v %v, want %v", got, err, table)
		}
	})
}

func FuzzNPY(f *testing.F) {
	for _, seed := range []string{
		storetest.NumPyFloat32, storetest.NumPyFortran, storetest.NumPyVersion2, storetest.NumPyScalar,
		storetest.NPY("|u1", "(1, 2, 2)", 0, 1, 2, 255), storetest.NPY("<i8", "(0, 2)"),
		storetest.NPY("|O", "(1, 2)", 0, 0), storetest.NPY("|u1", "(9999999999, 9999999999)"), storetest.NPYFile("{}"),
		"\x93NUMPY\x03\x00\xff\xff\xff\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		checkDecoded(t, file, "")
		a, err := ReadNPY(bytes.NewReader(file), "fuzz")
		if err != nil {
			checkMessage(t, err)
			return
		}
		var again bytes.Buffer
		if err := WriteNPY(&again, a); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadNPY(&again, "again"); err != nil || !sameNumbers(got, a) {
			t.Fatalf("got %v %v, want %v", got, err, a)
		}
	})
}

func FuzzPacked(f *testing.F) {
	csv := storetest.PlainCSV
	for _, seed := range []string{
		storetest.Gzip(csv), storetest.Bzip2, storetest.XZ(csv), storetest.XZ(csv) + storetest.XZ(csv), storetest.Zstd(csv),
		storetest.Zip(8, "x.csv", csv), storetest.Zip(8, "a/", "", "a/x.csv.gz", storetest.Gzip(csv)),
		storetest.Zip(0, "a.csv", csv, "b.csv", csv), storetest.Gzip(storetest.XZ(csv)),
		blockXZ(31), zstdLargeWindow,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkDecoded(t, file, "") })
}

func FuzzPicture(f *testing.F) {
	for _, ending := range []string{"png", "jpg", "gif", "bmp", "tif"} {
		f.Add([]byte(storetest.Picture(ending, storetest.Grey(0, 255, 128, 7, 0, 255))))
	}
	f.Add([]byte(webpLossless))
	f.Add([]byte(webpLossy))
	f.Fuzz(func(t *testing.T, file []byte) {
		before := allocated()
		grey, width, err := decodePicture(file)
		if got := allocated() - before; got > maxTiny {
			t.Fatalf("%d bytes allocated for a file of %d, want at most %d", got, len(file), maxTiny)
		}
		if err != nil {
			checkMessage(t, err)
		} else if width < 1 || len(grey) < width || len(grey)%width != 0 || len(grey) > maxPixels {
			t.Fatalf("got %d levels of width %d, want rows of at least one pixel", len(grey), width)
		}
	})
}

func FuzzMAT(f *testing.F) {
	o := binary.LittleEndian
	plain, labels := matX("x", 2, 3), matLabels()
	for _, seed := range []string{
		storetest.MATFile(o, plain, labels), storetest.MATFile(o, matSparseX()),
		storetest.MATFile(o, storetest.MATCompress(plain), storetest.MATCompress(labels)), storetest.MATFile(binary.BigEndian, plain),
		storetest.MATFile(o, storetest.MATArray(o, storetest.MATUint8Class, "x", []uint32{1 << 31, 1 << 31})),
		storetest.MATFile(o, storetest.MATArray(o, storetest.MATSparseClass, "x", []uint32{1 << 31, 3})),
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "y")
	}
	f.Fuzz(func(t *testing.T, file []byte, key string) { checkDecoded(t, file, key) })
}

// FuzzSparse reads a sparse matrix whose arrays hold any bytes. SciPy writes the zip around them with the checksums of
// these bytes, so that the readers of the arrays see them all. first and second are the two arrays of the places,
// which have other names for "coo" than for "csr" and "csc"; the matrix gets all four names.
func FuzzSparse(f *testing.F) {
	const zero, one, two = "\x00\x00\x00\x00", "\x01\x00\x00\x00", "\x02\x00\x00\x00"             // int32
	const realHalf, realOne, realTwo = "\x00\x00\x00\x3f", "\x00\x00\x80\x3f", "\x00\x00\x00\x40" // float32
	f.Add("csr", int32(2), int32(3), []byte(realOne+realOne), []byte(zero+two), []byte(zero+one+two))
	f.Add("csc", int32(3), int32(2), []byte(realOne+realTwo), []byte(two+zero), []byte(zero+one+two))
	f.Add("coo", int32(2), int32(2), []byte(realOne+realHalf), []byte(zero+one), []byte(one+one))
	f.Fuzz(func(t *testing.T, format string, n, v int32, values, first, second []byte) {
		vector := func(descr string, data []byte) string {
			n := len(data) / 4 // elements of 4 bytes
			return storetest.NPY(descr, fmt.Sprintf("(%d,)", n), data[:4*n]...)
		}
		file := storetest.SciPy(format, n, v, vector("<f4", values),
			"indices.npy", vector("<i4", first), "indptr.npy", vector("<i4", second),
			"row.npy", vector("<i4", first), "col.npy", vector("<i4", second))
		checkDecoded(t, []byte(file), "")
	})
}

func FuzzLibsvm(f *testing.F) {
	for _, seed := range []string{"+1 1:1 3:0.5\n-1\n+1 qid:7 2:1 # c\n", "0:1\n", "1 2000000000:1\n", "1 1:1 1:2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkDecoded(t, file, "") })
}

func FuzzARFF(f *testing.F) {
	const header = "% c\n@relation r\n@attribute a {0,1}\n@attribute 'b c' numeric\n@attribute class {x,'y z'}\n@data\n"
	for _, rows := range []string{"0,1.5,x\n1,?,'y z'\n", "{1 2,2 'y z'}\n{}\n", "0,1\n", "{9 9}\n", "'\\", "{,}"} {
		f.Add([]byte(header + rows))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkDecoded(t, file, "") })
}

func FuzzNPZ(f *testing.F) {
	x := storetest.NPY("|u1", "(1, 2)", 0, 1)
	for _, seed := range []string{
		storetest.Zip(0, "x.npy", x), storetest.Zip(8, "x.npy", x), storetest.Zip(8, "x.npy", x, "y.npy", storetest.NumPyFloat32),
		storetest.Zip(0, "a", "b"),
		storetest.Zip(0), storetest.Zip(0, "x.npy", x)[:80], storetest.ZipMethod(storetest.Zip(0, "x.npy", x), 9),
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "x")
	}
	f.Fuzz(func(t *testing.T, file []byte, key string) {
		checkDecoded(t, file, key)
		read := func(file []byte) (map[string]Array, error) {
			z, err := readNPZ(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				return nil, err
			}
			return z.arrays(nil)
		}
		arrays, err := read(file)
		if err != nil {
			checkMessage(t, err)
			return
		}
		var again bytes.Buffer
		if err := WriteNPZ(&again, slices.Sorted(maps.Keys(arrays)), arrays, nil); err != nil {
			t.Fatal(err)
		}
		got, err := read(again.Bytes())
		if err != nil || !maps.EqualFunc(got, arrays, sameNumbers) {
			t.Fatalf("got %v %v, want %v", got, err, arrays)
		}
	})
}
