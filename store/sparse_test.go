package store

import (
	"math"
	"slices"
	"testing"

	"harmonium/store/storetest"
)

// TestSparse: the three formats of sparse matrices give the dense matrix
//
//	0 1 0 x
//	0 0 0 0
//	y 0 0 1
//
// with other x and y in each case. In coo the entries have the order y, 1, 1, x, and a fifth one adds to x.
func TestSparse(t *testing.T) {
	rows := []string{"indices.npy", storetest.Int32s(3, 1, 3, 0), "indptr.npy", storetest.Int32s(0, 2, 2, 4)} // entries x 1, 1 y
	columns := []string{"indices.npy", storetest.Int32s(2, 0, 2, 0), "indptr.npy", storetest.Int32s(0, 1, 2, 2, 4)}
	places := []string{"row.npy", storetest.Int32s(2, 0, 2, 0, 0), "col.npy", storetest.Int32s(0, 1, 3, 3, 3)}
	ones := storetest.NPY("|b1", "(4,)", 1, 1, 1, 1)
	tests := []struct {
		name, file string
		want       Table
	}{
		{"csr of bool", storetest.SciPy("csr", 3, 4, ones, rows...),
			Table{Bytes: []uint8{0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1}}},
		{"csr of reals", storetest.SciPy("csr", 3, 4, storetest.Float32s(0.5, 1, 1, -2), rows...),
			Table{Floats: []float32{0, 1, 0, 0.5, 0, 0, 0, 0, -2, 0, 0, 1}}},
		{"csc", storetest.SciPy("csc", 3, 4, storetest.Float32s(7, 1, 1, 255), columns...),
			Table{Bytes: []uint8{0, 1, 0, 255, 0, 0, 0, 0, 7, 0, 0, 1}}},
		{"coo", storetest.SciPy("coo", 3, 4, storetest.Int32s(7, 1, 1, 2, 3), places...),
			Table{Bytes: []uint8{0, 1, 0, 5, 0, 0, 0, 0, 7, 0, 0, 1}}},
		{"coo beyond a byte", storetest.SciPy("coo", 3, 4, storetest.Int32s(7, 1, 1, 200, 100), places...),
			Table{Floats: []float32{0, 1, 0, 300, 0, 0, 0, 0, 7, 0, 0, 1}}},
	}
	for _, test := range tests {
		test.want.Shape = []int{3, 4}
		got, err := decodeString(test.file, Options{})
		if err != nil || !sameTable(got, test.want) {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, test.want)
		}
	}
}

// TestSparseErrors: a matrix (3, 4) of four entries whose places do not fit is refused, with the array at fault.
func TestSparseErrors(t *testing.T) {
	four := storetest.Float32s(1, 1, 1, 1)
	csr := func(indices, starts string) string {
		return storetest.SciPy("csr", 3, 4, four, "indices.npy", indices, "indptr.npy", starts)
	}
	goodColumns, goodStarts := storetest.Int32s(3, 1, 3, 0), storetest.Int32s(0, 2, 2, 4)
	huge := storetest.SciPy("coo", math.MaxInt32, math.MaxInt32, storetest.Float32s(1),
		"row.npy", storetest.Int32s(0), "col.npy", storetest.Int32s(0))
	fewRows := storetest.SciPy("coo", 3, 4, four, "row.npy", storetest.Int32s(0), "col.npy", storetest.Int32s(0, 1, 2, 3))
	tests := []struct{ name, file, want string }{
		{"huge shape", huge, "shape (2147483647, 2147483647) with 1 entries, want at most 16777216 cells"},
		{"column", csr(storetest.Int32s(3, 1, 4, 0), goodStarts), `array "indices": element 3: 4, want an index below 4`},
		{"negative", csr(storetest.Int32s(3, -1, 3, 0), goodStarts),
			`array "indices": element 2: -1, want an integer from 0 to 2147483647`},
		{"few starts", csr(goodColumns, storetest.Int32s(0, 2, 4)), `array "indptr": 3 numbers, want 4`},
		{"falling starts", csr(goodColumns, storetest.Int32s(0, 2, 1, 4)),
			`array "indptr": element 3: 1, want numbers that rise from 0`},
		{"last start", csr(goodColumns, storetest.Int32s(0, 2, 2, 5)), `array "indptr": ends with 5, want the number of entries 4`},
		{"few rows", fewRows, `array "row": 1 numbers, want one for each of 4 entries`},
		{"no rows", storetest.SciPy("coo", 3, 4, four, "col.npy", storetest.Int32s(0, 1, 2, 3)),
			`a sparse matrix without the array "row"`},
		{"other format", storetest.SciPy("bsr", 3, 4, four), `a sparse matrix of format "bsr", want csr, csc or coo`},
	}
	for _, test := range tests {
		if _, err := decodeString(test.file, Options{}); err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}

// TestLibsvm: files with and without labels, and indices from 1 or 0. A file that is none is not taken for one.
func TestLibsvm(t *testing.T) {
	tests := []struct {
		name, file string
		want       Table
	}{
		{"labels", "+1 1:1 3:0.5\n-1\n\n+1 qid:7 2:1 # a comment\n", Table{Shape: []int{3, 3},
			Floats: []float32{1, 0, 0.5, 0, 0, 0, 0, 1, 0}, Labels: []string{"+1", "-1", "+1"}, Lines: []int{1, 2, 4}}},
		{"from 0", "a,b 0:1 2:1\nc 1:2", Table{Shape: []int{2, 3},
			Bytes: []uint8{1, 0, 1, 0, 2, 0}, Labels: []string{"a,b", "c"}, Lines: []int{1, 2}}},
		{"no labels", "1:1\n2:1\n", Table{Shape: []int{2, 2}, Bytes: []uint8{1, 0, 0, 1}, Lines: []int{1, 2}}},
		{"a byte order mark", "\ufeff+1 1:1\n+1 2:1\n", Table{Shape: []int{2, 2},
			Bytes: []uint8{1, 0, 0, 1}, Labels: []string{"+1", "+1"}, Lines: []int{1, 2}}},
	}
	for _, test := range tests {
		got, err := decodeString(test.file, Options{})
		if err != nil || !sameTable(got, test.want) {
			t.Errorf("%s: got %v %v, want %v", test.name, got, err, test.want)
		}
		if labels, lines := test.want.Labels, test.want.Lines; !slices.Equal(got.Labels, labels) || !slices.Equal(got.Lines, lines) {
			t.Errorf("%s: got labels %q and lines %v, want %q and %v", test.name, got.Labels, got.Lines, labels, lines)
		}
	}
	for file, want := range map[string]string{
		"1 1:1\n1 2:1 2:1\n":     "line 2: index 2 after 2, want rising ones",
		"1 1:1\n\n2:1 3:1\n":     `line 3: "2:1", want a label first as in line 1`,
		"1 1:1\n1 x:1\n":         `line 2: "x:1", want index:value`,
		"1 1:1\n1 3:y\n":         `line 2: "3:y", want a number behind the colon`,
		"1 1:1\n1 2147483647:1":  `line 2: "2147483647:1", want index:value`,
		"1 1:1\n1 1000000000:1 ": "shape (2, 1000000000) with 2 entries, want at most 16777216 cells",
	} {
		if _, err := decodeString(file, Options{}); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", file, err, want)
		}
	}
	for _, file := range []string{"2020-01-01 12:30 0.5 1\n", "0 1 1\n", "# 1:1\n0,1\n", "\n\n\n"} {
		if isLibsvm([]byte(file)) {
			t.Errorf("%q: taken for libsvm", file)
		}
	}
}
