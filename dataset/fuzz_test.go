package dataset

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// checkDecoded reads a file of any bytes. It must be refused in one line, or give
// rows that keep what Rows promises.
func checkDecoded(t *testing.T, file []byte, key string) {
	table, err := decode(bytes.NewReader(file), int64(len(file)), decoding{key: key})
	if err != nil {
		checkMessage(t, err)
		return
	}
	if n, ok := elements(table.shape); !ok || n != len(table.bytes)+len(table.floats) {
		t.Fatalf("got %d bytes and %d floats, want those of shape %v", len(table.bytes), len(table.floats), table.shape)
	}
	rows, err := table.rows()
	if err != nil {
		checkMessage(t, err)
		return
	}
	if rows.N < 1 || rows.V < 1 || len(rows.Bytes)+len(rows.Floats) != rows.N*rows.V {
		t.Fatalf("got %d bytes and %d floats, want those of %d x %d", len(rows.Bytes), len(rows.Floats), rows.N, rows.V)
	}
	for i, x := range values(rows) {
		if !(x >= 0 && x <= 1) {
			t.Fatalf("got %v at %d, want a value in [0,1]", x, i)
		}
	}
	if rows.Floats != nil && rows.Binary() {
		t.Fatal("got states as floats, want them as bytes")
	}
}

func checkMessage(t *testing.T, err error) {
	if message := err.Error(); message == "" || len(message) > 600 || strings.ContainsAny(message, "\r\n") {
		t.Fatalf("got message %q, want one line of at most 600 bytes", message)
	}
}

func FuzzIDX(f *testing.F) {
	for _, seed := range []string{
		idxOf([]byte{2, 3}, 0, 1, 2, 3, 4, 255), idxOf([]byte{2, 1, 2}, 0, 255, 255, 0), idxOf([]byte{2}, 0, 9),
		idxOf([]byte{0, 2}), idxOf([]byte{9, 9, 9}, 1), "\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00",
		gzipOf(idxOf([]byte{1, 2}, 0, 1)), "\x1f\x8b\x08",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkDecoded(t, file, "") })
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"0,1\n1,0\n", "a,b\n0.5,1e-3\n", "\ufeff\"a\"\n1\n", "0,NaN\n", "Inf\n", "1,2\n3\n", "\"", ",\n", "1e99\n", "0x1p-2\r\n\r\n-0\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		checkDecoded(t, file, "")
		a, err := ReadCSV(bytes.NewReader(file), "fuzz")
		if err != nil {
			checkMessage(t, err)
			return
		}
		var again bytes.Buffer
		if err := WriteCSV(&again, a); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadCSV(&again, "again"); err != nil || !sameArray(got, a) {
			t.Fatalf("got %v %v, want %v", got, err, a)
		}
	})
}

func FuzzNPY(f *testing.F) {
	for _, seed := range []string{
		numpyFloat32, numpyFortran, numpyVersion2, numpyScalar, npyOf("|u1", "(1, 2, 2)", 0, 1, 2, 255), npyOf("<i8", "(0, 2)"),
		npyOf("|O", "(1, 2)", 0, 0), npyOf("|u1", "(9999999999, 9999999999)"), npyFile("{}"), "\x93NUMPY\x03\x00\xff\xff\xff\xff",
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
		if got, err := ReadNPY(&again, "again"); err != nil || !samePattern(got, a) {
			t.Fatalf("got %v %v, want %v", got, err, a)
		}
	})
}

func FuzzNPZ(f *testing.F) {
	x := npyOf("|u1", "(1, 2)", 0, 1)
	for _, seed := range []string{
		zipOf(0, "x.npy", x), zipOf(8, "x.npy", x), zipOf(8, "x.npy", x, "y.npy", numpyFloat32), zipOf(0, "a", "b"),
		zipOf(0), zipOf(0, "x.npy", x)[:80], zipMethod(zipOf(0, "x.npy", x), 9),
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "x")
	}
	f.Fuzz(func(t *testing.T, file []byte, key string) {
		checkDecoded(t, file, key)
		z, err := openNPZ(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			checkMessage(t, err)
			return
		}
		for _, name := range z.names {
			a, err := z.read(name)
			if err != nil {
				checkMessage(t, err)
				continue
			}
			var again bytes.Buffer
			if err := WriteNPZ(&again, []string{"x"}, map[string]Array{"x": a.array()}); err != nil {
				t.Fatal(err)
			}
			got, err := decodeNPZ(bytes.NewReader(again.Bytes()), int64(again.Len()), "x")
			if err != nil || !slices.Equal(got.shape, a.shape) || !samePattern(got.array(), a.array()) {
				t.Fatalf("got %v %v, want %v", got, err, a)
			}
		}
	})
}
