package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// f64 encodes float64 elements of the given bits.
func f64(bits ...uint64) []byte {
	var out []byte
	for _, b := range bits {
		out = binary.LittleEndian.AppendUint64(out, b)
	}
	return out
}

// TestOpenErrors: the error of a bad file is one line, with the place, what was found and what was wanted.
func TestOpenErrors(t *testing.T) {
	// Bits of float64; large is 2¹⁰²³.
	const nan, inf, half, large = 0x7ff8000000000000, 0x7ff0000000000000, 0x3fe0000000000000, 0x7fe0000000000000
	const values = ", want 0 and 1, -1 and 1, integers from 0 to 255 with one of at least 128, or reals from 0 to 1"
	packed := storetest.Gzip(strings.Repeat("0,1\n1,1\n", 1000))
	broken := []byte(packed)
	broken[len(broken)-8] ^= 1 // in its checksum, which the length of 4 bytes follows
	x, y := storetest.NPY("|u1", "(1, 2)", 0, 1), storetest.NPY("|u1", "(2, 1)", 0, 1)
	tests := []struct{ name, file, key, want string }{
		{"empty", "", "", "empty, want rows"},
		{"empty in gzip", storetest.Gzip(""), "", "empty, want rows"},
		{"short and binary", "\x01", "", "starts with bytes 01, want CSV, NPY, NPZ, MAT, IDX, libsvm or ARFF"},

		{"zero byte in text", "0,1\n1,\x000\n", "", "byte 6: 00, which no text has, want CSV, NPY, NPZ, MAT, IDX, libsvm or ARFF"},
		{"UTF-16BE without a mark", "\x000\x00,\x001", "",
			"UTF-16 text without a byte order mark; convert it by: iconv -f UTF-16BE -t UTF-8"},
		{"IDX magic", "\x00\x01\x08\x03\x00\x00\x00\x01", "",
			"starts with bytes 00 01 08 03, want CSV, NPY, NPZ, MAT, IDX, libsvm or ARFF"},
		{"IDX dimensions", storetest.IDX([]byte{1, 1, 1, 1, 1}, 0), "", "byte 3: 5 IDX dimensions, want 1 to 4"},
		{"IDX labels", storetest.IDX([]byte{3}, 1, 2, 3), "", "one dimension of 3 values, want rows and columns"},
		{"IDX cut in the magic", "\x00\x00\x08", "", "ends at byte 3, want 4 bytes"},
		{"IDX cut in the header", "\x00\x00\x08\x03\x00\x00", "", "ends at byte 6, want 16 bytes"},
		{"IDX cut in the data", storetest.IDX([]byte{2, 2, 2}, 1, 2, 3), "", "ends at byte 19, want 24 bytes"},
		{"IDX with more data", storetest.IDX([]byte{1, 2}, 1, 2, 3), "", "goes on after byte 14, want the end of the file"},
		{"IDX without rows", storetest.IDX([]byte{0, 2, 2}), "", "no rows, want at least one"},
		{"IDX without columns", storetest.IDX([]byte{2, 0, 2}), "", "no columns, want at least one"},
		{"IDX claims 2⁶² bytes", "\x00\x00\x08\x02\x80\x00\x00\x00\x80\x00\x00\x00", "",
			"byte 4: shape (2147483648, 2147483648), want one that fits into memory"},
		{"IDX claims 2⁴⁸ bytes", "\x00\x00\x08\x02\x01\x00\x00\x00\x01\x00\x00\x00.", "",
			"ends at byte 13, want 281474976710668 bytes"},

		{"gzip header", "\x1f\x8b\x07", "", "bad gzip header: unexpected EOF"},
		{"gzip method", "\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x00", "", "bad gzip header: gzip: invalid header"},
		{"gzip cut", packed[:len(packed)-10], "", "bad gzip data at unpacked byte 8000: unexpected EOF"},
		{"gzip sum", string(broken), "", "bad gzip data at unpacked byte 8000: gzip: invalid checksum"},
		{"gzip with a tail", packed + "tail", "", "bad gzip data at unpacked byte 8000: unexpected EOF"},

		{"CSV ragged", "0,1\n0,1\n0\n", "", "line 3: 1 cell by commas, want 2 as in line 1"},
		{"CSV narrower than its header", "a,b,c\n0,1\n", "", "line 2: 2 cells, but the header in line 1 has 3"},
		{"CSV text", "0,1\n0,one\n", "", `row 2 (line 2), column 2: "one", want a number`},
		{"CSV text in row 1", "0,one\n0,1\n", "", `line 1: "0,one": names of columns, or values?`},
		{"CSV long text", "0\n" + strings.Repeat("x", 50), "",
			`row 2 (line 2), column 1: "` + strings.Repeat("x", 40) + `"..., want a number`},
		{"CSV lines in a cell", "0\n\"a\nb\"\n", "", `row 2 (line 2), column 1: "a\nb", want a number`},
		{"CSV second header", "a,b\nc,d\n", "", `row 1 (line 1), column 1: "a", want a number`},
		{"CSV empty cell", "0,1\n,1\n", "", "row 2 (line 2), column 1: a missing cell, want a value"},
		{"CSV last comma", "0,1\n0,1,\n", "", "line 2: 3 cells by commas, want 2 as in line 1; a separator too many at its end?"},
		{"CSV decimal commas", "0,5;1\n1,0;0,25\n", "", `row 1 (line 1), column 1: "0,5", want a number`},
		{"UTF-16 without a mark", "1\x00,\x000\x00\n\x00", "",
			"UTF-16 text without a byte order mark; convert it by: iconv -f UTF-16LE -t UTF-8"},
		{"CSV quote", "0,1\n0,1\"\n", "", `row 2 (line 2), column 2: "1\"", want a number`},
		{"CSV NaN", "a,b\n\n0,NaN\n,0\n", "", `row 1 (line 3), column 2 "b": a missing cell, the first of 2, want a value`},
		{"CSV Inf", "0,-Inf\n", "", "row 1 (line 1), column 2: -Inf, want a finite number"},
		{"CSV above 1", "0,1\n1.5,0\n", "", "numbers from 0 to 1.5, the first outside 0 to 1 in row 2 (line 2), column 1" + values},
		{"CSV below 0", "a,b\n0,1\n1,-1e-3\n", "",
			`numbers from -0.001 to 1, the first outside 0 to 1 in row 2 (line 3), column 2 "b"` + values},
		{"CSV beyond float32", "0,1e39\n", "", `line 1, column 2: "1e39", want a float32`},
		{"CSV header only", "a,b\n", "", "no rows, want at least one"},
		{"CSV blank lines", "\n\n", "", "no rows, want at least one"},
		{"CSV with a key", "0,1\n", "x", `array "x" of a file without named arrays`},

		{"libsvm of small integers", "1 1:5 2:3\n0 1:2 3:1\n", "",
			"integers from 0 to 5, the first outside 0 to 1 in row 1 (line 1), column 1" + values},

		{"NPY cut in the magic", "\x93NUMPY\x01", "", "ends at byte 7, want 10 bytes"},
		{"NPY cut in the length", "\x93NUMPY\x02\x00\x00\x00\x00", "", "ends at byte 11, want 12 bytes"},
		{"NPY cut in the header", "\x93NUMPY\x01\x00\x76\x00{'descr'", "", "ends at byte 18, want 128 bytes"},
		{"NPY version", "\x93NUMPY\x04\x00\x00\x00", "", "byte 6: NPY version 4, want 1 to 3"},
		{"NPY huge header", "\x93NUMPY\x02\x00\xff\xff\xff\xff", "", "byte 8: NPY header of 4294967295 bytes, want at most 65536"},
		{"NPY header", storetest.NPYFile("{'shape': (1, 2)}"), "",
			`byte 10: NPY header "{'shape': (1, 2)}", want descr, fortran_order and shape`},
		{"NPY negative", storetest.NPY("|u1", "(-1, 2)"), "", `byte 10: shape "(-1, 2)", want at most 64 integers from 0`},
		{"NPY text in shape", storetest.NPY("|u1", "(1, x)"), "", `byte 10: shape "(1, x)", want at most 64 integers from 0`},
		{"NPY dimensions", storetest.NPY("|u1", "("+strings.Repeat("1,", 65)+")", 1), "",
			`byte 10: shape "(` + strings.Repeat("1,", 19) + `1"..., want at most 64 integers from 0`},
		{"NPY overflow", storetest.NPY("|u1", "(4294967296, 4294967296)"), "",
			"byte 10: shape (4294967296, 4294967296), want one that fits into memory"},
		{"NPY claims 2⁴⁰ bytes", storetest.NPY("<f8", "(1048576, 131072)", 1, 2, 3), "",
			"ends at byte 84, want 1099511627857 bytes"},
		{"NPY with more data", storetest.NPY("|u1", "(1, 2)", 0, 1, 1), "", "goes on after byte 72, want the end of the file"},
		{"NPY vector", storetest.NPY("|u1", "(2,)", 0, 1), "", "one dimension of 2 values, want rows and columns"},
		{"NPY no rows", storetest.NPY("|u1", "(0, 2)"), "", "no rows, want at least one"},
		{"NPY no columns", storetest.NPY("<f4", "(2, 0)"), "", "no columns, want at least one"},
		{"NPY NaN", storetest.NPY("<f8", "(2, 2)", f64(half, half, half, nan)...), "", "row 2, column 2: a missing cell, want a value"},
		{"NPY Inf", storetest.NPY("<f8", "(1, 2)", f64(half, inf)...), "", "row 1, column 2: +Inf, want a finite number"},
		{"NPY beyond float32", storetest.NPY("<f8", "(1, 2)", f64(half, large)...), "",
			"element 2: 8.98846567431158e+307, want a float32"},
		{"NPY small integers", storetest.NPY("|u1", "(1, 2)", 0, 127), "",
			"integers from 0 to 127, the first outside 0 to 1 in row 1, column 2" + values},

		{"NPZ broken", "PK\x03\x04", "", "bad zip: zip: not a valid zip file"},
		{"NPZ cut", storetest.Zip(8, "x.npy", x)[:100], "", "bad zip: zip: not a valid zip file"},
		{"NPZ twice", storetest.Zip(8, "x.npy", x, "x.npy", x), "", `array "x" occurs twice, want different names`},
		{"NPZ key", storetest.Zip(8, "x.npy", x, "y.npy", y), "z", `no array "z", want one of "x", "y"`},
		{"NPZ no key", storetest.Zip(8, "x.npy", x, "y.npy", y), "",
			`2 arrays of 2 or 3 dimensions, want one of them as FILE:ARRAY: "x", "y"`},
		{"NPZ no matrix", storetest.Zip(8, "x.npy", storetest.NumPyScalar, "y.npy", storetest.NumPyVersion2), "",
			`no array of 2 or 3 dimensions among "x", "y", want one`},
		{"NPZ many", storetest.Zip(8, "1.npy", y, "2.npy", y, "3.npy", y, "4.npy", y, "5.npy", y, "6.npy", y,
			"7.npy", y, "8.npy", y, "9.npy", y), "",
			`9 arrays of 2 or 3 dimensions, want one of them as FILE:ARRAY: "1", "2", "3", "4", "5", "6", "7", "8", ...`},
		{"NPZ no NPY", storetest.Zip(8, "x.npy", "0,1,0,1,0,1,0,1"), "",
			`array "x": byte 0: 30 2c 31 2c 30 2c, want the NPY magic 93 4e 55 4d 50 59`},
		{"NPZ array cut", storetest.Zip(8, "x.npy", storetest.NPY("|u1", "(1, 2)", 1)), "",
			`array "x": ends at byte 71, want 72 bytes`},
		// In the last byte of x, behind the 30 bytes and the name of its header.
		{"NPZ flipped", flip(storetest.Zip(0, "x.npy", x), len("x.npy")+30+len(x)-1), "",
			`array "x": bad zip data at unpacked byte 72: zip: checksum error`},
		{"NPZ method", storetest.ZipMethod(storetest.Zip(0, "x.npy", x), 99), "", `array "x": zip: unsupported compression algorithm`},
		{"NPZ line in a name", storetest.Zip(8, "a\nb.npy", storetest.NumPyScalar), "",
			`no array of 2 or 3 dimensions among "a\nb", want one`},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "data", test.file)
		_, err := Open(path, Options{Key: test.key})
		if want := "dataset: " + path + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, want)
		}
	}
}

func TestOpenUnreadable(t *testing.T) {
	folder := t.TempDir()
	below := filepath.Join(storetest.WriteFile(t, "file", "0"), "x") // below a file
	tests := []struct{ spec, want string }{
		{"digitz", "dataset: digitz: no such file or directory, and no known data set (mnist, bars-and-stripes:N, penguins)"},
		{"", "dataset: : no such file or directory, and no known data set (mnist, bars-and-stripes:N, penguins)"},
		{folder, "dataset: " + folder + ": a folder without pictures, want PNG, JPEG, GIF, BMP, TIFF or WebP in it, or a file"},
		{below, "dataset: " + below + ": not a directory"},
		{os.DevNull, "dataset: " + os.DevNull + ": a device or pipe, want a regular file"},
	}
	for _, test := range tests {
		if _, err := Open(test.spec, Options{}); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, want %s", test.spec, err, test.want)
		}
	}
	if _, err := Open("digitz", Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v, want an error that is fs.ErrNotExist", err)
	}
}

// TestStandardInputOnce: standard input is one source of rows, also if a file is redirected to it, which could be read
// again.
func TestStandardInputOnce(t *testing.T) {
	path := storetest.WriteFile(t, "data", "0,1\n1,1\n")
	defer func(before *os.File) { os.Stdin = before }(os.Stdin)
	for _, test := range []struct {
		spec string
		opt  Options
		want string
	}{
		{"-", Options{}, ""},
		{"-", Options{BlockRows: 1}, ""},
		{"-", Options{Test: "-"}, "dataset: -: standard input is read once, want a file for the test rows"},
		{JoinSpecs("-", "-"), Options{}, "dataset: -: standard input is read once, want a file for the training rows"},
	} {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdin = file
		_, err = Open(test.spec, test.opt)
		file.Close()
		if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
			t.Errorf("%s %+v: got %v, want %s", test.spec, test.opt, err, test.want)
		}
	}
}

// flip changes one bit of byte i.
func flip(file string, i int) string {
	out := []byte(file)
	out[i] ^= 1
	return string(out)
}

// TestBombs: a tiny file that unpacks to a little more than the limit is refused: zeros behind a header.
func TestBombs(t *testing.T) {
	zeros := string(make([]byte, 64<<20)) // the limit of package store for a tiny file
	var file bytes.Buffer
	w, err := gzip.NewWriterLevel(&file, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("\x00\x00\x08\x02\x00\x00\x80\x00\x00\x00\x80\x00" + zeros)) // claims 2³⁰
	w.Close()
	claim := storetest.NPY("|u1", "(8192, 8192)") // which is 2²⁶
	tests := []struct{ name, file, want string }{
		{"gzip", file.String(), "unpacks to more than 67108864 bytes, want at most 256 times its size"},
		{"zip", storetest.Zip(8, "x.npy", claim+zeros),
			`array "x": unpacks to more than 67108864 bytes, want at most 256 times its size`},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "bomb", test.file)
		if _, err := Open(path, Options{}); err == nil || err.Error() != "dataset: "+path+": "+test.want {
			t.Errorf("%s: got %v, want dataset: %s: %s", test.name, err, path, test.want)
		}
	}
}
