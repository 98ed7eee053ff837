package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"harmonium/store/storetest"
)

func decodeString(file string, o Options) (Table, error) {
	return Decode(strings.NewReader(file), int64(len(file)), o)
}

func sameTable(a, b Table) bool {
	return slices.Equal(a.Shape, b.Shape) && slices.Equal(a.Bytes, b.Bytes) && slices.Equal(a.Floats, b.Floats)
}

// TestDecodePacked: each way of packing gives the rows of the plain file, and packed files may be packed again.
func TestDecodePacked(t *testing.T) {
	csv := storetest.PlainCSV
	npy := storetest.NPY("<f4", "(1, 2)", 0, 0, 0, 0, 0, 0, 0x80, 0x3f)
	npz := storetest.Zip(8, "x.npy", npy)
	tests := []struct{ name, packed, plain string }{
		{"gzip", storetest.Gzip(csv), csv},
		{"two gzip members", storetest.Gzip(csv) + storetest.Gzip(csv), csv + csv},
		{"bzip2", storetest.Bzip2, csv},
		{"two bzip2 streams", storetest.Bzip2 + storetest.Bzip2, csv + csv},
		{"xz", storetest.XZ(csv), csv},
		{"two xz streams", storetest.XZ(csv) + storetest.XZ(csv), csv + csv},
		{"zstd", storetest.Zstd(csv), csv},
		{"two zstd frames", storetest.Zstd(csv) + storetest.Zstd(csv), csv + csv},
		{"zstd of pzstd", "\x50\x2a\x4d\x18\x04\x00\x00\x00size" + storetest.Zstd(csv), csv},
		{"zip", storetest.Zip(8, "x.csv", csv), csv},
		{"zip, not compressed", storetest.Zip(0, "x.csv", csv), csv},
		{"zip of a folder on a Mac", storetest.Zip(8, "a/", "", "a/x.csv", csv, "a/.DS_Store", "-", "__MACOSX/a/._x.csv", "-"), csv},
		{"NPY in zstd", storetest.Zstd(npy), npy},
		{"NPZ in xz", storetest.XZ(npz), npy},
		{"NPZ in zip", storetest.Zip(8, "x.npz", npz), npy},
		{"xz in zip", storetest.Zip(8, "x.csv.xz", storetest.XZ(csv)), csv},
		{"gzip in gzip in gzip", storetest.Gzip(storetest.Gzip(storetest.Gzip(csv))), csv},
	}
	for _, test := range tests {
		want, err := decodeString(test.plain, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeString(test.packed, Options{})
		if err != nil || !sameTable(got, want) {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, want)
		}
	}
}

// blockXZ is the start of an xz file whose only block asks for a dictionary: 30 is the code of 2²⁷ bytes, which is
// maxWindow, and 31 of 3·2²⁶.
func blockXZ(dictionary byte) string {
	const header = xzMagic + "\x00\x04\xe6\xd6\xb4\x46" // of the stream: its flags, and their checksum
	// A block's header of 4·(2+1) bytes without optional sizes, and its filter: LZMA2 with one byte of properties.
	const block = "\x02\x00\x21\x01"
	return header + block + string(rune(dictionary)) + "\x00\x00\x00\x00\x00\x00\x00" // padding and checksum
}

// zstdLargeWindow is the start of a zstd file whose only frame asks for a window of 2³³ bytes: the code b8.
const zstdLargeWindow = "\x28\xb5\x2f\xfd\x00\xb8\x00\x00\x00"

func TestDecodePackedErrors(t *testing.T) {
	csv := storetest.PlainCSV
	long := strings.Repeat(csv, 1000)
	encrypted := strings.Replace(storetest.Zip(8, "a.csv", csv), "PK\x01\x02\x14\x00\x14\x00\x08",
		"PK\x01\x02\x14\x00\x14\x00\x09", 1) // bit 0
	tests := []struct{ name, file, want string }{
		{"bzip2 cut", storetest.Bzip2[:30], "bad bzip2 data at unpacked byte 0: unexpected EOF"},
		{"xz cut", storetest.XZ(long)[:60], "bad xz header: ends at byte 60 within an xz stream"},
		{"xz with a tail", storetest.XZ(csv) + "tail of bytes", "bad xz header: byte 68: 74 61 69 6c, want an xz stream"},
		{"xz with a large dictionary", blockXZ(31), "bad xz header: a dictionary of 201326592 bytes, want at most 134217728"},
		{"xz with a large dictionary in the second stream", storetest.XZ(csv) + blockXZ(31),
			"bad xz header: a dictionary of 201326592 bytes, want at most 134217728"},
		{"xz with a filter", strings.Replace(blockXZ(1), "\x21", "\x04", 1),
			"bad xz header: byte 13: a filter other than LZMA2, want what xz writes by itself"},
		{"zstd cut", storetest.Zstd(long)[:20], "bad zstd data at unpacked byte 0: unexpected EOF"},
		{"zstd with a large window", zstdLargeWindow, "bad zstd data at unpacked byte 0: window size exceeded"},
		{"four layers", storetest.Gzip(storetest.Gzip(storetest.Gzip(storetest.Gzip(csv)))), "compressed or packed more than 3 times"},
		{"empty zip", storetest.Zip(0), "a zip without files, want one with a table"},
		{"zip of folders", storetest.Zip(0, "a/", ""), "a zip without files, want one with a table"},
		{"zip of several", storetest.Zip(0, "a.csv", csv, "b.csv", csv), `a zip of 2 files, want one with a table: "a.csv", "b.csv"`},
		{"zip of pictures", storetest.Zip(0, "a/1.png", "", "a/2.JPG", ""), "a zip of 2 pictures, want a folder with them"},
		{"zip with a bad table", storetest.Zip(8, "a.csv", "0,1\n0\n"),
			`"a.csv" in the zip: line 2: 1 cell by commas, want 2 as in line 1`},
		{"zip with a password", encrypted, `"a.csv" in the zip: encrypted, want a zip without a password`},
	}
	for _, test := range tests {
		if _, err := decodeString(test.file, Options{}); err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}

// TestReadTableFromPipes: a named pipe, a pipe, and a file as standard input give the same table as the file.
func TestReadTableFromPipes(t *testing.T) {
	want, err := decodeString(storetest.PlainCSV, Options{})
	if err != nil {
		t.Fatal(err)
	}
	named := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(named, 0o600); err != nil {
		t.Skip(err)
	}
	go os.WriteFile(named, []byte(storetest.Gzip(storetest.PlainCSV)), 0)
	if got, err := ReadTable(named, Options{}); err != nil || !sameTable(got, want) {
		t.Errorf("named pipe: got %v %v, want %v", got, err, want)
	}
	file, err := os.Open(storetest.WriteFile(t, "a.csv", storetest.PlainCSV))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w.WriteString(storetest.PlainCSV)
	w.Close()
	defer r.Close()
	for name, input := range map[string]*os.File{"redirected file": file, "pipe": r} {
		err := withPipe(input, "", nil, func(src io.ReaderAt, size int64) error {
			got, err := Decode(src, size, Options{})
			if err == nil && !sameTable(got, want) {
				err = errors.New("other rows")
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if null, err := os.Open(os.DevNull); err == nil {
		defer null.Close()
		if err := withPipe(null, "", nil, nil); err == nil || err.Error() != "a terminal or device, want a pipe or a redirected file" {
			t.Errorf("device: got %v, want an error about a device", err)
		}
	}
}

// TestXZCut: an xz file without its end is refused wherever it is cut, also between blocks, where the reader
// would take the end of the file for the end of the data.
func TestXZCut(t *testing.T) {
	file := []byte(storetest.XZ(storetest.PlainCSV))
	for n := 1; n < len(file); n++ {
		if err := checkXZ(bytes.NewReader(file[:n]), int64(n)); err == nil {
			t.Errorf("first %d of %d bytes: accepted", n, len(file))
		}
	}
}
