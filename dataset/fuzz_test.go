package dataset

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"harmonium/store"
	"harmonium/store/storetest"
)

// checkRows reads a file of any bytes. The reader must return an error of one line, or rows that
// have the properties of Rows.
func checkRows(t *testing.T, file []byte, key string) {
	table, err := store.Decode(bytes.NewReader(file), int64(len(file)), store.Options{Key: key})
	if err != nil {
		return
	}
	m, err := newMatrix(table, "data")
	if err != nil {
		checkMessage(t, err)
		return
	}
	rows, err := (&loader{}).rows(m, &Origin{Files: []string{"data"}})
	if err != nil {
		checkMessage(t, err)
		return
	}
	if rows.N < 1 || rows.V < 1 || len(rows.Bytes)+len(rows.Floats) != rows.N*rows.V {
		t.Fatalf("got %d bytes and %d floats, want %d x %d of one of them", len(rows.Bytes), len(rows.Floats), rows.N, rows.V)
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

// longestMessage limits the bytes of an error. The longest part is a list of 8 words, each of 40 bytes that shorten
// writes as \xff, with quotes, "..." and ", ", which is 1336 bytes. Beside it may stand a word and the name of a column
// of the same length, which is 330 bytes. That leaves 382 for other words.
const longestMessage = 2048

func checkMessage(t *testing.T, err error) {
	if message := err.Error(); message == "" || len(message) > longestMessage || strings.ContainsAny(message, "\r\n") {
		t.Fatalf("got message %q, want one line of at most %d bytes", message, longestMessage)
	}
}

// FuzzRows: see checkRows.
func FuzzRows(f *testing.F) {
	x := storetest.NPY("|u1", "(1, 2)", 0, 1)
	for _, seed := range []string{
		"0,1\n1,0\n", "a,b\n0.5,1e-3\n", "0,NaN\n", "Inf\n", "0x1p-2\r\n\r\n-0\n", "1 1:5 2:3\n0 1:2 3:1\n",
		"@attribute a real\n@data\n3\n{0 1}\n",
		storetest.IDX([]byte{2, 3}, 0, 1, 2, 3, 4, 255), storetest.IDX([]byte{2, 1, 2}, 0, 255, 255, 0), storetest.IDX([]byte{0, 2}),
		storetest.Gzip(storetest.IDX([]byte{1, 2}, 0, 1)), storetest.NumPyFortran, storetest.NPY("|u1", "(1, 2, 2)", 0, 1, 2, 255),
		storetest.NPY("<i8", "(0, 2)"), storetest.NPY("<f4", "(2, 0)"), storetest.Zip(8, "x.npy", x),
		storetest.Zip(8, "x.npy", x, "y.npy", storetest.NumPyFloat32),
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "x")
	}
	f.Fuzz(checkRows)
}

// FuzzTable: a text gives an error of one line, or a schema and rows. The schema, written and read, gives the
// same rows. bins is Inference.Bins; cells may be missing where it is even, and are an error where it is odd.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"a,b\nx,1.5\ny,2\nx,3\n", "\"a\n\",b\n0,TRUE\n1,no\n7,true\n", "1,a\n2,a\n3,b\n1,c\n", "a,b\n007,None\n7,0x1p-2\n,1e30\n",
		"a,b\n-0,1e-30\n0,0\n1,-1e30\n", "a,a\n1,x\n2,y\n", "a;b\n\"\"\"\";0.1\n\" \";1\n", "@attribute a {p,q}\n@data\np\nq\n",
		"a,b\ntrue,t\nFALSE,T\nTrue,F\n",
	} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, file []byte, bins uint8) {
		table, err := store.Decode(bytes.NewReader(file), int64(len(file)), store.Options{Cells: true})
		if err != nil {
			return
		}
		m, err := newMatrix(table, "data")
		if err != nil {
			return
		}
		l := &loader{opt: Options{Infer: &Inference{Bins: int(bins)}, Missing: bins%2 == 0}}
		rows, err := l.table(m, &Origin{Files: []string{"data"}})
		if err != nil {
			checkMessage(t, err)
			return
		}
		again, err := ParseSchema(l.schema.Text())
		if err != nil {
			t.Fatalf("the schema\n%sis refused: %v", l.schema.Text(), err)
		}
		encoded, err := again.rows(m, nil, l.opt)
		if err != nil || !bytes.Equal(encoded.Bytes, rows.Bytes) || !slices.Equal(encoded.Floats, rows.Floats) ||
			!bytes.Equal(encoded.Missing, rows.Missing) {
			t.Fatalf("got %v, %v by the schema that was read, want %v", encoded, err, rows)
		}
		if len(again.UnitNames()) != rows.V || len(again.numbers()) != rows.V {
			t.Fatalf("got %d names for %d values", len(again.UnitNames()), rows.V)
		}
	})
}
